# METADATA
# title: Containers can't write to the node
# description: |
#   A container that mounts a hostPath volume mounts it with `readOnly: true`. What it may write there it changes for the
#   node itself and for every other pod on it, and a file in the right place makes it root of the node. Unset means
#   writable. Volumes of other types are the pod's own and are not judged.
# custom:
#   category: security
#   severity: high
#   kinds: ["@pod-spec"]
#   container_lists: [containers, initContainers, sidecars, ephemeralContainers]
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
#     Mount it read-only:
#
#     ```yaml
#     containers:
#       - name: app
#         volumeMounts:
#           - { name: logs, mountPath: /var/log/pods, readOnly: true }
#     ```
#
#     What the container has to write belongs into an `emptyDir` or a PersistentVolumeClaim. Storage and network plug-ins
#     do have to write to the node: keep those in their own namespace and waive them there.
#   standards:
#     - { framework: cis-kubernetes-1.10, section: 5.2.12 }
#     - { framework: nsa-cisa-kubernetes-hardening-1.2, section: Pod security enforcement }
#   related: []
#   admission: deny
#   expand: false
package bylaw.writable_host_mount

import data.lib.fixes
import data.lib.host_mounts
import data.lib.pods

violation contains object.union(fix_for(mounted), {
	"path": $"{mounted.place}.readOnly",
	"found": found,
	"expected": true,
	"message": $"{pods.label(mounted.entry)} can write to {mounted.volume.path} of its node, by volume \"{mounted.volume.name}\"; set readOnly to true.",
	"container": mounted.entry.name,
}) if {
	some mounted in host_mounts.mounts
	found := object.get(mounted.mount, "readOnly", null)
	found != true
	mounted.entry.path in judged
}

not_applicable contains reason if some reason in pods.not_judged(pods.containers, input.parameters)

judged := {entry.path | some entry in pods.selected(pods.containers, input.parameters)}

# An ephemeral container can't be changed once it is there.
fix_for(mounted) := {"fix": operations} if {
	operations := fixes.put(mounted.entry.pointer, mounted.entry.container, ["volumeMounts", mounted.index, "readOnly"], true)
	mounted.entry.list != "ephemeralContainers"
} else := {}
