# METADATA
# title: Roles grant nothing that is denied
# description: |
#   No rule of a Role or ClusterRole grants what an entry of `denied` names: by default reading Secrets, running programs
#   in pods, and everything at once. A rule grants the combinations of its apiGroups, resources and verbs, read as the
#   authorizer reads them: `*` is everything with its subresources, `*/scale` the scale of any resource, `pods` is not
#   `pods/exec`. With `match: any` an entry is hit where both meet; with `match: all` only where one rule grants all of
#   the entry. A rule that resourceNames narrow is let pass, unless the entry's `resource_names` match one of them.
#   An aggregated ClusterRole is judged by the rules that it stores, and by those of the ClusterRoles that its selectors
#   choose among the ones that are known. The roles that Kubernetes makes by itself are exempt while nobody has changed
#   them.
# custom:
#   category: access-control
#   severity: high
#   kinds: [rbac.authorization.k8s.io/Role, rbac.authorization.k8s.io/ClusterRole]
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       denied:
#         type: array
#         items:
#           type: object
#           additionalProperties: false
#           required: [api_groups, resources, verbs]
#           properties:
#             api_groups: { type: array, items: { type: string } }
#             resources: { type: array, items: { type: string, pattern: "^([*]|[a-z0-9.-]+)(/[a-z0-9.-]+)?$" } }
#             verbs: { type: array, minItems: 1, items: { type: string, minLength: 1 } }
#             resource_names: { type: array, items: { type: string, minLength: 1 } }
#             non_resource_urls: { type: array, items: { type: string, pattern: "^([*]|/.*)$" } }
#             match: { type: string, enum: [any, all], default: any }
#         default:
#           - { api_groups: [""], resources: [secrets], verbs: [get, list, watch] }
#           - { api_groups: [""], resources: [pods/exec], verbs: [create, get] }
#           - { api_groups: ["*"], resources: ["*"], verbs: ["*"], match: all }
#         description: >-
#           What no rule may grant. `""` is the core group, `*` everything there is. An entry about URLs outside of the
#           resources leaves `api_groups` and `resources` empty. `resource_names` are globs.
#   remediation: |
#     Take out of the rule what isn't needed. An application reads its own Secret by name:
#
#     ```yaml
#     rules:
#       - apiGroups: [""]
#         resources: [secrets]
#         resourceNames: [shop-database]
#         verbs: [get]
#     ```
#
#     Better, mount the Secret and grant nothing. People who have to look into a pod get `pods/exec` for the time being,
#     in one namespace. If the rule comes from another ClusterRole by aggregation, change that one, or its labels.
#   standards:
#     - { framework: cis-kubernetes-1.10, section: 5.1.2 }
#   related:
#     - name: cluster_roles
#       kind: rbac.authorization.k8s.io/ClusterRole
#       select: same_namespace
#       fields: [metadata.name, metadata.labels, rules, aggregationRule]
#       need: refines
#   admission: deny
#   expand: false
package bylaw.rbac_rules_denied

import data.lib.bootstrap
import data.lib.cluster_roles
import data.lib.globs
import data.lib.objects
import data.lib.rbac

violation contains {
	"path": $"rules[{i}].verbs[{j}]",
	"found": verb,
	"expected": expected,
	"message": $"{label} grants {shown(denials)} by rules[{i}]{origin(rule)}; {advice}",
} if {
	some i, rule in rbac.rules(input.review.object)
	some j, verb in rbac.listed(rule, "verbs")
	denials := denied_by(rule, verb)
	count(denials) > 0
	not rbac.canonical(rule) in bootstrap.own_rules
}

# What the aggregated role will grant once its rules are gathered.
violation contains {
	"path": "aggregationRule.clusterRoleSelectors",
	"found": entry.source,
	"expected": expected,
	"message": $"{label} gathers rules[{entry.index}] of ClusterRole \"{entry.source}\", which grants {shown(denials)}; {advice}",
} if {
	some entry in gathered
	denials := {denial | some verb in rbac.listed(entry.rule, "verbs"); some denial in denied_by(entry.rule, verb)}
	count(denials) > 0
	canonical := rbac.canonical(entry.rule)
	not canonical in bootstrap.own_rules
	not canonical in stored
}

skipped contains "needs parameters: denied is empty" if count(input.parameters.denied) == 0

skipped contains "its rules are gathered from other ClusterRoles, and none was posted" if {
	is_aggregated
	count(stored) == 0
	not input.related.cluster_roles
}

