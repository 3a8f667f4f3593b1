# Security contexts: what the pod says for all of its containers and each container may say for itself.
package lib.contexts

import data.lib.fixes
import data.lib.objects
import data.lib.pods

# places(entries, field, strict): where these containers' field stands that has to be right, as
# [{value, path, label, owner, entry}]; owner is what a finding says of whose it is. What holds for each container; with
# strict all that is written, in the pod too, even where every container says otherwise.
places(entries, field, false) := [place |
	some entry in entries
	said := pods.effective(entry, field)
	place := object.union(said, whose(entry))
]

places(entries, field, true) := array.concat(in_pod(entries, field), [place |
	some entry in entries
	value := object.get(entry.security, field, null)
	value != null
	place := object.union({"value": value, "path": $"{entry.path}.securityContext.{field}"}, whose(entry))
])

whose(entry) := {"label": pods.label(entry), "owner": {"container": entry.name}, "entry": entry}

in_pod(entries, field) := [{
	"value": value,
	"path": $"{pods.spec_path}.securityContext.{field}",
	"label": $"This {objects.kind}",
	"owner": {},
	"entry": null,
}] if {
	count(entries) > 0
	value := object.get(pods.pod_security, field, null)
	value != null
} else := []

# unset(entries, field): the containers for which neither they nor the pod say anything.
unset(entries, field) := [entry |
	some entry in entries
	not pods.effective(entry, field)
]

# put(place, keys, value): the fix that writes value at keys below the security context in which the place lies, as
# {fix}; {} for an ephemeral container, which can't be changed once it is there.
put(place, keys, value) := {"fix": fixes.put(pods.spec_pointer, pods.spec, below(keys), value)} if lies_in_pod(place)

else := {"fix": fixes.put(place.entry.pointer, place.entry.container, below(keys), value)} if can_change(place)

else := {}

# drop(place, keys): the fix that removes what stands there, as {fix}; {} for an ephemeral container.
drop(place, keys) := {"fix": fixes.drop(pods.spec_pointer, below(keys))} if lies_in_pod(place)

else := {"fix": fixes.drop(place.entry.pointer, below(keys))} if can_change(place)

else := {}

below(keys) := array.concat(["securityContext"], keys)

lies_in_pod(place) if startswith(place.path, $"{pods.spec_path}.securityContext.")

can_change(place) if place.entry.list != "ephemeralContainers"
