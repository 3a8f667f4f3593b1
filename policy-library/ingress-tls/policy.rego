# METADATA
# title: Traffic comes in by TLS
# description: |
#   Every host of an Ingress is covered by an entry of `spec.tls`: by name, by a wildcard, or by an entry without hosts,
#   which is for all; annotations by which clouds attach a certificate count too. A Gateway has for each plain HTTP
#   listener one with HTTPS or TLS for the same host. An HTTPRoute reaches a listener other than plain HTTP, unless all
#   that it does is to redirect to HTTPS. Where its Gateway is not known, port 80 is taken for plain HTTP and another
#   port for TLS; a route that names no port is then skipped. Ingresses by which certificates are obtained (ACME) are
#   exempt, and so are listeners that carry no HTTP.
# custom:
#   category: network
#   severity: medium
#   kinds:
#     - networking.k8s.io/Ingress
#     - gateway.networking.k8s.io/Gateway
#     - gateway.networking.k8s.io/HTTPRoute
#   parameters: { type: object, additionalProperties: false, properties: {} }
#   remediation: |
#     Give the Ingress a certificate for each of its hosts:
#
#     ```yaml
#     spec:
#       tls:
#         - { hosts: [shop.example.com], secretName: shop-tls }
#       rules:
#         - host: shop.example.com
#     ```
#
#     A Gateway gets a listener for HTTPS, and routes attach to that:
#
#     ```yaml
#     spec:
#       listeners:
#         - name: https
#           port: 443
#           protocol: HTTPS
#           hostname: shop.example.com
#           tls: { certificateRefs: [{ name: shop-tls }] }
#     ```
#   standards:
#     - { framework: nsa-cisa-kubernetes-hardening-1.2, section: Encryption }
#     - { framework: pci-dss-4.0, section: 4.2.1 }
#     - { framework: soc-2, section: CC6.7 }
#     - { framework: iso-27001-2022, section: A.8.24 }
#   related:
#     - name: gateways
#       kind: gateway.networking.k8s.io/Gateway
#       select: ref(spec.parentRefs[])
#       fields: [metadata.name, metadata.namespace, spec.listeners]
#       need: refines
#   admission: deny
#   expand: false
package bylaw.ingress_tls

import data.lib.gateways
import data.lib.ingresses
import data.lib.objects

violation contains {
	"path": "spec.tls",
	"found": object.get(ingresses.spec, "tls", null),
	"expected": $"an entry for {ingresses.shown(entry.host)}",
	"message": $"This Ingress takes {ingresses.shown(entry.host)} without TLS; add an entry with that host and a certificate to spec.tls.",
} if {
	objects.kind == "Ingress"
	not certificate_elsewhere
	not solver
	some entry in ingresses.hosts
	not covered(entry.host)
}

violation contains {
	"path": $"spec.listeners[{i}].protocol",
	"found": listener.protocol,
	"expected": "HTTPS, or a listener with HTTPS for the same host beside it",
	"message": $"Listener \"{object.get(listener, "name", i)}\" of this Gateway takes {ingresses.shown(gateways.host_of(listener))} by plain HTTP, and no other takes it by TLS; add a listener with the protocol HTTPS and a certificate.",
} if {
	objects.kind == "Gateway"
	some i, listener in gateways.spec.listeners
	carries_http(listener)
	not secure(listener)
	not secured(listener)
}

violation contains {
	"path": parent.path,
	"found": parent.reference,
	"expected": "a listener with HTTPS",
	"message": $"This HTTPRoute answers by plain HTTP, {why}; attach it to a listener with HTTPS, or let its rules only redirect there.",
} if {
	objects.kind == "HTTPRoute"
	not gateways.only_redirects
	some parent in gateways.parents
	why := plain(parent.reference)
}

skipped contains $"{gateways.label(parent.reference)}, to which it attaches, is not known, and it names no port" if {
	objects.kind == "HTTPRoute"
	not gateways.only_redirects
	some parent in gateways.parents
	not gateways.attached(parent.reference, known_gateways)
	object.get(parent.reference, "port", null) == null
}

not_applicable contains "a certificate is obtained by it (ACME)" if {
	objects.kind == "Ingress"
	solver
}

not_applicable contains "it has no listener that carries HTTP" if {
	objects.kind == "Gateway"
	count([listener | some listener in gateways.spec.listeners; carries_http(listener)]) == 0
}

not_applicable contains "it attaches to no Gateway" if {
	objects.kind == "HTTPRoute"
	count(gateways.parents) == 0
}

# cert-manager's answer to a challenge has to be readable without a certificate.
solver if objects.metadata.labels["acme.cert-manager.io/http01-solver"] == "true"

certificate_annotations := {
	"alb.ingress.kubernetes.io/certificate-arn",
	"appgw.ingress.kubernetes.io/appgw-ssl-certificate",
	"ingress.gcp.kubernetes.io/pre-shared-cert",
	"networking.gke.io/managed-certificates",
	"route.openshift.io/termination",
}

certificate_elsewhere if {
	some key in certificate_annotations
	object.get(ingresses.annotations, key, "") != ""
}

covered(host) if {
	some entry in ingresses.spec.tls
	covers(object.get(objects.object_or_empty(entry), "hosts", null), host)
}

covers(hosts, _) if hosts in {null, []}

covers(hosts, host) if {
	host != ""
	host in hosts
}

# A wildcard stands for one label, as in certificates.
covers(hosts, host) if {
	some pattern in hosts
	startswith(pattern, "*.")
	labels := split(host, ".")
	count(labels) > 1
	concat(".", array.slice(labels, 1, count(labels))) == substring(pattern, 2, -1)
}

carries_http(listener) if not object.get(listener, "protocol", null) in {"TCP", "UDP"}

secure(listener) if listener.protocol in {"HTTPS", "TLS"}

secured(listener) if {
	some other in gateways.spec.listeners
	secure(other)
	gateways.meets(gateways.host_of(other), gateways.host_of(listener))
}

default known_gateways := []

known_gateways := input.related.gateways

# plain(reference): why a route is taken for plain HTTP there, as part of a sentence; undefined if it isn't.
plain(reference) := $"since no listener of {gateways.label(reference)} that it reaches has TLS" if {
	listeners := gateways.attached(reference, known_gateways)
	count(listeners) > 0
	every listener in listeners {
		not secure(listener)
		carries_http(listener)
	}
}

plain(reference) := $"since it names port 80 of {gateways.label(reference)} (the Gateway was not posted, and port 80 was taken for plain HTTP)" if {
	not gateways.attached(reference, known_gateways)
	reference.port == 80
}
