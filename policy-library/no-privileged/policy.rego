# METADATA
# title: Containers are not privileged
# description: |
#   No container says `privileged: true`. A privileged container has every capability, sees the devices of its node
#   and is confined by neither seccomp, AppArmor nor SELinux: who takes it over has the node. Unset means not
#   privileged. Windows pods are exempt: the setting is for Linux.
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
#           Whether to judge as the evaluator of the Pod Security Standards does: Windows pods are judged too.
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
#     Remove `privileged`, and give the container what it needs one by one:
#
#     ```yaml
#     containers:
#       - name: app
#         securityContext:
#           # privileged: true   ← remove
#           allowPrivilegeEscalation: false
#           capabilities:
#             drop: [ALL]
#             add: [NET_BIND_SERVICE] # only what the program can't do without
#     ```
#
#     A device comes through a device plug-in, a setting of the kernel through `securityContext.sysctls`. Storage
#     drivers and network plug-ins can't do without it: keep those in their own namespace and waive them there.
#   standards:
#     - { framework: pod-security-standards, section: baseline/privileged }
#     - { framework: cis-kubernetes-1.10, section: 5.2.2 }
#     - { framework: nsa-cisa-kubernetes-hardening-1.2, section: Pod security enforcement }
#     - { framework: iso-27001-2022, section: A.8.2 }
#     - { framework: pci-dss-4.0, section: 2.2.6 }
#   related: []
#   admission: deny
#   expand: false
package bylaw.no_privileged

import data.lib.fixes
import data.lib.pods

violation contains object.union(fix_for(entry), {
	"path": $"{entry.path}.securityContext.privileged",
	"found": found,
	"expected": false,
	"message": $"{pods.label(entry)} is privileged, so it can do to its node whatever root can; remove privileged.",
	"container": entry.name,
}) if {
	not exempt
	some entry in pods.selected(pods.containers, input.parameters)
	found := object.get(entry.security, "privileged", null)
	not found in {null, false}
}

not_applicable contains pods.windows_exempt if exempt

not_applicable contains reason if some reason in pods.not_judged(pods.containers, input.parameters)

exempt if {
	pods.windows
	not input.parameters.strict_upstream
}

# An ephemeral container can't be changed once it is there.
fix_for(entry) := {"fix": fixes.drop(entry.pointer, ["securityContext", "privileged"])} if {
	entry.list != "ephemeralContainers"
}

else := {}
