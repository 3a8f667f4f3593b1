# METADATA
# title: Autoscalers keep at least two replicas
# description: |
#   A HorizontalPodAutoscaler doesn't scale down to fewer than `min_replicas` copies, since the last one is lost with its
#   node. Unset, `minReplicas` is 1.
# custom:
#   category: reliability
#   severity: medium
#   kinds: [autoscaling/HorizontalPodAutoscaler]
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       min_replicas:
#         type: integer
#         minimum: 0
#         default: 2
#         description: The least number of copies to which may be scaled down.
#   remediation: |
#     Say the minimum:
#
#     ```yaml
#     spec:
#       minReplicas: 2
#       maxReplicas: 10
#     ```
#   standards:
#     - { framework: iso-27001-2022, section: A.8.14 }
#   related: []
#   admission: deny
#   expand: false
package bylaw.hpa_minimum_replicas

import data.lib.fixes
import data.lib.objects

violation contains {
	"path": "spec.minReplicas",
	"found": minimum,
	"expected": $">= {input.parameters.min_replicas}",
	"message": $"HorizontalPodAutoscaler \"{input.review.name}\" may scale {target} down to {minimum}; set minReplicas to at least {input.parameters.min_replicas}.",
	"fix": fixes.put("", input.review.object, ["spec", "minReplicas"], input.parameters.min_replicas),
} if {
	not enough
}

enough if {
	is_number(minimum)
	minimum >= input.parameters.min_replicas
}

spec := objects.object_or_empty(object.get(input.review.object, "spec", null))

minimum := 1 if object.get(spec, "minReplicas", null) == null

else := spec.minReplicas

target := $"{reference.kind} {reference.name}" if reference := spec.scaleTargetRef

else := "its target"
