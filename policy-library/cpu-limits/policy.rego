# METADATA
# title: Containers say how much CPU they may use
# description: |
#   Every container and sidecar has a limit on its CPU (`resources.limits.cpu`, above 0), so that one program can't
#   take the time of the others on its node and costs stay foreseeable. A limit in the pod's own `spec.resources`
#   counts for all of its containers. Init containers end before the others start and are not judged, and ephemeral
#   containers can't have resources.
# custom:
#   category: resources
#   severity: low
#   kinds: ["@pod-spec"]
#   container_lists: [containers, sidecars]
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
#     Write the most that the container may use; above it the container is slowed down, not ended:
#
#     ```yaml
#     containers:
#       - name: app
#         resources:
#           requests: { cpu: 100m }
#           limits: { cpu: 500m }
#     ```
#
#     Look at the metrics for throttling afterwards, and raise the limit where answers get slower.
#   standards:
#     - { framework: nsa-cisa-kubernetes-hardening-1.2, section: Resource policies }
#     - { framework: iso-27001-2022, section: A.8.6 }
#     - { framework: soc-2, section: A1.1 }
#   related: []
#   admission: deny
#   expand: false
package bylaw.cpu_limits

import data.lib.pods
import data.lib.resources

running := pods.in_lists({"containers", "sidecars"})

violation contains resources.finding(entry, "limits", "cpu", words) if {
	not resources.limited(pods.spec, "cpu")
	some entry in pods.selected(running, input.parameters)
	not resources.limited(entry.container, "cpu")
}

not_applicable contains reason if some reason in pods.not_judged(running, input.parameters)

words := {
	"unset": "may use all the CPU of its node",
	"zero": "has a CPU limit of 0, which means none",
	"example": "500m",
}
