# METADATA
# title: Containers take no port of the node
# description: |
#   No container asks for a `hostPort`: it opens the container to whoever reaches the node, past Services and network
#   policies, and only one pod with that port fits on a node. `hostPort: 0` is the same as none. Under `hostNetwork` a
#   hostPort equal to the containerPort is what the API server fills in itself; that is the matter of no-host-network.
# custom:
#   category: network
#   severity: medium
#   kinds: ["@pod-spec"]
#   container_lists: [containers, initContainers, sidecars]
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       allowed_ranges:
#         type: array
#         items:
#           type: object
#           additionalProperties: false
#           required: [min, max]
#           properties:
#             min: { type: integer, minimum: 1, maximum: 65535 }
#             max: { type: integer, minimum: 1, maximum: 65535 }
#             protocol: { type: string, enum: [TCP, UDP, SCTP] }
#         default: []
#         description: >-
#           Ports of the node that may be taken, both ends included; without protocol, for every protocol.
#       strict_upstream:
#         type: boolean
#         default: false
#         description: >-
#           Whether to judge as the evaluator of the Pod Security Standards does: a hostPort fails under hostNetwork too,
#           whoever wrote it, and so does one of an ephemeral container.
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
#     Remove `hostPort` and reach the container through a Service:
#
#     ```yaml
#     apiVersion: v1
#     kind: Service
#     metadata: { name: app }
#     spec:
#       selector: { app: app }
#       ports:
#         - { port: 80, targetPort: 8080 }
#     ```
#
#     From outside the cluster use an Ingress, a Gateway or a Service of type LoadBalancer.
#   standards:
#     - { framework: pod-security-standards, section: baseline/hostPorts }
#     - { framework: cis-kubernetes-1.10, section: 5.2.13 }
#     - { framework: pci-dss-4.0, section: 2.2.4 }
#   related: []
#   admission: deny
#   expand: false
package bylaw.no_host_port

import data.lib.fixes
import data.lib.pods

violation contains object.union(fix_for(entry, i), {
	"path": $"{entry.path}.ports[{i}].hostPort",
	"found": taken,
	"expected": expected,
	"message": $"{pods.label(entry)} takes port {taken} of the node{outside}; remove hostPort and use a Service.",
	"container": entry.name,
}) if {
	some entry in pods.selected(looked_at, input.parameters)
	some i, port in entry.container.ports
	taken := object.get(port, "hostPort", null)
	not taken in {null, 0}
	not filled_in(port)
	not allowed(port)
}

not_applicable contains reason if some reason in pods.not_judged(looked_at, input.parameters)

# Ports can't be set on ephemeral containers: the API server refuses them.
looked_at := pods.containers if input.parameters.strict_upstream

else := pods.lasting_containers

filled_in(port) if {
	not input.parameters.strict_upstream
	pods.host_network
	port.hostPort == port.containerPort
}

allowed(port) if {
	some range in input.parameters.allowed_ranges
	port.hostPort >= range.min
	port.hostPort <= range.max
	protocol_fits(range, port)
}

protocol_fits(range, _) if not range.protocol

protocol_fits(range, port) if range.protocol == protocol_of(port)

# The API server's default is TCP.
protocol_of(port) := "TCP" if object.get(port, "protocol", null) in {null, ""}

else := port.protocol

none_allowed if count(input.parameters.allowed_ranges) == 0

expected := "no hostPort" if none_allowed

else := $"no hostPort, or one of {concat(", ", [shown(range) | some range in input.parameters.allowed_ranges])}"

outside := "" if none_allowed

else := ", which is not an allowed one"

shown(range) := $"{range.min}-{range.max}/{range.protocol}" if range.protocol

else := $"{range.min}-{range.max}"

# An ephemeral container can't be changed once it is there.
fix_for(entry, i) := {"fix": fixes.drop(entry.pointer, ["ports", i, "hostPort"])} if entry.list != "ephemeralContainers"

else := {}
