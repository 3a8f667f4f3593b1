# METADATA
# title: Roles are no way to more rights
# description: |
#   No rule of a Role or ClusterRole grants what makes any other right of it: to write roles beyond one's own (escalate),
#   to bind any role (bind), to act as somebody else (impersonate), to make tokens of any ServiceAccount
#   (`serviceaccounts/token`), to reach the kubelets past the API server (`nodes/proxy`), to approve certificates
#   (`certificatesigningrequests/approval`), to mount a node's disk by a volume of one's own (create on
#   persistentvolumes), to change every object on its way (webhook configurations), or to lift a namespace's Pod Security
#   Standard (patch and update on namespaces). In a Role counts only what a namespace has. A rule that resourceNames
#   narrow is let pass, except to bind cluster-admin and to act as system:masters.
#   An aggregated ClusterRole is judged by the rules that it stores, and by those of the ClusterRoles that its selectors
#   choose among the ones that are known. The roles that Kubernetes makes by itself are exempt while nobody has changed
#   them.
# custom:
#   category: access-control
#   severity: critical
#   kinds: [rbac.authorization.k8s.io/Role, rbac.authorization.k8s.io/ClusterRole]
#   parameters: { type: object, additionalProperties: false, properties: {} }
#   remediation: |
#     Take the verb or the resource out of the rule, or say on which objects:
#
#     ```yaml
#     rules:
#       - apiGroups: [rbac.authorization.k8s.io]
#         resources: [clusterroles]
#         resourceNames: [view, edit]
#         verbs: [bind]
#     ```
#
#     Figures of nodes are read by `nodes/metrics` in place of `nodes/proxy`. Operators that write webhook configurations
#     or volumes have to: keep those in their own namespace, narrow them to their own objects, and waive the rest.
#   standards:
#     - { framework: cis-kubernetes-1.10, section: 5.1.8 }
#     - { framework: cis-kubernetes-1.10, section: 5.1.9 }
#     - { framework: cis-kubernetes-1.10, section: 5.1.10 }
#     - { framework: cis-kubernetes-1.10, section: 5.1.11 }
#     - { framework: cis-kubernetes-1.10, section: 5.1.12 }
#     - { framework: cis-kubernetes-1.10, section: 5.1.13 }
#     - { framework: nsa-cisa-kubernetes-hardening-1.2, section: Role-based access control }
#     - { framework: iso-27001-2022, section: A.8.2 }
#     - { framework: pci-dss-4.0, section: 7.2.2 }
#   related:
#     - name: cluster_roles
#       kind: rbac.authorization.k8s.io/ClusterRole
#       select: same_namespace
#       fields: [metadata.name, metadata.labels, rules, aggregationRule]
#       need: refines
#   admission: deny
#   expand: false
package bylaw.rbac_escalation_verbs

import data.lib.bootstrap
import data.lib.denials
import data.lib.objects

violation contains finding if some finding in denials.findings(denied, known, words)

skipped contains denials.unknown if not input.related.cluster_roles

not_applicable contains bootstrap.unchanged_role

default known := []

known := input.related.cluster_roles

denied := array.concat(in_namespaces, in_cluster) if objects.kind == "ClusterRole"

else := in_namespaces

# What a RoleBinding makes use of as well: whether somebody may bind a ClusterRole is asked in the binding's namespace.
# Source: k8s.io/kubernetes, pkg/registry/rbac/escalation_check.go.
in_namespaces := [
	{"api_groups": [rbac_group], "resources": ["roles"], "verbs": ["escalate", "bind"]},
	{"api_groups": [rbac_group], "resources": ["clusterroles"], "verbs": ["bind"], "resource_names": ["cluster-admin"]},
	{"api_groups": [""], "resources": ["serviceaccounts"], "verbs": ["impersonate"]},
	{"api_groups": [""], "resources": ["serviceaccounts/token"], "verbs": ["create"]},
	{"api_groups": [""], "resources": ["namespaces"], "verbs": ["patch", "update"]},
]

in_cluster := [
	{"api_groups": [rbac_group], "resources": ["clusterroles"], "verbs": ["escalate"]},
	{"api_groups": [""], "resources": ["users"], "verbs": ["impersonate"]},
	{"api_groups": [""], "resources": ["groups"], "verbs": ["impersonate"], "resource_names": ["system:masters"]},
	{"api_groups": [""], "resources": ["nodes/proxy"], "verbs": ["*"]},
	{"api_groups": ["certificates.k8s.io"], "resources": ["certificatesigningrequests/approval"], "verbs": ["patch", "update"]},
	{"api_groups": [""], "resources": ["persistentvolumes"], "verbs": ["create"]},
	{
		"api_groups": ["admissionregistration.k8s.io"],
		"resources": ["mutatingwebhookconfigurations", "validatingwebhookconfigurations"],
		"verbs": ["create", "patch", "update"],
	},
]

rbac_group := "rbac.authorization.k8s.io"

words := {
	"lets": "take more rights",
	"expected": "no rule by which one takes more rights",
	"advice": "take that out, or narrow it by resourceNames",
}
