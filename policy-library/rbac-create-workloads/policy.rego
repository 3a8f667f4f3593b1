# METADATA
# title: Roles don't start workloads
# description: |
#   No rule of a Role or ClusterRole grants create on pods, or on what makes pods: ReplicationControllers, Deployments,
#   StatefulSets, DaemonSets, ReplicaSets, Jobs, CronJobs, and the kinds of Argo Rollouts, OpenShift and Knative that do.
#   Whoever starts a pod chooses its ServiceAccount and mounts the Secrets of its namespace, so that he has the rights of
#   all of them; where nothing holds pods back, he has the node as well. create can't be narrowed by resourceNames.
#   An aggregated ClusterRole is judged by the rules that it stores, and by those of the ClusterRoles that its selectors
#   choose among the ones that are known. The roles that Kubernetes makes by itself are exempt while nobody has changed
#   them.
# custom:
#   category: access-control
#   severity: high
#   kinds: [rbac.authorization.k8s.io/Role, rbac.authorization.k8s.io/ClusterRole]
#   parameters: { type: object, additionalProperties: false, properties: {} }
#   remediation: |
#     Let the delivery pipeline alone start workloads, by a Role in each namespace that it delivers to, and waive that:
#
#     ```yaml
#     rules:
#       - apiGroups: [apps]
#         resources: [deployments]
#         resourceNames: [checkout]
#         verbs: [get, patch]
#     ```
#
#     A rule like this one changes a workload that is there, and starts none. Have the namespace enforce a Pod Security
#     Standard, so that a pod is no way to the node.
#   standards:
#     - { framework: cis-kubernetes-1.10, section: 5.1.4 }
#     - { framework: nsa-cisa-kubernetes-hardening-1.2, section: Role-based access control }
#     - { framework: iso-27001-2022, section: A.8.2 }
#   related:
#     - name: cluster_roles
#       kind: rbac.authorization.k8s.io/ClusterRole
#       select: same_namespace
#       fields: [metadata.name, metadata.labels, rules, aggregationRule]
#       need: refines
#   admission: deny
#   expand: false
package bylaw.rbac_create_workloads

import data.lib.bootstrap
import data.lib.denials

violation contains finding if some finding in denials.findings(denied, known, words)

skipped contains denials.unknown if not input.related.cluster_roles

not_applicable contains bootstrap.unchanged_role

default known := []

known := input.related.cluster_roles

denied := [
	{"api_groups": [""], "resources": ["pods", "replicationcontrollers"], "verbs": ["create"]},
	{"api_groups": ["apps"], "resources": ["daemonsets", "deployments", "replicasets", "statefulsets"], "verbs": ["create"]},
	{"api_groups": ["batch"], "resources": ["cronjobs", "jobs"], "verbs": ["create"]},
	{"api_groups": ["argoproj.io"], "resources": ["rollouts"], "verbs": ["create"]},
	{"api_groups": ["apps.openshift.io"], "resources": ["deploymentconfigs"], "verbs": ["create"]},
	{"api_groups": ["serving.knative.dev"], "resources": ["services"], "verbs": ["create"]},
]

words := {
	"lets": "start pods as any ServiceAccount of the namespace",
	"expected": "no create on pods, nor on what makes them",
	"advice": "list its verbs without create",
}
