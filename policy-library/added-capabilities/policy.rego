# METADATA
# title: Containers add only capabilities that are allowed
# description: |
#   No container adds a capability that `allowed` doesn't list, by default any but `NET_BIND_SERVICE`. Some of them
#   are the node itself: `SYS_ADMIN` mounts file systems, `SYS_MODULE` loads code into the kernel, `SYS_PTRACE` reads
#   other processes. `ALL` is every one of them. Runtimes read names without regard to case and with or without
#   `CAP_`, and so does this policy. Windows pods are exempt: the setting is for Linux.
# custom:
#   category: security
#   severity: high
#   kinds: ["@pod-spec"]
#   container_lists: [containers, initContainers, sidecars, ephemeralContainers]
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       allowed:
#         type: array
#         items: { type: string, pattern: "^([A-Z][A-Z_]*|\\*)$" }
#         default: [NET_BIND_SERVICE]
#         description: >-
#           Capabilities that may be added, in capitals and without `CAP_`; `*` allows every one, an empty list none.
#       strict_upstream:
#         type: boolean
#         default: false
#         description: >-
#           Whether to judge as the evaluator of the Pod Security Standards does: only the exact name counts, not
#           `net_bind_service` or `CAP_NET_BIND_SERVICE`, and Windows pods are exempt from the rule of the restricted
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
#     Take out of `add` what the program can do without:
#
#     ```yaml
#     containers:
#       - name: app
#         securityContext:
#           capabilities:
#             drop: [ALL]
#             add: [NET_BIND_SERVICE]
#     ```
#
#     A port below 1024 needs `NET_BIND_SERVICE` or, better, the sysctl `net.ipv4.ip_unprivileged_port_start`; a program
#     that measures the network by ICMP needs the sysctl `net.ipv4.ping_group_range` instead of `NET_RAW`. What truly
#     needs more, such as a network plug-in, belongs into a namespace of its own with a waiver there.
#   standards:
#     - { framework: pod-security-standards, section: baseline/capabilities }
#     - { framework: pod-security-standards, section: restricted/capabilities }
#     - { framework: cis-kubernetes-1.10, section: 5.2.8 }
#     - { framework: cis-kubernetes-1.10, section: 5.2.9 }
#     - { framework: nsa-cisa-kubernetes-hardening-1.2, section: Pod security enforcement }
#     - { framework: iso-27001-2022, section: A.8.2 }
#     - { framework: pci-dss-4.0, section: 2.2.6 }
#   related: []
#   admission: deny
#   expand: false
package bylaw.added_capabilities

import data.lib.capabilities
import data.lib.fixes
import data.lib.pods

violation contains object.union(fix_for(entry), {
	"path": $"{entry.path}.securityContext.capabilities.add[{i}]",
	"found": capability,
	"expected": expected,
	"message": $"{pods.label(entry)} adds the capability {capability}, which is not allowed; remove it.",
	"container": entry.name,
}) if {
	not exempt
	some entry in pods.selected(pods.containers, input.parameters)
	some i, capability in entry.security.capabilities.add
	not allowed(capability)
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

allowed(_) if "*" in input.parameters.allowed

allowed(capability) if capabilities.read(capability, input.parameters.strict_upstream) in input.parameters.allowed

expected := $"none but {concat(", ", input.parameters.allowed)}" if count(input.parameters.allowed) > 0

else := "no added capability"

# One list without any that is not allowed, so that several fixes of a container are the same one. An ephemeral container
# can't be changed once it is there.
fix_for(entry) := {"fix": operations} if {
	kept := [capability |
		some capability in entry.security.capabilities.add
		allowed(capability)
	]
	operations := fixes.put(entry.pointer, entry.container, ["securityContext", "capabilities", "add"], kept)
	entry.list != "ephemeralContainers"
}

else := {}
