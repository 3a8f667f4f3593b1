# The RBAC objects that Kubernetes makes by itself: told by their name and their unchanged content, never by a label,
# which anybody can write.
package lib.bootstrap

import data.lib.default_cluster_roles as defaults
import data.lib.objects
import data.lib.rbac

is_rbac if objects.group == "rbac.authorization.k8s.io"

qualified_name := $"{input.review.namespace}/{input.review.name}"

# What Kubernetes makes under this kind and name; undefined if nothing.
original := defaults.cluster_roles[input.review.name] if {
	is_rbac
	objects.kind == "ClusterRole"
} else := defaults.roles[qualified_name] if {
	is_rbac
	objects.kind == "Role"
} else := defaults.cluster_role_bindings[input.review.name] if {
	is_rbac
	objects.kind == "ClusterRoleBinding"
} else := defaults.role_bindings[qualified_name] if {
	is_rbac
	objects.kind == "RoleBinding"
}

default own_rules := set()

# The rules that are Kubernetes' own, in canonical form: all of an unchanged role. A controller adds to the rules of an
# aggregated one, so there each rule is held against the original.
own_rules := canonical_rules(original) if original.aggregationRule == aggregation_rule

else := canonical_rules(original) if {
	not original.aggregationRule
	aggregation_rule == null
	canonical_rules(input.review.object) == canonical_rules(original)
}

aggregation_rule := object.get(input.review.object, "aggregationRule", null)

canonical_rules(role) := {rbac.canonical(rule) | some rule in rbac.rules(role)}

# Why a role is left alone; undefined for any other than an unchanged one.
unchanged_role := kept if {
	original
	canonical_rules(input.review.object) - own_rules == set()
	same_sources
}

same_sources if object.get(original, "aggregationRule", null) == aggregation_rule

# Why a binding is left alone; undefined for any other than an unchanged one.
unchanged_binding := kept if {
	original.roleRef == input.review.object.roleRef
	{subject | some subject in original.subjects} == {subject | some subject in input.review.object.subjects}
}

kept := $"Kubernetes itself makes {objects.kind} {input.review.name}, and nobody has changed it"
