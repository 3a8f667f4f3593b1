# Ports that pods take of their node.
package lib.host_ports

import data.lib.objects

# taken(spec, container, i): what the container's port i takes, as {ip, port, protocol, label}; undefined if nothing. Under
# hostNetwork a hostPort equal to the containerPort is what the API server fills in itself.
taken(spec, container, i) := {
	"ip": ip,
	"port": port.hostPort,
	"protocol": protocol,
	"label": $"{protocol} port {port.hostPort}{at(ip)}",
} if {
	port := container.ports[i]
	is_number(port.hostPort)
	port.hostPort != 0
	not filled_in(spec, port)
	ip := set_or(port, "hostIP", "0.0.0.0")
	protocol := set_or(port, "protocol", "TCP")
}

at("0.0.0.0") := ""

at(ip) := $" at {ip}" if ip != "0.0.0.0"

# all_taken(spec): all that the containers of a pod spec take, as [{ip, port, protocol, label}].
all_taken(spec) := [port |
	some list in ["containers", "initContainers"]
	some container in spec[list]
	some i, _ in container.ports
	port := taken(spec, container, i)
]

# overlap(a, b): only one of them can be had on a node.
overlap(a, b) if {
	a.port == b.port
	a.protocol == b.protocol
	addresses_overlap(a.ip, b.ip)
}

addresses_overlap(a, b) if a == b

addresses_overlap(a, b) if "0.0.0.0" in {a, b}

addresses_overlap(a, b) if {
	"::" in {a, b}
	contains(a, ":")
	contains(b, ":")
}

filled_in(spec, port) if {
	spec.hostNetwork == true
	port.hostPort == port.containerPort
}

set_or(holder, key, fallback) := fallback if object.get(holder, key, null) in {null, ""}

else := lower(holder[key]) if key == "hostIP"

else := holder[key]

# spec_of(object): the pod spec of a workload that runs pods, wherever its kind holds it; undefined if it has none.
spec_of(workload) := workload.spec if workload.kind == "Pod"

else := workload.spec.jobTemplate.spec.template.spec if workload.kind == "CronJob"

else := workload.spec.template.spec

# identity(object): by what owner references and messages tell objects apart.
identity(workload) := {
	"kind": workload.kind,
	"namespace": object.get(workload, ["metadata", "namespace"], ""),
	"name": object.get(workload, ["metadata", "name"], ""),
}

# owner(object): the identity of its controller, which lies in the same namespace; undefined if it has none.
owner(workload) := {"kind": reference.kind, "namespace": identity(workload).namespace, "name": reference.name} if {
	controllers := [reference |
		some reference in objects.object_or_empty(object.get(workload, "metadata", null)).ownerReferences
		reference.controller == true
	]
	reference := controllers[0]
}
