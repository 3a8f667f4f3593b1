# Files and folders of the node within pods: hostPath volumes, and where containers mount them.
package lib.host_mounts

import data.lib.objects
import data.lib.pods

# The hostPath volumes as {name, place, path}; place is where the volume names its path, "" stands for a path that it
# leaves out.
volumes := [{"name": name, "place": place, "path": path} |
	some i, volume in pods.spec.volumes
	source := object.get(volume, "hostPath", null)
	source != null
	name := object.get(volume, "name", "")
	place := $"{pods.spec_path}.volumes[{i}].hostPath.path"
	path := object.get(objects.object_or_empty(source), "path", "")
]

# What containers mount of them, as {volume, entry, index, place, mount}; index is that of the mount.
default mounts := []

mounts := [{
	"volume": volume,
	"entry": entry,
	"index": i,
	"place": place,
	"mount": mount,
} |
	some entry in pods.containers
	some i, mount in entry.container.volumeMounts
	some volume in volumes
	volume.name == mount.name
	place := $"{entry.path}.volumeMounts[{i}]"
] if {
	count(volumes) > 0
}

# folder(path): a path of the node in one spelling, without the slashes around it: "" is its root. /var/run is /run,
# and Windows' paths have slashes like all others.
folder(path) := concat("/", canonical(steps(path)))

# mounted_folder(mounted): what of the node a mount shows, in that spelling. What subPathExpr leaves is not known before
# the pod runs, so that it narrows nothing.
mounted_folder(mounted) := concat("/", canonical(array.concat(steps(mounted.volume.path), steps(sub_path)))) if {
	sub_path := object.get(mounted.mount, "subPath", "")
}

steps(path) := [step | some step in split(replace(path, "\\", "/"), "/"); not step in {"", "."}]

canonical(all_steps) := array.slice(all_steps, 1, count(all_steps)) if {
	all_steps[0] == "var"
	all_steps[1] == "run"
} else := all_steps
