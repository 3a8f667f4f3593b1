# METADATA
# title: Roles name what they grant
# description: |
#   No rule of a Role or ClusterRole holds a wildcard where `fields` looks: `*` grants whatever the cluster has and
#   whatever is installed in it later; `*/scale` is that subresource of everything. The roles that Kubernetes makes by
#   itself are exempt while nobody has changed them.
# custom:
#   category: access-control
#   severity: high
#   kinds: [rbac.authorization.k8s.io/Role, rbac.authorization.k8s.io/ClusterRole]
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       fields:
#         type: array
#         items: { type: string, enum: [api_groups, resources, verbs, non_resource_urls] }
#         minItems: 1
#         default: [api_groups, resources, verbs]
#         description: >-
#           The lists of a rule that may hold no wildcard.
#   remediation: |
#     Name what is needed, and nothing else:
#
#     ```yaml
#     rules:
#       - apiGroups: [apps]
#         resources: [deployments]
#         verbs: [get, list, watch]
#     ```
#
#     `kubectl api-resources` names groups and resources; the audit log of the API server says which requests an account
#     really makes.
#   standards:
#     - { framework: cis-kubernetes-1.10, section: 5.1.3 }
#   related: []
#   admission: deny
#   expand: false
package bylaw.rbac_no_wildcards

import data.lib.bootstrap
import data.lib.objects
import data.lib.rbac

violation contains {
	"path": $"rules[{i}].{field}[{j}]",
	"found": item,
	"expected": $"{nouns[field]} by name",
	"message": $"{objects.kind} \"{input.review.name}\" grants {reach(field, item)} in rules[{i}]; name what is needed.",
} if {
	some i, rule in rbac.rules(input.review.object)
	some name in input.parameters.fields
	field := fields[name]
	some j, item in rbac.listed(rule, field)
	is_wildcard(field, item)
	not rbac.canonical(rule) in bootstrap.own_rules
}

not_applicable contains bootstrap.unchanged_role

fields := {
	"api_groups": "apiGroups",
	"resources": "resources",
	"verbs": "verbs",
	"non_resource_urls": "nonResourceURLs",
}

nouns := {
	"apiGroups": "API groups",
	"resources": "resources",
	"verbs": "verbs",
	"nonResourceURLs": "URLs",
}

is_wildcard(_, "*")

is_wildcard("resources", item) if startswith(item, "*/")

is_wildcard("nonResourceURLs", item) if endswith(item, "*")

reach("apiGroups", _) := "every API group (*)"

reach("verbs", _) := "every verb (*)"

reach("resources", "*") := "every resource (*)"

reach("resources", item) := $"the subresource {substring(item, 2, -1)} of every resource ({item})" if item != "*"

reach("nonResourceURLs", "*") := "every URL (*)"

reach("nonResourceURLs", item) := $"every URL that begins with {trim_right(item, "*")} ({item})" if item != "*"
