# What RBAC rules grant, as the Kubernetes authorizer reads them. `*` is everything wherever it is a wildcard to the
# authorizer, in a rule as in what is asked; what `common_…` answers is what both sides mean, undefined if they share
# nothing. Source: k8s.io/kubernetes, pkg/apis/rbac/v1/evaluation_helpers.go and pkg/registry/rbac/validation/rule.go.
package lib.rbac

import data.lib.default_cluster_roles as defaults

rule_fields := ["apiGroups", "resources", "verbs", "resourceNames", "nonResourceURLs"]

# Requests with these verbs name no object, unless a subresource of one is created.
unnamed_verbs := {"create", "deletecollection", "list", "watch"}

# listed(rule, field): a list of the rule; empty where it has none.
listed(rule, field) := rule[field] if is_array(rule[field])

else := []

# rules(role): the rules that a Role or ClusterRole holds.
rules(role) := [rule | some rule in listed(role, "rules")]

# canonical(rule): the same for two rules that hold the same lists, in any order.
canonical(rule) := {field: {item | some item in listed(rule, field)} | some field in rule_fields}

# quote(rule): a rule as a message shows it.
quote(rule) := $"({concat(", ", parts)})" if {
	parts := [$"{field}: {json.marshal(items)}" |
		some field in rule_fields
		items := listed(rule, field)
		count(items) > 0
	]
}

common_verb(granted, asked) := common(granted, asked)

common_group(granted, asked) := common(granted, asked)

common(a, b) := a if a == b

common(a, "*") := a if a != "*"

common("*", b) := b if b != "*"

# A `*` has subresources too, `*/scale` is the scale of any resource, and `pods` is not `pods/exec`.
common_resource(granted, asked) := shared if {
	shared := common(granted, asked)
} else := asked if {
	any_holder(granted, asked)
} else := granted if {
	any_holder(asked, granted)
}

any_holder(pattern, resource) if {
	startswith(pattern, "*/")
	[_, subresource] := split(resource, "/")
	subresource == substring(pattern, 2, -1)
}

# A URL that ends in `*` is all that begin with what stands before it.
common_url(granted, asked) := asked if begins(granted, asked)

else := granted if begins(asked, granted)

begins(pattern, url) if pattern == url

begins(pattern, url) if {
	endswith(pattern, "*")
	startswith(trim_right(url, "*"), trim_right(pattern, "*"))
}

# contains_… (granted, asked): the rule's item has all of what is asked.
contains_item(granted, asked) if granted in {asked, "*"}

contains_resource(granted, asked) if contains_item(granted, asked)

contains_resource(granted, asked) if any_holder(granted, asked)

contains_url(granted, asked) if begins(granted, asked)

# names(rule): the objects to which it is narrowed; empty is every object.
names(rule) := listed(rule, "resourceNames")

narrowed(rule) if count(names(rule)) > 0

# grants_unnamed(rule, verb): the rule lets through requests that name no object. An empty name among its names does.
grants_unnamed(rule, _) if not narrowed(rule)

grants_unnamed(rule, verb) if {
	"" in names(rule)
	verb in unnamed_verbs
}

# can_name(verb, resource): requests with this verb can name an object.
can_name(verb, _) if not verb in {"create", "deletecollection"}

can_name("create", resource) if contains(resource, "/")

can_name("create", "*")

# grants(rule, verb, resource): whether the rule grants anything of a verb on a resource, however narrowed, except lists
# and watches that it narrows to one object.
grants(rule, verb, _) if grants_unnamed(rule, verb)

grants(rule, verb, resource) if {
	not verb in {"list", "watch"}
	can_name(verb, resource)
	some name in names(rule)
	name != ""
}

# usable_in_namespace(rule, verb, resource): whether a RoleBinding makes use of it. Cluster-scoped resources are out of
# its reach, except that requests for a Namespace by name are requests in that namespace, and that whether somebody may
# bind a ClusterRole is asked in the binding's namespace (pkg/registry/rbac/escalation_check.go).
usable_in_namespace(_, _, "*")

usable_in_namespace(_, verb, "clusterroles") if verb in {"bind", "*"}

usable_in_namespace(_, verb, resource) if {
	split(resource, "/")[0] == "namespaces"
	not verb in unnamed_verbs
}

usable_in_namespace(rule, _, resource) if {
	groups := object.get(defaults.cluster_scoped, split(resource, "/")[0], [])
	some group in listed(rule, "apiGroups")
	not cluster_scoped_in(groups, group)
}

cluster_scoped_in(groups, group) if group in groups

cluster_scoped_in(groups, "*") if count(groups) > 0
