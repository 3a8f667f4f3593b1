# METADATA
# title: At least two replicas
# description: |
#   A workload that is meant to stay up has more than one copy, so that losing a node or updating it doesn't stop the
#   service. What counts is the least number of copies: an autoscaler's minimum where one is known (a
#   HorizontalPodAutoscaler or a KEDA ScaledObject), else `spec.replicas`, which is 1 where it is not set. A workload
#   scaled to 0 is switched off and is not judged, nor is a ReplicaSet or ReplicationController that another object
#   controls.
# custom:
#   category: reliability
#   severity: medium
#   kinds:
#     - Deployment
#     - StatefulSet
#     - ReplicaSet
#     - ReplicationController
#     - apps.openshift.io/DeploymentConfig
#     - argoproj.io/Rollout
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       min_replicas:
#         type: integer
#         minimum: 0
#         default: 2
#         description: The least number of copies that a workload may have.
#   remediation: |
#     Ask for at least two copies:
#
#     ```yaml
#     spec:
#       replicas: 2
#     ```
#
#     If an autoscaler sets the number, leave `replicas` out and raise the autoscaler's minimum: `minReplicas` of a
#     HorizontalPodAutoscaler, `minReplicaCount` of a ScaledObject. If the program can't run twice (it holds a lock or
#     writes to one volume), say so in a waiver with the reason.
#   standards:
#     - { framework: iso-27001-2022, section: A.8.14 }
#   related:
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
#   admission: deny
#   expand: false
package bylaw.replicas_minimum

import data.lib.fixes
import data.lib.objects
import data.lib.replicas

violation contains finding if {
	not replicas.owned
	some autoscaler in replicas.deciding(autoscalers)
	not enough(autoscaler.minimum)
	reach := $"may scale this {objects.kind} down to {autoscaler.minimum}"
	advice := $"set its {autoscaler.field} to at least {input.parameters.min_replicas}."
	finding := {
		"path": "spec.replicas",
		"found": autoscaler.minimum,
		"expected": expected,
		"message": $"{autoscaler.kind} \"{autoscaler.name}\" {reach}; {advice}",
	}
}

violation contains {
	"path": "spec.replicas",
	"found": replicas.written,
	"expected": expected,
	"message": $"This {objects.kind} runs with {replicas.counted(replicas.written)}, and {assumption}; {advice}",
	"fix": fixes.put("", input.review.object, ["spec", "replicas"], input.parameters.min_replicas),
} if {
	not replicas.owned
	count(autoscalers) == 0
	replicas.written != 0
	not enough(replicas.written)
	advice := $"set spec.replicas to at least {input.parameters.min_replicas}."
}

not_applicable contains $"{owner.kind} {owner.name} controls it and sets its replicas" if {
	replicas.owned
	owner := objects.controller
}

not_applicable contains "it is scaled to 0 replicas and no autoscaler is known to raise them" if {
	count(autoscalers) == 0
	replicas.written == 0
}

expected := $">= {input.parameters.min_replicas}"

enough(number) if {
	is_number(number)
	number >= input.parameters.min_replicas
}

autoscalers := replicas.autoscalers(horizontal, keda)

assumption := replicas.assumption(horizontal, keda)

default horizontal := null

horizontal := input.related.horizontal_pod_autoscalers

default keda := null

keda := input.related.scaled_objects
