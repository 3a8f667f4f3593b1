# METADATA
# title: Gateways say whose routes they take
# description: |
#   No listener of a Gateway takes routes from every namespace: neither by `from: All` nor by a selector that selects
#   all. Who may write routes anywhere could else take the hosts of others. Unset is Same, the Gateway's own namespace.
# custom:
#   category: network
#   severity: medium
#   kinds: [gateway.networking.k8s.io/Gateway]
#   parameters: { type: object, additionalProperties: false, properties: {} }
#   remediation: |
#     Choose the namespaces by a label that only those who run the cluster may set:
#
#     ```yaml
#     listeners:
#       - name: https
#         allowedRoutes:
#           namespaces:
#             from: Selector
#             selector:
#               matchLabels: { expose: edge }
#     ```
#   standards:
#     - { framework: iso-27001-2022, section: A.8.22 }
#   related: []
#   admission: deny
#   expand: false
package bylaw.gateway_allowed_routes

import data.lib.gateways
import data.lib.objects

violation contains {
	"path": $"spec.listeners[{i}].allowedRoutes.namespaces.{place.field}",
	"found": place.found,
	"expected": "Same, or a Selector that selects some namespaces",
	"message": $"Listener \"{object.get(listener, "name", i)}\" of this Gateway {place.fault}; set allowedRoutes.namespaces.from to Same, or to Selector with labels.",
} if {
	some i, listener in gateways.spec.listeners
	place := fault(objects.object_or_empty(object.get(objects.object_or_empty(listener), ["allowedRoutes", "namespaces"], null)))
}

not_applicable contains "it has no listeners" if count(object.get(gateways.spec, "listeners", [])) == 0

# fault(namespaces): what is wrong, where; undefined if nothing is.
fault(namespaces) := {"field": "from", "found": "All", "fault": "takes routes from every namespace"} if {
	namespaces.from == "All"
} else := {"field": "from", "found": namespaces.from, "fault": "doesn't say in a known way whose routes it takes"} if {
	not object.get(namespaces, "from", null) in {null, "Same", "None", "Selector"}
} else := {"field": "selector", "found": namespaces.selector, "fault": "takes routes from every namespace, since its selector is empty"} if {
	namespaces.from == "Selector"
	is_object(namespaces.selector)
	count(object.get(namespaces.selector, "matchLabels", {})) == 0
	count(object.get(namespaces.selector, "matchExpressions", [])) == 0
}
