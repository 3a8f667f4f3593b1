# METADATA
# title: Every namespace has a LimitRange
# description: |
#   A namespace holds a LimitRange with at least one limit, so that containers which say nothing of their resources get
#   a request and a limit all the same, and none asks for more than a node has. Without a named cluster it is not known
#   which LimitRanges there are, and the namespace is skipped; so is one that was made less than 5 minutes ago, whose
#   LimitRange may still come.
# custom:
#   category: resources
#   severity: low
#   kinds: [core/Namespace]
#   parameters: { type: object, additionalProperties: false, properties: {} }
#   remediation: |
#     Add a LimitRange to the namespace:
#
#     ```yaml
#     apiVersion: v1
#     kind: LimitRange
#     metadata: { name: defaults, namespace: shop }
#     spec:
#       limits:
#         - type: Container
#           defaultRequest: { cpu: 100m, memory: 128Mi }
#           default: { memory: 256Mi }
#           max: { memory: 4Gi }
#     ```
#
#     It holds for pods that are made from then on.
#   standards:
#     - { framework: nsa-cisa-kubernetes-hardening-1.2, section: Resource policies }
#   related:
#     - name: limit_ranges
#       kind: core/LimitRange
#       select: same_namespace
#       fields: [metadata.name, spec.limits]
#       need: complete
#   admission: none
#   expand: false
package bylaw.namespace_limit_range_present

import data.lib.settling

violation contains {
	"path": "metadata.name",
	"found": input.review.name,
	"expected": "a namespace with a LimitRange that has limits in spec.limits",
	"message": $"Namespace \"{input.review.name}\" has {fault}, so that containers which say nothing of their resources get neither request nor limit; add one with spec.limits.",
} if {
	not settling.reason
	input.related.limit_ranges
	count(limiting) == 0
}

skipped contains "its LimitRanges are not known: no cluster was named, or it is still being listed" if not input.related.limit_ranges

skipped contains $"{settling.reason}, and its LimitRange may still come" if {
	input.related.limit_ranges
	count(limiting) == 0
}

limiting := [range |
	some range in input.related.limit_ranges
	count(range.spec.limits) > 0
]

fault := "no LimitRange" if count(input.related.limit_ranges) == 0

else := $"no LimitRange that limits anything ({concat(", ", names)}: spec.limits is empty)" if {
	names := {range.metadata.name | some range in input.related.limit_ranges}
}
