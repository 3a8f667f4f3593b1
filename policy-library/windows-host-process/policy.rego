# METADATA
# title: Windows containers are no processes of the node
# description: |
#   No container is a HostProcess container (`windowsOptions.hostProcess: true`): it is no container at all but a
#   program on its Windows node, with the rights of the account that it names, the system's own among them. What the
#   container says wins over the pod. Unset is false.
# custom:
#   category: security
#   severity: critical
#   kinds: ["@pod-spec"]
#   container_lists: [containers, initContainers, sidecars, ephemeralContainers]
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       strict_upstream:
#         type: boolean
#         default: false
#         description: >-
#           Whether to judge as the evaluator of the Pod Security Standards does: a pod that says it fails though
#           every container says otherwise.
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
#     Remove `hostProcess`, and `hostNetwork`, which it needs, with it:
#
#     ```yaml
#     spec:
#       os: { name: windows }
#       # hostNetwork: true   ← remove
#       securityContext:
#         windowsOptions:
#           # hostProcess: true   ← remove
#           runAsUserName: ContainerUser
#     ```
#
#     Network plug-ins and other parts of the node itself can't do without it: keep those in their own namespace and
#     waive them there.
#   standards:
#     - { framework: pod-security-standards, section: baseline/windowsHostProcess }
#     - { framework: cis-kubernetes-1.10, section: 5.2.11 }
#     - { framework: nsa-cisa-kubernetes-hardening-1.2, section: Pod security enforcement }
#     - { framework: iso-27001-2022, section: A.8.2 }
#   related: []
#   admission: deny
#   expand: false
package bylaw.windows_host_process

import data.lib.contexts
import data.lib.pods

judged := pods.selected(pods.containers, input.parameters)

violation contains object.union(place.owner, {
	"path": place.path,
	"found": place.value,
	"expected": false,
	"message": $"{place.label} is a process of the Windows node it runs on; remove hostProcess, and hostNetwork with it.",
}) if {
	some place in places
	not place.value in {null, false}
}

not_applicable contains reason if some reason in pods.not_judged(pods.containers, input.parameters)

# Each of the options holds by itself, unlike those of SELinux.
places := [object.union(place, host_process(place)) |
	some place in contexts.places(judged, "windowsOptions", true)
] if input.parameters.strict_upstream

else := [object.union(contexts.whose(entry), said) |
	some entry in judged
	said := effective(entry)
]

host_process(place) := {"value": object.get(place.value, "hostProcess", null), "path": $"{place.path}.hostProcess"}

effective(entry) := {"value": value, "path": $"{entry.path}.securityContext.windowsOptions.hostProcess"} if {
	value := object.get(entry.security, ["windowsOptions", "hostProcess"], null)
	value != null
} else := {"value": value, "path": $"{pods.spec_path}.securityContext.windowsOptions.hostProcess"} if {
	value := object.get(pods.pod_security, ["windowsOptions", "hostProcess"], null)
	value != null
}
