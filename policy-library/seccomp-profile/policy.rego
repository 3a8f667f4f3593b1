# METADATA
# title: Containers run with a seccomp profile
# description: |
#   Every container runs with a seccomp profile whose type `allowed` lists, by default `RuntimeDefault` or
#   `Localhost`: it keeps the container from system calls that programs don't need and attackers do. What the
#   container says wins over the pod. Where neither says anything, most nodes run the container unconfined, and that
#   fails unless `allow_unset` accepts it. Windows pods are exempt: the setting is for Linux.
# custom:
#   category: security
#   severity: medium
#   kinds: ["@pod-spec"]
#   container_lists: [containers, initContainers, sidecars, ephemeralContainers]
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       allowed:
#         type: array
#         minItems: 1
#         items: { type: string, enum: [RuntimeDefault, Localhost, Unconfined] }
#         default: [RuntimeDefault, Localhost]
#         description: >-
#           Types of profile that are allowed.
#       allow_unset:
#         type: boolean
#         default: false
#         description: >-
#           Whether it may be left to the node; right where every kubelet runs with `seccompDefault: true`.
#       strict_upstream:
#         type: boolean
#         default: false
#         description: >-
#           Whether to judge as the evaluator of the Pod Security Standards does: a pod's own profile has to be
#           allowed though every container has another, and Windows pods are exempt from the rule of the restricted
#           level alone.
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
#     Say it once for the pod:
#
#     ```yaml
#     spec:
#       securityContext:
#         seccompProfile:
#           type: RuntimeDefault
#     ```
#
#     Remove `Unconfined` from single containers: what a container says wins over the pod. Hardly any program meets a
#     system call that the runtime's default profile refuses; one that does gets a profile of its own (`type:
#     Localhost`).
#   standards:
#     - { framework: pod-security-standards, section: baseline/seccomp }
#     - { framework: pod-security-standards, section: restricted/seccomp }
#     - { framework: cis-kubernetes-1.10, section: 5.7.2 }
#     - { framework: nsa-cisa-kubernetes-hardening-1.2, section: Hardening container environments }
#     - { framework: iso-27001-2022, section: A.8.9 }
#   related: []
#   admission: deny
#   expand: false
package bylaw.seccomp_profile

import data.lib.contexts
import data.lib.objects
import data.lib.pods

judged := pods.selected(pods.containers, input.parameters)

violation contains object.union(object.union(place.owner, fix_for(place)), {
	"path": $"{place.path}.type",
	"found": found,
	"expected": choices,
	"message": $"{place.label} {fault(found)}; set seccompProfile.type to {choices}.",
}) if {
	not exempt
	some place in contexts.places(judged, "seccompProfile", input.parameters.strict_upstream)
	found := object.get(objects.object_or_empty(place.value), "type", null)
	not found in input.parameters.allowed
}

violation contains object.union(fix_for({"path": path, "entry": entry}), {
	"path": path,
	"found": null,
	"expected": choices,
	"message": $"{pods.label(entry)} has no seccomp profile, so it can make any system call; set seccompProfile.type to {choices}.",
	"container": entry.name,
}) if {
	not exempt
	not input.parameters.allow_unset
	some entry in contexts.unset(judged, "seccompProfile")
	path := $"{entry.path}.securityContext.seccompProfile.type"
}

not_applicable contains pods.windows_exempt if exempt

not_applicable contains reason if some reason in pods.not_judged(pods.containers, input.parameters)

exempt if {
	pods.windows
	not judged_on_windows
}

judged_on_windows if {
	input.parameters.strict_upstream
	input.parameters.upstream_level == "baseline"
}

choices := concat(" or ", input.parameters.allowed)

fault(null) := "names a seccomp profile without its type"

fault(type) := $"runs with a seccomp profile of type {type}, which is not allowed" if type != null

# The whole profile is written: one of another type may name a file.
fix_for(place) := contexts.put(place, ["seccompProfile"], {"type": "RuntimeDefault"}) if {
	"RuntimeDefault" in input.parameters.allowed
}

else := {}
