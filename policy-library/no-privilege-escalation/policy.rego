# METADATA
# title: Containers can't gain privileges
# description: |
#   A process may not end up with more rights than the process that started it. Every container says
#   `allowPrivilegeEscalation: false`, and none undoes that by being privileged or by adding the capability SYS_ADMIN,
#   with which Kubernetes always allows escalation. Unset means allowed. Windows pods are exempt: the setting is for
#   Linux.
# custom:
#   category: security
#   severity: high
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
#           Whether to judge as the evaluator of the Pod Security Standards does: only allowPrivilegeEscalation counts, not
#           what undoes it.
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
#     Say in each container, also in init and sidecar containers, that its processes can't gain privileges:
#
#     ```yaml
#     containers:
#       - name: app
#         securityContext:
#           allowPrivilegeEscalation: false
#     ```
#
#     Remove `privileged: true` and take `SYS_ADMIN` out of `capabilities.add`: with either of them Kubernetes lets the
#     container escalate whatever else it says, and the API server refuses the combination. A program that needs one
#     special right, such as a port below 1024, gets that one capability (`NET_BIND_SERVICE`) instead.
#   standards:
#     - { framework: pod-security-standards, section: restricted/allowPrivilegeEscalation }
#     - { framework: cis-kubernetes-1.10, section: 5.2.6 }
#     - { framework: nsa-cisa-kubernetes-hardening-1.2, section: Pod security enforcement }
#     - { framework: iso-27001-2022, section: A.8.2 }
#     - { framework: pci-dss-4.0, section: 2.2.6 }
#   related: []
#   admission: deny
#   expand: false
package bylaw.no_privilege_escalation

import data.lib.fixes
import data.lib.pods

judged := pods.selected(pods.containers, input.parameters)

violation contains finding if {
	not pods.windows
	some entry in judged
	found := object.get(entry.security, "allowPrivilegeEscalation", null)
	found != false
	finding := object.union(fix_for(entry), {
		"path": $"{entry.path}.securityContext.allowPrivilegeEscalation",
		"found": found,
		"expected": false,
		"message": $"{pods.label(entry)} can gain more rights than it starts with; set allowPrivilegeEscalation to false.",
		"container": entry.name,
	})
}

violation contains {
	"path": $"{entry.path}.securityContext.privileged",
	"found": found,
	"expected": false,
	"message": $"{pods.label(entry)} is privileged and so can always gain more rights; remove privileged.",
	"container": entry.name,
} if {
	not pods.windows
	not input.parameters.strict_upstream
	some entry in judged
	found := privileged(entry)
}

violation contains {
	"path": place,
	"found": capability,
	"expected": "no SYS_ADMIN",
	"message": $"{pods.label(entry)} adds the capability {capability} and so can always gain more rights; remove it.",
	"container": entry.name,
} if {
	not pods.windows
	not input.parameters.strict_upstream
	some entry in judged
	some i, capability in entry.security.capabilities.add
	grants_sys_admin(capability)
	place := $"{entry.path}.securityContext.capabilities.add[{i}]"
}

not_applicable contains pods.windows_exempt

not_applicable contains reason if some reason in pods.not_judged(pods.containers, input.parameters)

privileged(entry) := found if {
	found := object.get(entry.security, "privileged", null)
	not found in {null, false}
}

# Runtimes read capabilities without regard to case and with or without CAP_; ALL holds SYS_ADMIN.
grants_sys_admin(capability) if trim_prefix(upper(capability), "CAP_") in {"SYS_ADMIN", "ALL"}

# Writing the value is a fix only where nothing else lets the container escalate. An ephemeral container can't be
# changed once it is there.
fix_for(entry) := {"fix": operations} if {
	operations := fixes.put(entry.pointer, entry.container, ["securityContext", "allowPrivilegeEscalation"], false)
	entry.list != "ephemeralContainers"
	not privileged(entry)
	not adds_sys_admin(entry)
}

else := {}

adds_sys_admin(entry) if {
	some capability in entry.security.capabilities.add
	grants_sys_admin(capability)
}
