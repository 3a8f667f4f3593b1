# METADATA
# title: Containers run as a user that is allowed
# description: |
#   Every container runs as a user (`runAsUser`) within `allowed_ranges`, by default any but 0, which is root. What the
#   container says wins over the pod. Where neither says a user, the image decides, and that fails unless `allow_unset`
#   accepts it. On Windows users have no numbers, and nothing is judged.
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
#           Numbers of users that are allowed, both ends included; an empty list allows none.
#       allow_unset:
#         type: boolean
#         default: false
#         description: >-
#           Whether the user may be left to the image.
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
#     Say it once for the pod, with the user that the image was built for:
#
#     ```yaml
#     spec:
#       securityContext:
#         runAsUser: 10001
#         runAsGroup: 10001
#     ```
#
#     Remove `runAsUser` from single containers, or give them a number that is allowed: what a container says wins over
#     the pod.
#   standards:
#     - { framework: cis-kubernetes-1.10, section: 5.2.7 }
#     - { framework: nsa-cisa-kubernetes-hardening-1.2, section: Non-root containers }
#     - { framework: iso-27001-2022, section: A.8.2 }
#   related: []
#   admission: deny
#   expand: false
package bylaw.run_as_user

import data.lib.ids
import data.lib.pods

violation contains ids.finding(entry, "runAsUser", input.parameters) if {
	not pods.windows
	some entry in pods.selected(pods.containers, input.parameters)
}

not_applicable contains pods.windows_exempt

not_applicable contains reason if some reason in pods.not_judged(pods.containers, input.parameters)
