# METADATA
# title: Volumes belong to a group that is allowed
# description: |
#   A pod that gives its volumes a group (`fsGroup` in the pod's securityContext) gives them one within
#   `allowed_ranges`, by default any but 0, which is root's. Every container of the pod is a member of it. Where nothing
#   is said, volumes keep the group that they have, which is accepted unless `allow_unset` is false. Windows has no such
#   setting, and nothing is judged.
# custom:
#   category: security
#   severity: low
#   kinds: ["@pod-spec"]
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
#         default: true
#         description: >-
#           Whether the group may be left as it is.
#   remediation: |
#     Give the volumes the group that the program runs as:
#
#     ```yaml
#     spec:
#       securityContext:
#         runAsUser: 10001
#         runAsGroup: 10001
#         fsGroup: 10001
#         fsGroupChangePolicy: OnRootMismatch
#     ```
#   standards: []
#   related: []
#   admission: deny
#   expand: false
package bylaw.fs_group

import data.lib.fixes
import data.lib.ids
import data.lib.objects
import data.lib.pods

violation contains object.union(fix, {
	"path": $"{pods.spec_path}.securityContext.fsGroup",
	"found": said.value,
	"expected": ids.expected(input.parameters),
	"message": $"The volumes of this {objects.kind} {fault}; {ids.advice("fsGroup", input.parameters.allowed_ranges)}.",
}) if {
	pods.spec
	not pods.windows
	not ids.fits(said, input.parameters)
}

not_applicable contains pods.no_pod_spec

not_applicable contains pods.windows_exempt

default group := null

group := object.get(pods.pod_security, "fsGroup", null)

said := {"value": null, "source": "image"} if group == null

else := {"value": group, "source": "said"}

fault := "keep the group that they have" if group == null

else := $"belong to group {group}, which is not allowed"

fix := {"fix": fixes.put(pods.spec_pointer, pods.spec, ["securityContext", "fsGroup"], only)} if {
	only := ids.only(input.parameters.allowed_ranges)
} else := {}
