# METADATA
# title: What comes in is taken by host
# description: |
#   An Ingress, a Gateway's listener and an HTTPRoute name the hosts that they take, each in full: not `*.example.com`,
#   and not every host, which is what it means to name none. Who takes hosts that nobody gave to him can be sent the
#   traffic of others. An HTTPRoute without hosts takes those of the listeners that it reaches, and is judged by them
#   where its Gateway is known. Listeners that carry no HTTP or TLS have no hosts.
# custom:
#   category: network
#   severity: medium
#   kinds:
#     - networking.k8s.io/Ingress
#     - gateway.networking.k8s.io/Gateway
#     - gateway.networking.k8s.io/HTTPRoute
#   parameters: { type: object, additionalProperties: false, properties: {} }
#   remediation: |
#     Name each host:
#
#     ```yaml
#     spec:
#       rules: # of an Ingress
#         - host: shop.example.com
#     ```
#
#     A listener of a Gateway has `hostname: shop.example.com`, an HTTPRoute `hostnames: [shop.example.com]`.
#   standards: []
#   related:
#     - name: gateways
#       kind: gateway.networking.k8s.io/Gateway
#       select: ref(spec.parentRefs[])
#       fields: [metadata.name, metadata.namespace, spec.listeners]
#       need: refines
#   admission: deny
#   expand: false
package bylaw.ingress_no_wildcard_host

import data.lib.gateways
import data.lib.ingresses
import data.lib.objects

violation contains finding(entry.path, entry.host, "") if {
	objects.kind == "Ingress"
	some entry in ingresses.hosts
	wide(entry.host)
}

violation contains finding($"spec.listeners[{i}].hostname", host, "") if {
	objects.kind == "Gateway"
	some i, listener in gateways.spec.listeners
	not object.get(listener, "protocol", null) in {"TCP", "UDP"}
	host := gateways.host_of(listener)
	wide(host)
}

violation contains finding($"spec.hostnames[{i}]", host, "") if {
	objects.kind == "HTTPRoute"
	some i, host in gateways.spec.hostnames
	wide(host)
}

violation contains finding("spec.hostnames", "", assumption) if {
	objects.kind == "HTTPRoute"
	count(gateways.parents) > 0
	count(object.get(gateways.spec, "hostnames", [])) == 0
	not narrowed
}

not_applicable contains "it has no listener that takes hosts" if {
	objects.kind == "Gateway"
	count([listener | some listener in gateways.spec.listeners; not object.get(listener, "protocol", null) in {"TCP", "UDP"}]) == 0
}

not_applicable contains "it attaches to no Gateway" if {
	objects.kind == "HTTPRoute"
	count(gateways.parents) == 0
}

finding(path, host, assumed) := {
	"path": path,
	"found": found(host),
	"expected": "a host in full",
	"message": $"This {objects.kind} takes {ingresses.shown(host)}{assumed}; name each host in full.",
}

found("") := null

found(host) := host if host != ""

wide("")

wide(host) if {
	is_string(host)
	contains(host, "*")
}

wide(host) if not is_string(host)

default known_gateways := []

known_gateways := input.related.gateways

# Every listener that it reaches names a host in full.
narrowed if {
	every parent in gateways.parents {
		listeners := gateways.attached(parent.reference, known_gateways)
		every listener in listeners {
			not wide(gateways.host_of(listener))
		}
	}
}

assumption := "" if {
	every parent in gateways.parents {
		gateways.attached(parent.reference, known_gateways)
	}
} else := " that its Gateway takes (the Gateway was not posted)"
