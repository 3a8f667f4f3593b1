# METADATA
# title: Containers listen on unprivileged ports
# description: |
#   No container declares a port below `min_port`, by default 1024. On most systems only root, or who has the capability
#   NET_BIND_SERVICE, may listen there, and a container needs neither: a Service gives it any port outside.
# custom:
#   category: network
#   severity: low
#   kinds: ["@pod-spec"]
#   container_lists: [containers, initContainers, sidecars]
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       min_port:
#         type: integer
#         minimum: 1
#         maximum: 65535
#         default: 1024
#         description: The lowest port that a container may declare.
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
#     Let the program listen on a higher port, and the Service map it:
#
#     ```yaml
#     # container
#     ports:
#       - { name: http, containerPort: 8080 }
#     ---
#     # Service
#     spec:
#       ports:
#         - { port: 80, targetPort: http }
#     ```
#   standards: []
#   related: []
#   admission: deny
#   expand: false
package bylaw.privileged_ports

import data.lib.pods

violation contains {
	"path": $"{entry.path}.ports[{i}].containerPort",
	"found": number,
	"expected": $">= {input.parameters.min_port}",
	"message": $"{pods.label(entry)} {fault(number)}; let it listen on a port from {input.parameters.min_port} on, and map that in the Service.",
	"container": entry.name,
} if {
	some entry in pods.selected(pods.lasting_containers, input.parameters)
	some i, port in entry.container.ports
	number := object.get(port, "containerPort", null)
	number != null
	not high(number)
}

not_applicable contains reason if some reason in pods.not_judged(pods.lasting_containers, input.parameters)

high(number) if {
	is_number(number)
	number >= input.parameters.min_port
}

fault(number) := $"listens on port {number}, for which it may need rights of root" if {
	is_number(number)
	input.parameters.min_port <= 1024
} else := $"listens on port {number}, which is below {input.parameters.min_port}" if {
	is_number(number)
} else := "listens on a port that is no number"
