# METADATA
# title: Containers say how much of the node's disk they may use
# description: |
#   Every container has a limit on its ephemeral storage (`resources.limits.ephemeral-storage`, above 0): what it writes
#   into its own file system, its logs and its `emptyDir` volumes lie on the disk of the node. Without one a log that
#   grows fills the disk, and the node evicts every pod. The limit is the request too where none is given. Ephemeral
#   containers can't have resources and are not judged.
# custom:
#   category: resources
#   severity: low
#   kinds: ["@pod-spec"]
#   container_lists: [containers, initContainers, sidecars]
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
#     Write the most that the container may write; above it the pod is evicted:
#
#     ```yaml
#     containers:
#       - name: app
#         resources:
#           requests: { ephemeral-storage: 256Mi }
#           limits: { ephemeral-storage: 1Gi }
#     ```
#
#     Give a large `emptyDir` its own `sizeLimit`, and write data that has to stay into a PersistentVolumeClaim.
#   standards:
#     - { framework: iso-27001-2022, section: A.8.6 }
#     - { framework: soc-2, section: A1.1 }
#   related: []
#   admission: deny
#   expand: false
package bylaw.ephemeral_storage

import data.lib.pods
import data.lib.resources

violation contains resources.finding(entry, "limits", "ephemeral-storage", words) if {
	not resources.limited(pods.spec, "ephemeral-storage")
	some entry in pods.selected(pods.lasting_containers, input.parameters)
	not resources.limited(entry.container, "ephemeral-storage")
}

not_applicable contains reason if some reason in pods.not_judged(pods.lasting_containers, input.parameters)

words := {
	"unset": "may fill the disk of its node",
	"zero": "has a limit of 0 on its ephemeral storage, with which it is evicted as soon as it writes",
	"example": "1Gi",
}
