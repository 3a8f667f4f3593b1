# METADATA
# title: Containers say how much memory they may use
# description: |
#   Every container has a limit on its memory (`resources.limits.memory`, above 0). Without one a leak in one program
#   takes the memory of the whole node, and other pods are killed for it. A limit in the pod's own `spec.resources`
#   counts for all of its containers. Ephemeral containers can't have resources and are not judged.
# custom:
#   category: resources
#   severity: medium
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
#     Write the most that the container may use; above it the container is restarted:
#
#     ```yaml
#     containers:
#       - name: app
#         resources:
#           requests: { memory: 128Mi }
#           limits: { memory: 256Mi }
#     ```
#
#     A program with its own idea of its memory (Java, Node.js) is told the same figure, with room to spare.
#   standards:
#     - { framework: nsa-cisa-kubernetes-hardening-1.2, section: Resource policies }
#     - { framework: iso-27001-2022, section: A.8.6 }
#     - { framework: soc-2, section: A1.1 }
#   related: []
#   admission: deny
#   expand: false
package bylaw.memory_limits

import data.lib.pods
import data.lib.resources

violation contains resources.finding(entry, "limits", "memory", words) if {
	not resources.limited(pods.spec, "memory")
	some entry in pods.selected(pods.lasting_containers, input.parameters)
	not resources.limited(entry.container, "memory")
}

not_applicable contains reason if some reason in pods.not_judged(pods.lasting_containers, input.parameters)

words := {
	"unset": "may use all the memory of its node",
	"zero": "has a memory limit of 0, which means none",
	"example": "256Mi",
}