not_applicable contains bootstrap.unchanged_role

label := $"{objects.kind} \"{input.review.name}\""

expected := "no rule that grants what is denied"

advice := "take it out, or narrow it by resourceNames."

is_aggregated if {
	objects.kind == "ClusterRole"
	cluster_roles.is_aggregated(input.review.object)
}

stored := bootstrap.canonical_rules(input.review.object)

default gathered := []

gathered := cluster_roles.gathered(input.review.object, others) if is_aggregated

others := [role |
	some role in cluster_roles.with_defaults(known)
	role.metadata.name != input.review.name
]

default known := []

known := input.related.cluster_roles

# origin(rule): from where an aggregated role has a rule.
origin(_) := "" if not is_aggregated

origin(rule) := $", which comes from ClusterRole {concat(", ", names)}" if {
	is_aggregated
	canonical := rbac.canonical(rule)
	names := {$"\"{entry.source}\"" | some entry in gathered; rbac.canonical(entry.rule) == canonical}
	count(names) > 0
} else := ", which comes from a ClusterRole that isn't known here" if is_aggregated

# denied_by(rule, verb): what the rule grants by this verb of its and an entry denies, in words.
denied_by(rule, verb) := {denial |
	some entry in input.parameters.denied
	some denial in denials_of(entry, rule, verb)
}

denials_of(entry, rule, verb) := on_resources(entry, rule, verb) | on_urls(entry, rule, verb) if {
	object.get(entry, "match", "any") == "any"
} else := all_resources(entry, rule, verb) | all_urls(entry, rule, verb)

on_resources(entry, rule, verb) := {$"{words(common_verb)} on {words(resource)}" |
	some granted in rbac.listed(rule, "resources")
	some asked in entry.resources
	resource := rbac.common_resource(granted, asked)
	groups_meet(entry, rule)
	some asked_verb in entry.verbs
	common_verb := rbac.common_verb(verb, asked_verb)
	reaches(entry, rule, common_verb, resource)
}

groups_meet(entry, rule) if {
	some granted in rbac.listed(rule, "apiGroups")
	some asked in entry.api_groups
	rbac.common_group(granted, asked)
}

# reaches(entry, rule, verb, resource): the rule's resourceNames leave something of what the entry denies.
reaches(_, rule, verb, _) if rbac.grants_unnamed(rule, verb)

reaches(entry, rule, verb, resource) if {
	rbac.can_name(verb, resource)
	some name in rbac.names(rule)
	globs.any_text(entry.resource_names, name)
}

on_urls(entry, rule, verb) := {$"{words(common_verb)} on {common_url}" |
	objects.kind == "ClusterRole"
	some granted in rbac.listed(rule, "nonResourceURLs")
	some asked in entry.non_resource_urls
	common_url := rbac.common_url(granted, asked)
	some asked_verb in entry.verbs
	common_verb := rbac.common_verb(verb, asked_verb)
}

all_resources(entry, rule, verb) := {$"{listed(entry.verbs)} on {listed(entry.resources)}" |
	holds_one_of(entry, verb)
	count(entry.resources) > 0
	count(entry.api_groups) > 0
	every asked in entry.api_groups {
		some granted in rbac.listed(rule, "apiGroups")
		rbac.contains_item(granted, asked)
	}
	every asked in entry.resources {
		some granted in rbac.listed(rule, "resources")
		rbac.contains_resource(granted, asked)
	}
	holds_every_verb(entry, rule)
	every asked_verb in entry.verbs {
		some resource in entry.resources
		reaches(entry, rule, asked_verb, resource)
	}
}

all_urls(entry, rule, verb) := {$"{listed(entry.verbs)} on {listed(entry.non_resource_urls)}" |
	objects.kind == "ClusterRole"
	holds_one_of(entry, verb)
	count(entry.non_resource_urls) > 0
	every asked in entry.non_resource_urls {
		some granted in rbac.listed(rule, "nonResourceURLs")
		rbac.contains_url(granted, asked)
	}
	holds_every_verb(entry, rule)
}

holds_one_of(entry, verb) if {
	some asked in entry.verbs
	rbac.contains_item(verb, asked)
}

holds_every_verb(entry, rule) if {
	every asked in entry.verbs {
		some granted in rbac.listed(rule, "verbs")
		rbac.contains_item(granted, asked)
	}
}

shown(denials) := concat(", ", denials)

listed(items) := concat(", ", [words(item) | some item in items])

words(item) := "everything (*)" if item == "*"

else := item
