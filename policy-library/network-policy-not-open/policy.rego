# METADATA
# title: Network policies don't allow everything
# description: |
#   No rule of a NetworkPolicy lets in, or out, everything: a rule without peers and ports, or one whose peer is every
#   address (`0.0.0.0/0`, `::/0`, without exceptions) or every namespace, on every port. Such a policy looks like one and
#   limits nothing. A rule that names ports is left alone, and so is a direction that the policy doesn't limit.
# custom:
#   category: network
#   severity: medium
#   kinds: [networking.k8s.io/NetworkPolicy]
#   parameters: { type: object, additionalProperties: false, properties: {} }
#   remediation: |
#     Say who, and on which port:
#
#     ```yaml
#     spec:
#       ingress:
#         - from:
#             - podSelector: { matchLabels: { app: web } }
#           ports:
#             - { protocol: TCP, port: 8080 }
#     ```
#   standards:
#     - { framework: nsa-cisa-kubernetes-hardening-1.2, section: Network policies }
#     - { framework: pci-dss-4.0, section: 1.3.1 }
#     - { framework: iso-27001-2022, section: A.8.22 }
#   related: []
#   admission: deny
#   expand: false
package bylaw.network_policy_not_open

import data.lib.addresses
import data.lib.network_policies
import data.lib.objects

violation contains {
	"path": place.path,
	"found": place.found,
	"expected": "some peers, or some ports",
	"message": $"NetworkPolicy \"{input.review.name}\" {verbs[direction]} {place.what}; name the peers, or the ports.",
} if {
	some direction in network_policies.directions(spec)
	some i, rule in spec[lower(direction)]
	every_port(object.get(objects.object_or_empty(rule), "ports", null))
	place := open_place($"spec.{lower(direction)}[{i}]", objects.object_or_empty(rule), peers_fields[direction])
}

spec := objects.object_or_empty(object.get(input.review.object, "spec", null))

verbs := {"Ingress": "lets in", "Egress": "lets out"}

peers_fields := {"Ingress": "from", "Egress": "to"}

# No ports are all of them; so is one that has no number, or the whole range.
every_port(ports) if ports in {null, []}

every_port(ports) if {
	some port in ports
	object.get(port, "port", null) == null
}

every_port(ports) if {
	some port in ports
	port.port <= 1
	port.endPort == 65535
}

open_place(path, rule, field) := {"path": path, "found": rule, "what": "everything"} if {
	object.get(rule, field, null) in {null, []}
}

open_place(path, rule, field) := {
	"path": $"{path}.{field}[{places[0][0]}]",
	"found": rule[field][places[0][0]],
	"what": $"{places[0][1]}, on every port",
} if {
	places := [[i, what] | some i, peer in rule[field]; what := open_peer(peer)]
	count(places) > 0
}

open_peer(peer) := $"every address ({peer.ipBlock.cidr})" if {
	addresses.everything(peer.ipBlock.cidr)
	count(object.get(peer.ipBlock, "except", [])) == 0
}

open_peer(peer) := "every pod of every namespace" if {
	is_object(peer.namespaceSelector)
	network_policies.selects_all(peer.namespaceSelector)
	network_policies.selects_all(object.get(peer, "podSelector", null))
}
