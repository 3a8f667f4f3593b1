# METADATA
# title: Services claim no addresses of others
# description: |
#   A Service lists no `externalIPs` but those in `allowed`. Every node sends traffic for such an address to the Service,
#   whoever the address belongs to: who may write Services can so take over the traffic of others (CVE-2020-8554).
# custom:
#   category: network
#   severity: high
#   kinds: [core/Service]
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       allowed:
#         type: array
#         items: { type: string, pattern: "^[0-9a-fA-F.:]+(/[0-9]{1,3})?$" }
#         default: []
#         description: >-
#           Addresses that Services may claim, alone (`203.0.113.7`) or as a range (`203.0.113.0/28`).
#   remediation: |
#     Remove `externalIPs`, and let a load balancer bring the traffic:
#
#     ```yaml
#     spec:
#       type: LoadBalancer
#     ```
#   standards:
#     - { framework: nsa-cisa-kubernetes-hardening-1.2, section: Network separation and hardening }
#     - { framework: iso-27001-2022, section: A.8.20 }
#   related: []
#   admission: deny
#   expand: false
package bylaw.no_external_ips

import data.lib.addresses
import data.lib.services

violation contains object.union(fix, {
	"path": $"spec.externalIPs[{i}]",
	"found": address,
	"expected": expected,
	"message": $"This Service takes over the traffic for {address}{outside}; remove it from externalIPs.",
}) if {
	some i, address in services.spec.externalIPs
	not addresses.within_any(input.parameters.allowed, address)
}

none_allowed if count(input.parameters.allowed) == 0

expected := "no externalIPs" if none_allowed

else := $"an address within {concat(", ", input.parameters.allowed)}"

outside := "" if none_allowed

else := ", which is not an allowed address"

# Where one address goes, all go: the places of the others would move.
fix := {"fix": [{"op": "remove", "path": "/spec/externalIPs"}]} if {
	every address in services.spec.externalIPs {
		not addresses.within_any(input.parameters.allowed, address)
	}
} else := {}
