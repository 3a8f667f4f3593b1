# METADATA
# title: Containers say how much memory they need
# description: |
#   Every container says how much memory it needs (`resources.requests.memory`, above 0). Without it the scheduler
#   counts the container as free and puts too much on one node, and it is among the first to be evicted when memory
#   runs short. A limit without a request counts, since the API server copies it; a request in the pod's own
#   `spec.resources` counts for all of its containers. Ephemeral containers can't have resources and are not judged.
# custom:
#   category: resources
#   severity: medium
#   kinds: ["@pod-spec"]
#   container_lists: [containers, initContainers, sidecars]
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       accept_limit_as_request:
#         type: boolean
#         default: true
#         description: >-
#           Whether a limit without a request is enough, since the API server makes it the request too. Without this only
#           manifests are judged more strictly: in a cluster, and at admission, the copy has been made.
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
#     Write the amount that the container uses in ordinary operation, as your metrics show it:
#
#     ```yaml
#     containers:
#       - name: app
#         resources:
#           requests:
#             memory: 128Mi
#     ```
#
#     An init container needs one too: while it runs it takes the place of the others.
#   standards:
#     - { framework: iso-27001-2022, section: A.8.6 }
#     - { framework: soc-2, section: A1.1 }
#   related: []
#   admission: deny
#   expand: false
package bylaw.memory_requests

import data.lib.pods
import data.lib.resources

violation contains resources.finding(entry, "requests", "memory", words) if {
	not resources.requested(pods.spec, "memory", input.parameters.accept_limit_as_request)
	some entry in pods.selected(pods.lasting_containers, input.parameters)
	not resources.requested(entry.container, "memory", input.parameters.accept_limit_as_request)
}

not_applicable contains reason if some reason in pods.not_judged(pods.lasting_containers, input.parameters)

words := {
	"unset": "doesn't say how much memory it needs",
	"zero": "asks for no memory at all",
	"example": "128Mi",
}
