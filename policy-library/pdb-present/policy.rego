# METADATA
# title: Workloads with several copies have a disruption budget
# description: |
#   A Deployment or StatefulSet with at least `min_replicas` copies has a PodDisruptionBudget that selects its pods, so
#   that draining nodes doesn't take all copies at once. What counts is an autoscaler's minimum where one is known, else
#   `spec.replicas`, which is 1 where it is not set. Without a named cluster it is not known which budgets there are, and
#   the workload is skipped; so is one that was made less than 5 minutes ago, whose budget may still come.
# custom:
#   category: reliability
#   severity: low
#   kinds: [Deployment, StatefulSet]
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       min_replicas:
#         type: integer
#         minimum: 0
#         default: 2
#         description: From so many copies on a workload needs a budget.
#   remediation: |
#     Add a budget with the labels of the pods:
#
#     ```yaml
#     apiVersion: policy/v1
#     kind: PodDisruptionBudget
#     metadata: { name: app, namespace: shop }
#     spec:
#       maxUnavailable: 1
#       selector:
#         matchLabels: { app: app }
#     ```
#   standards:
#     - { framework: iso-27001-2022, section: A.8.14 }
#   related:
#     - name: disruption_budgets
#       kind: policy/PodDisruptionBudget
#       select: same_namespace
#       fields: [metadata.name, spec.selector]
#       need: complete
#     - name: horizontal_pod_autoscalers
#       kind: autoscaling/HorizontalPodAutoscaler
#       select: same_namespace
#       fields: [metadata.name, spec.scaleTargetRef, spec.minReplicas]
#       need: refines
#     - name: scaled_objects
#       kind: keda.sh/ScaledObject
#       select: same_namespace
#       fields: [metadata.name, spec.scaleTargetRef, spec.minReplicaCount]
#       need: refines
#   admission: none
#   expand: false
package bylaw.pdb_present

import data.lib.objects
import data.lib.replicas
import data.lib.selectors
import data.lib.settling

violation contains {
	"path": "metadata.name",
	"found": input.review.name,
	"expected": "a PodDisruptionBudget whose selector matches its pods",
	"message": $"{objects.kind} \"{input.review.name}\" runs with at least {replicas.counted(copies)} and has no PodDisruptionBudget, so a drained node may take all of them; add one that selects its pods.",
} if {
	not settling.reason
	not too_few
	input.related.disruption_budgets
	not covered
}

skipped contains "its PodDisruptionBudgets are not known: no cluster was named, or it is still being listed" if {
	not too_few
	not input.related.disruption_budgets
}

skipped contains $"{settling.reason}, and its PodDisruptionBudget may still come" if {
	settling.reason
	not too_few
	input.related.disruption_budgets
	not covered
}

not_applicable contains $"it runs with at least {replicas.counted(copies)}, and needs a budget from {input.parameters.min_replicas} on" if too_few

covered if {
	some budget in input.related.disruption_budgets
	selectors.matches(budget.spec.selector, replicas.labels)
}

too_few if {
	is_number(copies)
	copies < input.parameters.min_replicas
}

copies := replicas.least(replicas.autoscalers(horizontal, keda))

default horizontal := null

horizontal := input.related.horizontal_pod_autoscalers

default keda := null

keda := input.related.scaled_objects
