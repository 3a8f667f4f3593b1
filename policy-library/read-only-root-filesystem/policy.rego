# METADATA
# title: Containers can't change their own files
# description: |
#   Every container says `readOnlyRootFilesystem: true`, so that an intruder can't leave programs behind and what runs
#   stays what was built. Only the container can say it, and unset means writable. Windows pods are exempt: Windows
#   needs to write to its own file system.
# custom:
#   category: security
#   severity: medium
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
#     Make the file system read-only in each container, and mount a volume where the program does write:
#
#     ```yaml
#     containers:
#       - name: app
#         securityContext:
#           readOnlyRootFilesystem: true
#         volumeMounts:
#           - { name: tmp, mountPath: /tmp }
#     volumes:
#       - name: tmp
#         emptyDir: {}
#     ```
#   standards:
#     - { framework: nsa-cisa-kubernetes-hardening-1.2, section: Immutable container file systems }
#     - { framework: pci-dss-4.0, section: 2.2.6 }
#   related: []
#   admission: deny
#   expand: false
package bylaw.read_only_root_filesystem

import data.lib.fixes
import data.lib.pods

violation contains object.union(fix_for(entry), {
	"path": $"{entry.path}.securityContext.readOnlyRootFilesystem",
	"found": found,
	"expected": true,
	"message": $"{pods.label(entry)} can write to its own file system; set readOnlyRootFilesystem to true.",
	"container": entry.name,
}) if {
	not pods.windows
	some entry in pods.selected(pods.containers, input.parameters)
	found := object.get(entry.security, "readOnlyRootFilesystem", null)
	found != true
}

not_applicable contains pods.windows_exempt

not_applicable contains reason if some reason in pods.not_judged(pods.containers, input.parameters)

# An ephemeral container can't be changed once it is there.
fix_for(entry) := {"fix": operations} if {
	operations := fixes.put(entry.pointer, entry.container, ["securityContext", "readOnlyRootFilesystem"], true)
	entry.list != "ephemeralContainers"
} else := {}
