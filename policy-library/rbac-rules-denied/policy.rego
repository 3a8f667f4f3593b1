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
import data.lib.denials
import data.lib.rbac

violation contains {
	"path": $"rules[{own.index}].verbs[{j}]",
	"found": verb,
	"expected": expected,
	"message": $"{denials.label} grants {shown(denied)} by rules[{own.index}]{denials.origin(own.rule, gathered)}; {advice}",
} if {
	some own in denials.own_rules
	some j, verb in rbac.listed(own.rule, "verbs")
	denied := denials.denied_by(input.parameters.denied, own.rule, verb)
	count(denied) > 0
}

# What the aggregated role will grant once its rules are gathered.
violation contains {
	"path": "aggregationRule.clusterRoleSelectors",
	"found": entry.source,
	"expected": expected,
	"message": $"{denials.label} gathers rules[{entry.index}] of ClusterRole \"{entry.source}\", which grants {shown(denied)}; {advice}",
} if {
	some entry in denials.yet_to_come(gathered)
	denied := denials.denied_in(input.parameters.denied, entry.rule)
	count(denied) > 0
}

skipped contains "needs parameters: denied is empty" if count(input.parameters.denied) == 0

skipped contains denials.unknown if not input.related.cluster_roles

not_applicable contains bootstrap.unchanged_role

expected := "no rule that grants what is denied"

advice := "take it out, or narrow it by resourceNames."

gathered := denials.gathered(known)

default known := []

known := input.related.cluster_roles

shown(denied) := concat(", ", denied)
