# METADATA
# title: Containers drop all capabilities
# description: |
#   Every container drops the capabilities in `required_drop`, by default `ALL`: without it a container starts with
#   some fourteen of them, enough to forge packets of the network, make device files or change the owner of files.
#   Only the container can say it, and unset drops nothing. `ALL` covers every other name; runtimes read names without
#   regard to case and with or without `CAP_`. Windows pods are exempt: the setting is for Linux.
# custom:
#   category: security
#   severity: medium
#   kinds: ["@pod-spec"]
#   container_lists: [containers, initContainers, sidecars, ephemeralContainers]
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       required_drop:
#         type: array
#         minItems: 1
#         items: { type: string, pattern: "^[A-Z][A-Z_]*$" }
#         default: [ALL]
#         description: >-
#           Capabilities that have to be dropped, in capitals and without `CAP_`; whoever drops ALL drops each of
#           them.
#       strict_upstream:
#         type: boolean
#         default: false
#         description: >-
#           Whether to judge as the evaluator of the Pod Security Standards does: only the exact name counts, not
#           `all` or `CAP_ALL`.
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
#     Drop everything, and add what the program can't do without:
#
#     ```yaml
#     containers:
#       - name: app
#         securityContext:
#           capabilities:
#             drop: [ALL]
#             add: [NET_BIND_SERVICE] # only for ports below 1024
#     ```
#
#     Most programs need no capability at all once they run as a user other than root. A program that starts as root to
#     change to another user needs `SETUID` and `SETGID`; better let the pod start as that user (`runAsUser`).
#   standards:
#     - { framework: pod-security-standards, section: restricted/capabilities }
#     - { framework: cis-kubernetes-1.10, section: 5.2.8 }
#     - { framework: cis-kubernetes-1.10, section: 5.2.10 }
#     - { framework: nsa-cisa-kubernetes-hardening-1.2, section: Pod security enforcement }
#     - { framework: iso-27001-2022, section: A.8.2 }
#     - { framework: pci-dss-4.0, section: 2.2.6 }
#   related: []
#   admission: deny
#   expand: false
package bylaw.drop_all_capabilities

import data.lib.capabilities
import data.lib.fixes
import data.lib.pods

violation contains object.union(fix_for(entry, missing), {
	"path": $"{entry.path}.securityContext.capabilities.drop",
	"found": object.get(entry.security, ["capabilities", "drop"], null),
	"expected": $"a list with {shown}",
	"message": $"{pods.label(entry)} keeps capabilities that it starts with; add {shown} to capabilities.drop.",
	"container": entry.name,
}) if {
	not pods.windows
	some entry in pods.selected(pods.containers, input.parameters)
	dropped := names(entry)
	missing := [name | some name in input.parameters.required_drop; not covered(name, dropped)]
	count(missing) > 0
	shown := concat(", ", missing)
}

not_applicable contains pods.windows_exempt

not_applicable contains reason if some reason in pods.not_judged(pods.containers, input.parameters)

names(entry) := {name |
	some written in entry.security.capabilities.drop
	name := capabilities.read(written, input.parameters.strict_upstream)
}

covered(_, dropped) if "ALL" in dropped

covered(name, dropped) if name in dropped

# An ephemeral container can't be changed once it is there.
fix_for(entry, missing) := {"fix": operations} if {
	keys := ["securityContext", "capabilities", "drop"]
	operations := fixes.put(entry.pointer, entry.container, keys, array.concat(written_list(entry), missing))
	entry.list != "ephemeralContainers"
}

else := {}

written_list(entry) := entry.security.capabilities.drop if is_array(entry.security.capabilities.drop)

else := []
