# METADATA
# title: Roles don't run programs in pods
# description: |
#   No rule of a Role or ClusterRole grants to run a program in a pod (create or get on `pods/exec`), to take over the one
#   that runs (`pods/attach`), or to put a container of one's own into it (update or patch on
#   `pods/ephemeralcontainers`): whoever holds it acts as the pod, with its files, its Secrets and its token. `pods` is not
#   `pods/exec`, but `*` is. A rule that resourceNames narrow is let pass.
#   An aggregated ClusterRole is judged by the rules that it stores, and by those of the ClusterRoles that its selectors
#   choose among the ones that are known. The roles that Kubernetes makes by itself are exempt while nobody has changed
#   them.
# custom:
#   category: access-control
#   severity: high
#   kinds: [rbac.authorization.k8s.io/Role, rbac.authorization.k8s.io/ClusterRole]
#   parameters: { type: object, additionalProperties: false, properties: {} }
#   remediation: |
#     Take the subresources out; who watches over an application reads its logs and its state:
#
#     ```yaml
#     rules:
#       - apiGroups: [""]
#         resources: [pods, pods/log]
#         verbs: [get, list, watch]
#     ```
#
#     People who have to look into a pod get the right for the time being, in one namespace, and each session is written
#     down by the API server's audit log.
#   standards:
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
package bylaw.rbac_pod_exec

import data.lib.bootstrap
import data.lib.denials

violation contains finding if some finding in denials.findings(denied, known, words)

skipped contains denials.unknown if not input.related.cluster_roles

not_applicable contains bootstrap.unchanged_role

default known := []

known := input.related.cluster_roles

denied := [
	{"api_groups": [""], "resources": ["pods/exec", "pods/attach"], "verbs": ["create", "get"]},
	{"api_groups": [""], "resources": ["pods/ephemeralcontainers"], "verbs": ["update", "patch"]},
]

words := {
	"lets": "run programs in any pod",
	"expected": "nothing on pods/exec, pods/attach and pods/ephemeralcontainers, or only on pods that resourceNames narrow",
	"advice": "take the subresource out, or narrow it by resourceNames",
}
