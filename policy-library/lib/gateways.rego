# Gateways of the Gateway API, and the routes that attach to them.
package lib.gateways

import data.lib.objects

spec := objects.object_or_empty(object.get(input.review.object, "spec", null))

# Protocols that carry HTTP, or that may.
http_protocols := {"HTTP", "HTTPS", "TLS"}

# The Gateways that a route names, each with its place.
parents := [{"path": $"spec.parentRefs[{i}]", "reference": reference} |
	some i, reference in spec.parentRefs
	object.get(reference, "kind", null) in {null, "Gateway"}
	object.get(reference, "group", null) in {null, "gateway.networking.k8s.io"}
]

# label(reference): how a message names a Gateway.
label(reference) := $"Gateway \"{object.get(reference, "name", "")}\""

# attached(reference, gateways): the listeners that a route reaches through one of its references, as its name, port and
# section say and as far as their hosts meet; undefined where that Gateway is not among those that were found.
attached(reference, gateways) := [listener |
	some listener in found.spec.listeners
	agrees(reference, "sectionName", listener, "name")
	agrees(reference, "port", listener, "port")
	hosts_meet(listener)
] if {
	some found in gateways
	found.metadata.name == reference.name
	namespace_of(found.metadata) == namespace_of(reference)
}

namespace_of(holder) := object.get(input.review, "namespace", "") if object.get(holder, "namespace", null) in {null, ""}

else := holder.namespace

agrees(reference, field, _, _) if object.get(reference, field, null) == null

agrees(reference, field, listener, name) if reference[field] == listener[name]

hosts_meet(_) if count(object.get(spec, "hostnames", [])) == 0

hosts_meet(listener) if {
	some host in spec.hostnames
	meets(host_of(listener), host)
}

# host_of(listener): "" stands for every host.
host_of(listener) := "" if object.get(listener, "hostname", null) == null

else := listener.hostname

# meets(a, b): some host fits both.
meets("", _)

meets(a, "") if a != ""

meets(a, b) if {
	a != ""
	a == b
}

meets(a, b) if {
	startswith(a, "*.")
	endswith(b, substring(a, 1, -1))
}

meets(a, b) if {
	startswith(b, "*.")
	endswith(a, substring(b, 1, -1))
}

# Every rule of the route sends to HTTPS instead of answering.
only_redirects if {
	count(spec.rules) > 0
	every rule in spec.rules {
		redirects(rule)
	}
}

redirects(rule) if {
	some filter in rule.filters
	filter.type == "RequestRedirect"
	filter.requestRedirect.scheme == "https"
}
