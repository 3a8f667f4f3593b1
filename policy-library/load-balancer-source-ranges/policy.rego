# METADATA
# title: Load balancers say whom they let in
# description: |
#   A Service of type LoadBalancer lists in `loadBalancerSourceRanges` from where it may be reached, and doesn't list
#   everything (`0.0.0.0/0`, `::/0`). With `allowed_cidrs` every range lies within one of them. Unset, the whole internet
#   is let in. The older annotation `service.beta.kubernetes.io/load-balancer-source-ranges` counts where the field is
#   unset. Load balancers that an annotation of the cloud makes internal are not judged.
# custom:
#   category: network
#   severity: high
#   kinds: [core/Service]
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       allowed_cidrs:
#         type: array
#         items: { type: string, pattern: "^[0-9a-fA-F.:]+(/[0-9]{1,3})?$" }
#         default: []
#         description: >-
#           Ranges within which those of a Service have to lie, such as `203.0.113.0/24`. An empty list takes any but
#           everything.
#   remediation: |
#     List who has to reach it:
#
#     ```yaml
#     spec:
#       type: LoadBalancer
#       loadBalancerSourceRanges:
#         - 203.0.113.0/24
#     ```
#
#     What is meant for everybody goes behind an Ingress or a Gateway, whose own load balancer is waived here.
#   standards:
#     - { framework: nsa-cisa-kubernetes-hardening-1.2, section: Network separation and hardening }
#     - { framework: pci-dss-4.0, section: 1.3.1 }
#     - { framework: iso-27001-2022, section: A.8.20 }
#   related: []
#   admission: deny
#   expand: false
package bylaw.load_balancer_source_ranges

import data.lib.addresses
import data.lib.objects
import data.lib.services

violation contains {
	"path": "spec.loadBalancerSourceRanges",
	"found": object.get(services.spec, "loadBalancerSourceRanges", null),
	"expected": expected,
	"message": $"This Service opens a load balancer to the whole internet; list in loadBalancerSourceRanges {expected}.",
} if {
	judged
	count(ranges) == 0
}

violation contains {
	"path": entry.path,
	"found": entry.range,
	"expected": expected,
	"message": $"This Service lets in {entry.range}, {wrong}; list {expected}.",
} if {
	judged
	some entry in ranges
	wrong := fault(entry.range)
}

not_applicable contains $"it is a Service of type {services.type}, which has no load balancer" if services.type != "LoadBalancer"

not_applicable contains $"its annotation {min(services.internal_by)} makes the load balancer internal" if {
	services.type == "LoadBalancer"
	count(services.internal_by) > 0
}

judged if {
	services.type == "LoadBalancer"
	count(services.internal_by) == 0
}

annotation := "service.beta.kubernetes.io/load-balancer-source-ranges"

written := objects.metadata.annotations[annotation]

# Each range with its place; the annotation counts only where the field is empty.
ranges := [{"path": path, "range": range} |
	some i, range in services.spec.loadBalancerSourceRanges
	path := $"spec.loadBalancerSourceRanges[{i}]"
] if {
	count(services.spec.loadBalancerSourceRanges) > 0
} else := [{"path": $"metadata.annotations[\"{annotation}\"]", "range": trim_space(range)} |
	some range in split(written, ",")
	trim_space(range) != ""
] if {
	is_string(written)
} else := []

# fault(range): what is wrong with a range; undefined if nothing is.
fault(range) := "which is no CIDR range" if not addresses.well_formed(range)

else := "which is everybody" if addresses.everything(range)

else := "which is not within an allowed range" if {
	count(input.parameters.allowed_cidrs) > 0
	not addresses.within_any(input.parameters.allowed_cidrs, range)
}

expected := "the ranges that have to reach it" if count(input.parameters.allowed_cidrs) == 0

else := $"ranges within {concat(", ", input.parameters.allowed_cidrs)}"
