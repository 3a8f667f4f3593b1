# The numbers of the user and the group that containers run as.
package lib.ids

import data.lib.fixes
import data.lib.pods

# finding(entry, field, parameters): what is wrong with a container's user (field runAsUser) or group (runAsGroup) by
# allowed_ranges and allow_unset; undefined if nothing is.
finding(entry, field, parameters) := object.union(fix_for(entry, said, field, parameters.allowed_ranges), {
	"path": said.path,
	"found": said.value,
	"expected": expected(parameters),
	"message": $"{pods.label(entry)} {fault(said, field)}; {advice(field, parameters.allowed_ranges)}.",
	"container": entry.name,
}) if {
	said := effective(entry, field)
	not fits(said, parameters)
}

# effective(entry, field): what holds for a container: {value, path, source}; value is null where the image decides.
# Kubernetes runs a container that has a user but no group with group 0.
effective(entry, field) := object.union(said, {"source": "said"}) if {
	said := pods.effective(entry, field)
} else := {"value": 0, "path": unset_path(entry, field), "source": "implied"} if {
	field == "runAsGroup"
	pods.effective(entry, "runAsUser")
} else := {"value": null, "path": unset_path(entry, field), "source": "image"}

unset_path(entry, field) := $"{entry.path}.securityContext.{field}"

fits(said, parameters) if {
	said.source == "image"
	parameters.allow_unset
}

fits(said, parameters) if {
	is_number(said.value)
	said.value == floor(said.value)
	some range in parameters.allowed_ranges
	said.value >= range.min
	said.value <= range.max
}

nouns := {"runAsUser": "user", "runAsGroup": "group"}

fault(said, field) := $"doesn't say which {nouns[field]} it runs as" if said.source == "image"

fault(said, field) := $"has a runAsUser but no {field}, which means {nouns[field]} 0, and that is not allowed" if {
	said.source == "implied"
}

fault(said, field) := $"runs as {nouns[field]} {said.value}, which is not allowed" if said.source == "said"

advice(field, ranges) := $"set {field} to a number that is allowed ({concat(", ", shown(ranges))})" if count(ranges) > 0

else := "the parameters allow none"

expected(parameters) := concat(" or ", choices) if {
	choices := array.concat(shown(parameters.allowed_ranges), [word | some word in ["unset"]; parameters.allow_unset])
	count(choices) > 0
} else := "nothing, since the parameters allow none"

shown(ranges) := [text | some range in ranges; text := bounds(range)]

bounds(range) := $"{range.min}" if range.min == range.max

else := $"{range.min}-{range.max}"

# A number can be written for the author only where one alone is allowed. What the pod says wrong has to change in the
# pod; an ephemeral container can't be changed once it is there.
fix_for(entry, said, field, ranges) := {"fix": fixes.put(pods.spec_pointer, pods.spec, ["securityContext", field], only(ranges))} if {
	startswith(said.path, $"{pods.spec_path}.securityContext.")
	only(ranges)
} else := {"fix": fixes.put(entry.pointer, entry.container, ["securityContext", field], only(ranges))} if {
	entry.list != "ephemeralContainers"
	only(ranges)
} else := {}

only([range]) := range.min if range.min == range.max
