# Health probes of containers.
package lib.probes

import data.lib.pods

handler_names := ["exec", "grpc", "httpGet", "tcpSocket"]

expected := "exactly one of httpGet, tcpSocket, exec or grpc"

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
