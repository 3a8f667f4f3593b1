# METADATA
# title: Containers keep their SELinux confinement
# description: |
#   No container steps out of the SELinux confinement of containers: a type is one that `allowed` lists, by default
#   those that are made for containers, and neither user nor role is set. What the container says wins over the pod as
#   a whole. Unset or empty is what the runtime gives, and passes; a level of its own is every pod's right. Windows
#   pods are exempt: the setting is for Linux.
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
#         items: { type: string, minLength: 1 }
#         default: [container_t, container_init_t, container_kvm_t, container_engine_t]
#         description: >-
#           Types that are allowed.
#       strict_upstream:
#         type: boolean
#         default: false
#         description: >-
#           Whether to judge as the evaluator of the Pod Security Standards does: the pod's own options have to be
#           right though every container has others, `container_engine_t` is allowed from Kubernetes 1.31 on, and
#           Windows pods are judged too.
#       version:
#         type: string
#         pattern: "^(latest|v?1\\.[0-9]{1,3})?$"
#         default: ""
#         description: >-
#           Whose rules `strict_upstream` follows, such as `1.29` or `latest`; not given, those of the cluster, and
#           the latest where there is no cluster.
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
#     Remove `type`, `user` and `role`; a `level` may stay:
#
#     ```yaml
#     spec:
#       securityContext:
#         seLinuxOptions:
#           level: "s0:c123,c456"
#     ```
#
#     A program that has to write to files of the node is better served by a volume that Kubernetes relabels for it. A
#     type such as `spc_t` turns the confinement off.
#   standards:
#     - { framework: pod-security-standards, section: baseline/seLinux }
#     - { framework: cis-kubernetes-1.10, section: 5.7.3 }
#     - { framework: nsa-cisa-kubernetes-hardening-1.2, section: Hardening container environments }
#     - { framework: iso-27001-2022, section: A.8.9 }
#   related: []
#   admission: deny
#   expand: false
package bylaw.selinux_options

import data.lib.contexts
import data.lib.pods
import data.lib.upstream

# Those that are not as old as the rule itself, each with the minor version of Kubernetes that took it in.
since := {"container_engine_t": 31}

places := contexts.places(pods.selected(pods.containers, input.parameters), "seLinuxOptions", input.parameters.strict_upstream)

violation contains object.union(object.union(place.owner, contexts.drop(place, ["seLinuxOptions", "type"])), {
	"path": $"{place.path}.type",
	"found": type,
	"expected": expected,
	"message": $"{place.label} asks for the SELinux type {type}, which is not allowed; remove it.",
}) if {
	not exempt
	some place in places
	type := object.get(place.value, "type", null)
	not type in {null, ""}
	not allowed(type)
}

violation contains object.union(object.union(place.owner, contexts.drop(place, ["seLinuxOptions", field])), {
	"path": $"{place.path}.{field}",
	"found": found,
	"expected": $"no {field}",
	"message": $"{place.label} asks for an SELinux {field} of its own ({found}); remove it.",
}) if {
	not exempt
	some place in places
	some field in ["user", "role"]
	found := object.get(place.value, field, null)
	not found in {null, ""}
}

# Only in a custom kind: elsewhere the document is refused.
violation contains object.union(place.owner, {
	"path": place.path,
	"found": place.value,
	"expected": "an object",
	"message": $"{place.label} has SELinux options that can't be read; write them as an object.",
}) if {
	not exempt
	some place in places
	not is_object(place.value)
}

not_applicable contains pods.windows_exempt if exempt

not_applicable contains reason if some reason in pods.not_judged(pods.containers, input.parameters)

exempt if {
	pods.windows
	not input.parameters.strict_upstream
}

allowed(type) if {
	type in input.parameters.allowed
	not came_later(type)
}

came_later(type) if {
	input.parameters.strict_upstream
	since[type] > upstream.minor(input.parameters)
}

expected := $"no type, or one of {concat(", ", input.parameters.allowed)}" if count(input.parameters.allowed) > 0

else := "no type"
