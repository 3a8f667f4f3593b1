# METADATA
# title: Pods mount nothing of the node
# description: |
#   No pod mounts a file or folder of its node (`hostPath`): through it a container reads the secrets of other pods
#   and of the kubelet, and where it may write, it takes over the node. Folders that `allowed_paths` lists may be
#   mounted; unless `read_only` is off, only for reading, which every container that mounts one has to say (`readOnly:
#   true`). A volume that only excluded containers mount is not judged.
# custom:
#   category: security
#   severity: high
#   kinds: ["@pod-spec"]
#   container_lists: [containers, initContainers, sidecars, ephemeralContainers]
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       allowed_paths:
#         type: array
#         items: { type: string, pattern: "^(/|[A-Za-z]:|\\*$)" }
#         default: []
#         description: >-
#           Files and folders of the node that may be mounted, each with all that is below it: `/var/log` allows
#           `/var/log/pods`, not `/var/logs`. `*` alone allows everything. A path with `..` is never allowed.
#       read_only:
#         type: boolean
#         default: true
#         description: >-
#           Whether what is allowed may be mounted only for reading.
#       strict_upstream:
#         type: boolean
#         default: false
#         description: >-
#           Whether to judge as the evaluator of the Pod Security Standards does: at the restricted level a volume
#           that is of a harmless type as well, which the API server refuses, is the matter of volume-types alone.
#       upstream_level:
#         type: string
#         enum: [baseline, restricted]
#         default: restricted
#         description: >-
#           Whose rule `strict_upstream` follows; without it, of no account.
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
#     Use a volume that is the pod's own:
#
#     ```yaml
#     volumes:
#       - name: data
#         persistentVolumeClaim:
#           claimName: data
#       - name: scratch
#         emptyDir: {}
#     ```
#
#     An agent that has to read the node's files, such as a log shipper, gets just the folder that it reads, and only
#     for reading:
#
#     ```yaml
#     containers:
#       - name: log-shipper
#         volumeMounts:
#           - name: logs
#             mountPath: /var/log
#             readOnly: true
#     volumes:
#       - name: logs
#         hostPath: { path: /var/log }
#     ```
#
#     Then `/var/log` goes into `allowed_paths`. `local` persistent volumes give a disk of the node without its other
#     files.
#   standards:
#     - { framework: pod-security-standards, section: baseline/hostPathVolumes }
#     - { framework: cis-kubernetes-1.10, section: 5.2.12 }
#     - { framework: nsa-cisa-kubernetes-hardening-1.2, section: Pod security enforcement }
#     - { framework: iso-27001-2022, section: A.8.3 }
#     - { framework: pci-dss-4.0, section: 2.2.6 }
#   related: []
#   admission: deny
#   expand: false
package bylaw.host_path_volumes

import data.lib.fixes
import data.lib.objects
import data.lib.pods
import data.lib.volumes

judged := pods.selected(pods.containers, input.parameters)

# Those that reach into the node.
mounted := [object.union(volume, {"host_path": path}) |
	some volume in volumes.all
	source := object.get(volume.volume, "hostPath", null)
	source != null
	path := object.get(objects.object_or_empty(source), "path", null)
]

violation contains {
	"path": $"{volume.path}.hostPath.path",
	"found": volume.host_path,
	"expected": expected,
	"message": $"Volume \"{volume.name}\" mounts {shown(volume)} of the node{outside}; use a volume of another type.",
} if {
	some volume in mounted
	not allowed(volume)
	not left_out(volume)
	not of_harmless_type(volume)
}

violation contains object.union(fix_for(entry, k), {
	"path": $"{entry.path}.volumeMounts[{k}].readOnly",
	"found": object.get(mount, "readOnly", null),
	"expected": true,
	"message": $"{pods.label(entry)} can write to {volume.host_path} of the node; set readOnly to true in the mount of \"{volume.name}\".",
	"container": entry.name,
}) if {
	input.parameters.read_only
	some volume in mounted
	allowed(volume)
	some entry in judged
	some k, mount in entry.container.volumeMounts
	mount.name == volume.name
	object.get(mount, "readOnly", null) != true
}

not_applicable contains reason if some reason in pods.not_judged(pods.containers, input.parameters)

allowed(volume) if {
	is_string(volume.host_path)
	segments := segments_of(volume.host_path)
	not ".." in segments
	some path in input.parameters.allowed_paths
	covers(path, segments)
}

covers("*", _)

covers(path, segments) if {
	path != "*"
	wanted := segments_of(path)
	array.slice(segments, 0, count(wanted)) == wanted
}

# Windows writes its paths with backslashes.
segments_of(path) := [segment |
	some segment in split(replace(path, "\\", "/"), "/")
	not segment in {"", "."}
]

left_out(volume) if {
	count(input.parameters.exclude_containers) + count(input.parameters.exclude_images) > 0
	users := {entry.path |
		some entry in pods.containers
		some mount in entry.container.volumeMounts
		mount.name == volume.name
	}
	count(users) > 0
	count(users & {entry.path | some entry in judged}) == 0
}

of_harmless_type(volume) if {
	input.parameters.strict_upstream
	input.parameters.upstream_level == "restricted"
	count(volumes.sources(volume.volume) & volumes.harmless) > 0
}

none_allowed if count(input.parameters.allowed_paths) == 0

expected := "no hostPath" if none_allowed

else := $"no hostPath, or a path within {concat(", ", input.parameters.allowed_paths)}"

outside := "" if none_allowed

else := ", which is not an allowed path"

shown(volume) := volume.host_path if {
	is_string(volume.host_path)
	volume.host_path != ""
} else := "a path"

# An ephemeral container can't be changed once it is there.
fix_for(entry, k) := {"fix": fixes.put(entry.pointer, entry.container, ["volumeMounts", k, "readOnly"], true)} if {
	entry.list != "ephemeralContainers"
}

else := {}
