# Health probes of containers.
package lib.probes

import data.lib.objects
import data.lib.pods

handler_names := ["exec", "grpc", "httpGet", "tcpSocket"]

expected := "exactly one of httpGet, tcpSocket, exec or grpc"

# Containers that may have probes; regular ones should.
probed := pods.in_lists({"containers", "sidecars"})

# handlers(probe): the ways to check that a probe gives; one that is null or {} is none.
handlers(probe) := [name |
	some name in handler_names
	is_object(probe[name])
	count(probe[name]) > 0
]

# finding(entry, field, harm): what is wrong with a container's probe; undefined if it has exactly one handler. harm
# says in a message what the lack of the probe does.
finding(entry, field, harm) := {
	"path": $"{entry.path}.{field}",
	"found": found,
	"expected": expected,
	"message": $"{pods.label(entry)} {fault(found, field, harm)}",
	"container": entry.name,
} if {
	found := object.get(entry.container, field, null)
	count(handlers(found)) != 1
}

fault(null, field, harm) := $"has no {field}, so {harm}; add one with httpGet, tcpSocket, exec or grpc."

fault(probe, field, _) := $"has a {field} that doesn't say how to check; give it httpGet, tcpSocket, exec or grpc." if {
	probe != null
	count(handlers(probe)) == 0
}

fault(probe, field, _) := $"has a {field} with {count(names)} ways to check ({shown}); keep exactly one." if {
	names := handlers(probe)
	count(names) > 1
	shown := concat(", ", names)
}

# check(container, probe): what a probe looks at, with the API's defaults filled in and a port's name replaced by its
# number, so that two that look at the same thing are equal; undefined if it hasn't exactly one handler.
check(container, probe) := filled(container, names[0], probe[names[0]]) if {
	names := handlers(probe)
	count(names) == 1
}

filled(_, "exec", handler) := {"by": "exec", "command": object.get(handler, "command", null)}

filled(_, "grpc", handler) := {
	"by": "grpc",
	"port": object.get(handler, "port", null),
	"service": set_or(handler, "service", ""),
}

filled(container, "tcpSocket", handler) := {
	"by": "tcpSocket",
	"port": number_of(container, object.get(handler, "port", null)),
	"host": set_or(handler, "host", ""),
}

filled(container, "httpGet", handler) := {
	"by": "httpGet",
	"port": number_of(container, object.get(handler, "port", null)),
	"host": set_or(handler, "host", ""),
	"path": set_or(handler, "path", "/"),
	"scheme": set_or(handler, "scheme", "HTTP"),
	"headers": set_or(handler, "httpHeaders", []),
}

# The kubelet looks a port's name up in the container that is probed.
number_of(container, port) := numbers[0] if {
	is_string(port)
	numbers := [declared.containerPort |
		some declared in container.ports
		declared.name == port
	]
} else := port

set_or(holder, key, fallback) := fallback if object.get(holder, key, null) in {null, ""}

else := holder[key]

# number(probe, field, fallback): a number of a probe; 0 is the same as unset.
number(probe, field, fallback) := fallback if object.get(objects.object_or_empty(probe), field, null) in {null, 0}

else := probe[field]
