# METADATA
# title: Probes use ports that the container declares
# description: |
#   The port that a probe asks (`httpGet`, `tcpSocket`, `grpc`) is one of the container's own `ports`. A name that
#   isn't among them makes the probe fail for ever; a number that isn't is often a slip, and hides from everyone who
#   reads the manifest, network policies included. Probes that ask another host are left alone. Looks at liveness,
#   readiness and startup probes of containers and sidecars in workloads that are kept running.
# custom:
#   category: reliability
#   severity: low
#   kinds: ["@long-running"]
#   container_lists: [containers, sidecars]
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       exclude_containers:
#         type: array
#         items: { type: string, pattern: "^[A-Za-z0-9*-]+$" }
#         default: []
#         description: >-
#           Names of containers that are not judged; `*` stands for any run of characters, as in `istio-*`.
#       exclude_images:
#         type: array
#         items: { type: string, pattern: "^[A-Za-z0-9._/:@*+-]+$" }
#         default: []
#         description: >-
#           Image references whose containers are not judged, compared with the reference as written, in full
#           (`docker.io/library/nginx:1.27`) and without tag and digest (`docker.io/library/nginx`). `*` stays within
#           one part between slashes, `**` crosses them, as in `registry.example.com/platform/**`.
#   remediation: |
#     Declare the port, and use its name:
#
#     ```yaml
#     containers:
#       - name: app
#         ports:
#           - { name: http, containerPort: 8080 }
#         readinessProbe:
#           httpGet: { path: /ready, port: http }
#     ```
#   standards: []
#   related: []
#   admission: deny
#   expand: false
package bylaw.probe_port_declared

import data.lib.pods
import data.lib.probes

violation contains {
	"path": $"{entry.path}.{field}.{name}.port",
	"found": port,
	"expected": expected(entry.container),
	"message": $"{pods.label(entry)} {fault(field, port)}; declare it in ports, or use one that is there.",
	"container": entry.name,
} if {
	pods.long_running
	some entry in pods.selected(probes.probed, input.parameters)
	some field in ["livenessProbe", "readinessProbe", "startupProbe"]
	some name in ["grpc", "httpGet", "tcpSocket"]
	name in probes.handlers(object.get(entry.container, field, null))
	handler := entry.container[field][name]
	asks_the_container(handler)
	port := object.get(handler, "port", null)
	not declared(entry.container, port)
}

not_applicable contains pods.not_long_running

not_applicable contains reason if some reason in pods.not_judged(probes.probed, input.parameters)

asks_the_container(handler) if object.get(handler, "host", null) in {null, "", "localhost", "127.0.0.1", "::1"}

declared(container, port) if {
	is_string(port)
	some own in container.ports
	own.name == port
}

declared(container, port) if {
	is_number(port)
	some own in container.ports
	own.containerPort == port
	object.get(own, "protocol", null) in {null, "", "TCP"}
}

ports_of(container) := [shown |
	some own in container.ports
	shown := shown_port(own)
]

shown_port(port) := $"{port.name} ({port.containerPort})" if not object.get(port, "name", null) in {null, ""}

else := $"{port.containerPort}"

expected(container) := "a port that the container declares" if count(ports_of(container)) == 0

else := $"one of {concat(", ", ports_of(container))}"

fault(field, null) := $"has a {field} that names no port"

fault(field, port) := $"is asked by its {field} on the port \"{port}\", which it doesn't declare, so that the probe always fails" if is_string(port)

fault(field, port) := $"is asked by its {field} on port {port}, which it doesn't declare" if {
	port != null
	not is_string(port)
}
