# METADATA
# title: Containers keep the masks of /proc
# description: |
#   No container has another `procMount` than `allowed` lists, by default `Default`: with `Unmasked` it sees parts of
#   `/proc` that tell of the node and change its kernel. Only the container can say it, and unset is `Default`.
#   Windows pods are exempt: the setting is for Linux.
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
#         minItems: 1
#         items: { type: string, enum: [Default, Unmasked] }
#         default: [Default]
#         description: >-
#           Values that are allowed.
#       strict_upstream:
#         type: boolean
#         default: false
#         description: >-
#           Whether to judge as the evaluator of the Pod Security Standards does: Windows pods are judged too, and at
#           the baseline level from Kubernetes 1.35 on any value is right in a pod with users of its own (`hostUsers:
#           false`).
#       upstream_level:
#         type: string
#         enum: [baseline, restricted]
#         default: restricted
#         description: >-
#           Whose rule `strict_upstream` follows; without it, of no account.
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
#     Remove `procMount`:
#
#     ```yaml
#     containers:
#       - name: app
#         securityContext:
#           # procMount: Unmasked   ← remove
#           allowPrivilegeEscalation: false
#     ```
#
#     Only programs that start containers inside of a container need it. Keep those in their own namespace, with users
#     of their own (`hostUsers: false`), and waive them there.
#   standards:
#     - { framework: pod-security-standards, section: baseline/procMount }
#     - { framework: pod-security-standards, section: restricted/procMount }
#     - { framework: cis-kubernetes-1.10, section: 5.7.3 }
#     - { framework: nsa-cisa-kubernetes-hardening-1.2, section: Pod security enforcement }
#     - { framework: iso-27001-2022, section: A.8.9 }
#   related: []
#   admission: deny
#   expand: false
package bylaw.proc_mount

import data.lib.contexts
import data.lib.pods
import data.lib.upstream

violation contains object.union(contexts.drop({"path": path, "entry": entry}, ["procMount"]), {
	"path": path,
	"found": found,
	"expected": choices,
	"message": $"{pods.label(entry)} mounts /proc as {mode}, which is not allowed; {advice}.",
	"container": entry.name,
}) if {
	not exempt
	not relaxed
	some entry in pods.selected(pods.containers, input.parameters)
	found := object.get(entry.security, "procMount", null)
	mode := effective(found)
	not mode in input.parameters.allowed
	path := $"{entry.path}.securityContext.procMount"
}

not_applicable contains pods.windows_exempt if exempt

not_applicable contains reason if some reason in pods.not_judged(pods.containers, input.parameters)

exempt if {
	pods.windows
	not input.parameters.strict_upstream
}

relaxed if {
	input.parameters.strict_upstream
	input.parameters.upstream_level == "baseline"
	upstream.in_user_namespace
	upstream.minor(input.parameters) >= 35
}

# The API server's default.
effective(null) := "Default"

effective(value) := value if value != null

choices := concat(" or ", input.parameters.allowed)

advice := "remove procMount" if "Default" in input.parameters.allowed

else := $"set it to {choices}"
