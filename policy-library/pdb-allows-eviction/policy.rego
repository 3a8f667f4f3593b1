# METADATA
# title: Disruption budgets let pods be evicted
# description: |
#   A PodDisruptionBudget leaves at least one pod that may be evicted; else no node that runs one can be drained, and
#   updates of the cluster stand still. `maxUnavailable: 0`, `minAvailable: 100%` and a budget that says neither allow
#   none. Where the workloads that it selects are known, `minAvailable` is also held against their copies: what
#   HorizontalPodAutoscalers may scale them down to, else their replicas. Where none is known, a number is taken for one
#   that leaves enough.
# custom:
#   category: reliability
#   severity: medium
#   kinds: [policy/PodDisruptionBudget]
#   parameters: { type: object, additionalProperties: false, properties: {} }
#   remediation: |
#     Say how many may be gone rather than how many must be there; that stays right when the number of copies changes:
#
#     ```yaml
#     spec:
#       maxUnavailable: 1
#       selector:
#         matchLabels: { app: app }
#     ```
#
#     A workload with a single copy gets a second one; until then it is better off without a budget.
#   standards:
#     - { framework: iso-27001-2022, section: A.8.14 }
#   related:
#     - name: workloads
#       kind:
#         - apps/Deployment
#         - apps/StatefulSet
#         - apps/ReplicaSet
#         - core/ReplicationController
#         - apps.openshift.io/DeploymentConfig
#         - argoproj.io/Rollout
#       select: same_namespace
#       fields: [kind, metadata.name, metadata.ownerReferences, spec.replicas, spec.template.metadata.labels]
#       need: refines
#     - name: horizontal_pod_autoscalers
#       kind: autoscaling/HorizontalPodAutoscaler
#       select: same_namespace
#       fields: [spec.scaleTargetRef, spec.minReplicas]
#       need: refines
#   admission: deny
#   expand: false
package bylaw.pdb_allows_eviction

import data.lib.objects
import data.lib.selectors
import data.lib.shares
import data.lib.workloads

violation contains {
	"path": $"spec.{field}",
	"found": value,
	"expected": "a budget that lets at least one pod be evicted, such as maxUnavailable: 1",
	"message": $"PodDisruptionBudget \"{input.review.name}\" {fault}, so that no pod may be evicted and its node can't be drained; set maxUnavailable to 1.",
	"fix": fix,
} if {
	fault
}

spec := objects.object_or_empty(object.get(input.review.object, "spec", null))

says(name) if object.get(spec, name, null) != null

# maxUnavailable wins where both are written, which the API server refuses.
field := "minAvailable" if {
	says("minAvailable")
	not says("maxUnavailable")
} else := "maxUnavailable"

value := object.get(spec, field, null)

share := shares.parse(value)

fault := "says neither minAvailable nor maxUnavailable" if {
	value == null
} else := $"gives a {field} that can't be read ({value})" if {
	not share
} else := $"allows {value} unavailable" if {
	field == "maxUnavailable"
	shares.is_zero(share)
} else := $"keeps {value} of its pods" if {
	field == "minAvailable"
	share.percent >= 100
} else := $"keeps {needed} of {total} ({workloads.named({workloads.label(workload) | some workload in budgeted})})" if {
	field == "minAvailable"
	total > 0
	needed >= total
}

needed := shares.rounded_up(share, total)

total := sum([workloads.copies(workload, autoscalers) | some workload in budgeted])

budgeted := [workload |
	some workload in input.related.workloads
	not workloads.controlled(workload)
	selectors.matches(object.get(spec, "selector", null), workloads.labels(workload))
]

default autoscalers := []

autoscalers := input.related.horizontal_pod_autoscalers

fix := [{"op": "replace", "path": "/spec/maxUnavailable", "value": 1}] if says("maxUnavailable")

else := [
	{"op": "remove", "path": "/spec/minAvailable"},
	{"op": "add", "path": "/spec/maxUnavailable", "value": 1},
] if {
	says("minAvailable")
}

else := [{"op": "add", "path": "/spec/maxUnavailable", "value": 1}]
