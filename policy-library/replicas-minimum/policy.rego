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

violation contains finding if {
	not owned
	some autoscaler in deciding
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
	"found": replicas,
	"expected": expected,
	"message": $"This {objects.kind} runs with {counted(replicas)}, and {assumption}; {advice}",
	"fix": fixes.put("", input.review.object, ["spec", "replicas"], input.parameters.min_replicas),
} if {
	not owned
	count(autoscalers) == 0
	replicas != 0
	not enough(replicas)
	advice := $"set spec.replicas to at least {input.parameters.min_replicas}."
}

not_applicable contains $"{owner.kind} {owner.name} controls it and sets its replicas" if {
	owned
	owner := objects.controller
}

not_applicable contains "it is scaled to 0 replicas and no autoscaler is known to raise them" if {
	count(autoscalers) == 0
	replicas == 0
}

expected := $">= {input.parameters.min_replicas}"

enough(number) if {
	is_number(number)
	number >= input.parameters.min_replicas
}

# The API server's default is 1.
replicas := 1 if object.get(input.review.object, ["spec", "replicas"], null) == null

else := input.review.object.spec.replicas

counted(1) := "1 replica"

counted(number) := $"{number} replicas" if {
	is_number(number)
	number != 1
}

counted(value) := "a number of replicas that is not a number" if not is_number(value)

owned if {
	objects.kind in {"ReplicaSet", "ReplicationController"}
	objects.controller
}

# Several autoscalers on one workload fight; the lowest minimum is what it can come down to.
deciding contains autoscaler if {
	some autoscaler in autoscalers
	autoscaler.minimum == min([other.minimum | some other in autoscalers])
}

autoscalers contains {
	"kind": "HorizontalPodAutoscaler",
	"name": object.get(scaler, ["metadata", "name"], "without name"),
	"field": "minReplicas",
	"minimum": set_or(scaler.spec, "minReplicas", 1),
} if {
	some scaler in input.related.horizontal_pod_autoscalers
	targets(scaler.spec.scaleTargetRef, null)
}

# KEDA: a target without kind is a Deployment, and an unset minReplicaCount is 0.
autoscalers contains {
	"kind": "ScaledObject",
	"name": object.get(scaler, ["metadata", "name"], "without name"),
	"field": "minReplicaCount",
	"minimum": set_or(scaler.spec, "minReplicaCount", 0),
} if {
	some scaler in input.related.scaled_objects
	targets(scaler.spec.scaleTargetRef, "Deployment")
}

targets(reference, default_kind) if {
	reference.name == input.review.name
	set_or(reference, "kind", default_kind) == objects.kind
}

set_or(object_, key, fallback) := object_[key] if object.get(object_, key, null) != null

else := fallback

assumption := "no autoscaler targets it" if {
	input.related.horizontal_pod_autoscalers
	input.related.scaled_objects
} else := "no autoscaler was posted"
