# METADATA
# title: Containers run as a group that is allowed
# description: |
#   Every container runs as a group (`runAsGroup`) within `allowed_ranges`, by default any but 0, the group of root, to
#   which many images give write access. What the container says wins over the pod. Where neither says a group but one
#   of them says a user, the group is 0, and is judged as such. Where nothing is said at all, the image decides, and
#   that fails unless `allow_unset` accepts it. On Windows groups have no numbers, and nothing is judged.
# custom:
#   category: security
#   severity: medium
#   kinds: ["@pod-spec"]
#   container_lists: [containers, initContainers, sidecars, ephemeralContainers]
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       allowed_ranges:
#         type: array
#         items:
#           type: object
#           additionalProperties: false
#           required: [min, max]
#           properties:
#             min: { type: integer, minimum: 0, maximum: 2147483647 }
#             max: { type: integer, minimum: 0, maximum: 2147483647 }
#         default: [{ min: 1, max: 2147483647 }]
#         description: >-
#           Numbers of groups that are allowed, both ends included; an empty list allows none.
#       allow_unset:
#         type: boolean
#         default: false
#         description: >-
#           Whether the group may be left to the image. A container with a runAsUser doesn't leave it: without runAsGroup its
#           group is 0.
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
#     Say it once for the pod, beside the user:
#
#     ```yaml
#     spec:
#       securityContext:
#         runAsUser: 10001
#         runAsGroup: 10001
#     ```
#
#     Remove `runAsGroup` from single containers, or give them a number that is allowed: what a container says wins over
#     the pod. Files on volumes that the program writes to belong to the group in `fsGroup`.
#   standards:
#     - { framework: iso-27001-2022, section: A.8.2 }
#   related: []
#   admission: deny
#   expand: false
package bylaw.run_as_group

import data.lib.ids
import data.lib.pods

violation contains ids.finding(entry, "runAsGroup", input.parameters) if {
	not pods.windows
	some entry in pods.selected(pods.containers, input.parameters)
}

not_applicable contains pods.windows_exempt

not_applicable contains reason if some reason in pods.not_judged(pods.containers, input.parameters)
