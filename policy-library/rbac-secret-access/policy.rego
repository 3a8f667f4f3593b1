# METADATA
# title: Roles don't read every Secret
# description: |
#   No rule of a Role or ClusterRole grants get, list or watch on Secrets without naming which: whoever holds it reads
#   every password and token of the namespace, or of the cluster. list and watch show what is in them as much as get
#   does. A rule that resourceNames narrow is let pass.
#   An aggregated ClusterRole is judged by the rules that it stores, and by those of the ClusterRoles that its selectors
#   choose among the ones that are known. The roles that Kubernetes makes by itself are exempt while nobody has changed
#   them.
# custom:
#   category: access-control
#   severity: high
#   kinds: [rbac.authorization.k8s.io/Role, rbac.authorization.k8s.io/ClusterRole]
#   parameters: { type: object, additionalProperties: false, properties: {} }
#   remediation: |
#     Mount the Secret into the pod, and grant nothing. A program that has to read one by the API names it:
#
#     ```yaml
#     rules:
#       - apiGroups: [""]
#         resources: [secrets]
#         resourceNames: [shop-database]
#         verbs: [get]
#     ```
#
#     An operator that makes Secrets for others works in namespaces of its own: give it a Role in each, and waive that.
#   standards:
#     - { framework: cis-kubernetes-1.10, section: 5.1.2 }
#     - { framework: nsa-cisa-kubernetes-hardening-1.2, section: Role-based access control }
#     - { framework: iso-27001-2022, section: A.8.3 }
#     - { framework: pci-dss-4.0, section: 7.2.2 }
#   related:
#     - name: cluster_roles
#       kind: rbac.authorization.k8s.io/ClusterRole
#       select: same_namespace
#       fields: [metadata.name, metadata.labels, rules, aggregationRule]
#       need: refines
#   admission: deny
#   expand: false
package bylaw.rbac_secret_access

import data.lib.bootstrap
import data.lib.denials

violation contains finding if some finding in denials.findings(denied, known, words)

skipped contains denials.unknown if not input.related.cluster_roles

not_applicable contains bootstrap.unchanged_role

default known := []

known := input.related.cluster_roles

denied := [{"api_groups": [""], "resources": ["secrets"], "verbs": ["get", "list", "watch"]}]

words := {
	"lets": "read every Secret",
	"expected": "no get, list or watch on secrets, or one that resourceNames narrow",
	"advice": "take secrets out, or name those that are needed in resourceNames",
}
