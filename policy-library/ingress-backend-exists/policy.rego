# METADATA
# title: What traffic is sent to is there
# description: |
#   Every Service that an Ingress or an HTTPRoute sends to is in its namespace (of a route: in the one that it names) and
#   has the port, by number or name; else who asks gets an error. Backends that are no Services are not looked for, nor
#   the ports of a Service of type ExternalName. Without a named cluster it is not known which Services there are, and
#   the object is skipped; so is one that was made less than 5 minutes ago, whose Services may still come.
# custom:
#   category: network
#   severity: medium
#   kinds: [networking.k8s.io/Ingress, gateway.networking.k8s.io/HTTPRoute]
#   parameters: { type: object, additionalProperties: false, properties: {} }
#   remediation: |
#     Name a Service that is there, with one of its ports:
#
#     ```yaml
#     backend:
#       service:
#         name: web
#         port: { number: 80 }
#     ```
#
#     The port is one of the Service's (`port`), not the container's (`targetPort`).
#   standards: []
#   related:
#     - name: default_backend
#       kind: core/Service
#       select: ref(spec.defaultBackend.service)
#       fields: [metadata.name, metadata.namespace, spec.type, spec.ports]
#       need: complete
#     - name: path_backends
#       kind: core/Service
#       select: "ref(spec.rules[].http.paths[].backend.service)"
#       fields: [metadata.name, metadata.namespace, spec.type, spec.ports]
#       need: complete
#     - name: older_default_backend
#       kind: core/Service
#       select: ref(spec.backend.serviceName)
#       fields: [metadata.name, metadata.namespace, spec.type, spec.ports]
#       need: complete
#     - name: older_path_backends
#       kind: core/Service
#       select: "ref(spec.rules[].http.paths[].backend.serviceName)"
#       fields: [metadata.name, metadata.namespace, spec.type, spec.ports]
#       need: complete
#     - name: route_backends
#       kind: core/Service
#       select: "ref(spec.rules[].backendRefs[])"
#       fields: [metadata.name, metadata.namespace, spec.type, spec.ports]
#       need: complete
#   admission: none
#   expand: false
package bylaw.ingress_backend_exists

import data.lib.objects
import data.lib.settling

violation contains finding if {
	not settling.reason
	known
	some finding in findings
}

skipped contains "the Services that it sends to are not known: no cluster was named, or it is still being listed" if {
	count(backends) > 0
	not known
}

skipped contains $"{settling.reason}, and its Services may still come" if {
	settling.reason
	known
	count(findings) > 0
}

not_applicable contains "it sends to no Service" if count(backends) == 0

known if count(input.related) > 0

services := [service | some relation in input.related; some service in relation]

namespace := object.get(input.review, "namespace", "")

spec := objects.object_or_empty(object.get(input.review.object, "spec", null))

findings contains {
	"path": backend.path,
	"found": backend.name,
	"expected": "the name of a Service that is there",
	"message": $"This {objects.kind} sends to Service \"{backend.name}\", which is not in namespace {backend.namespace}; create it, or name another.",
} if {
	some backend in backends
	count(named(backend)) == 0
}

findings contains {
	"path": backend.port_path,
	"found": backend.port,
	"expected": expected(named(backend)),
	"message": $"This {objects.kind} sends to port {backend.port} of Service \"{backend.name}\", which has none like it; use {expected(named(backend))}.",
} if {
	some backend in backends
	count(named(backend)) > 0
	backend.port != null
	not has_port(backend)
}

named(backend) := [service |
	some service in services
	service.metadata.name == backend.name
	object.get(service.metadata, "namespace", namespace) == backend.namespace
]

has_port(backend) if {
	some service in named(backend)
	open(service, backend.port)
}

# What stands behind an alias has the ports that it has.
open(service, _) if service.spec.type == "ExternalName"

open(service, port) if {
	is_number(port)
	some own in service.spec.ports
	own.port == port
}

open(service, port) if {
	is_string(port)
	some own in service.spec.ports
	own.name == port
}

expected(found) := "a port of the Service" if count(shown_ports(found)) == 0

else := concat(" or ", shown_ports(found))

shown_ports(found) := [shown |
	some service in found
	some port in service.spec.ports
	shown := shown_port(port)
]

shown_port(port) := $"{port.port} ({port.name})" if not object.get(port, "name", null) in {null, ""}

else := $"{port.port}"

# Each Service that is sent to, with the places of its name and port; port is null where it may be any.
backends contains backend if {
	objects.kind == "Ingress"
	some place in ingress_places
	backend := ingress_backend(place.path, place.backend)
}

backends contains {
	"path": $"spec.rules[{i}].backendRefs[{j}].name",
	"port_path": $"spec.rules[{i}].backendRefs[{j}].port",
	"name": reference.name,
	"namespace": object.get(reference, "namespace", namespace),
	"port": object.get(reference, "port", null),
} if {
	objects.kind == "HTTPRoute"
	some i, rule in spec.rules
	some j, reference in rule.backendRefs
	object.get(reference, "kind", null) in {null, "Service"}
	object.get(reference, "group", null) in {null, ""}
}

ingress_places contains {"path": $"spec.rules[{i}].http.paths[{j}].backend", "backend": path.backend} if {
	some i, rule in spec.rules
	some j, path in rule.http.paths
}

ingress_places contains {"path": $"spec.{field}", "backend": spec[field]} if some field in ["defaultBackend", "backend"]

ingress_backend(path, backend) := {
	"path": $"{path}.service.name",
	"port_path": $"{path}.service.port.{field}",
	"name": backend.service.name,
	"namespace": namespace,
	"port": port,
} if {
	[field, port] := service_port(object.get(backend.service, "port", null))
}

# Versions before networking.k8s.io/v1.
ingress_backend(path, backend) := {
	"path": $"{path}.serviceName",
	"port_path": $"{path}.servicePort",
	"name": backend.serviceName,
	"namespace": namespace,
	"port": object.get(backend, "servicePort", null),
}

# By this name AWS's controller finds what to do in an annotation; there is no such Service.
service_port(port) := ["name", port.name] if {
	is_string(port.name)
	port.name != "use-annotation"
}

service_port(port) := ["number", port.number] if {
	object.get(objects.object_or_empty(port), "name", null) in {null, ""}
	is_number(port.number)
}

service_port(port) := ["number", null] if {
	object.get(objects.object_or_empty(port), "name", null) in {null, ""}
	object.get(objects.object_or_empty(port), "number", null) == null
}
