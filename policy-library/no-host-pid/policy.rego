# METADATA
# title: Pods don't see the processes of the node
# description: |
#   No pod shares the process namespace of its node (`hostPID: true`). There it sees every process with its arguments
#   and environment, secrets among them, can send signals to them, and as root can step into any of them. Windows pods
#   are exempt: the setting is for Linux.
# custom:
#   category: security
#   severity: critical
#   kinds: ["@pod-spec"]
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       strict_upstream:
#         type: boolean
#         default: false
#         description: >-
#           Whether to judge as the evaluator of the Pod Security Standards does: Windows pods are judged too.
#   remediation: |
#     Remove `hostPID`:
#
#     ```yaml
#     spec:
#       # hostPID: true   ← remove
#       containers:
#         - name: app
#     ```
#
#     Containers of one pod that have to see each other's processes share them with `shareProcessNamespace: true`.
#     Monitoring agents that watch the node's processes can't do without it: keep those in their own namespace and waive
#     them there.
#   standards:
#     - { framework: pod-security-standards, section: baseline/hostNamespaces }
#     - { framework: cis-kubernetes-1.10, section: 5.2.3 }
#     - { framework: nsa-cisa-kubernetes-hardening-1.2, section: Pod security enforcement }
#     - { framework: iso-27001-2022, section: A.8.22 }
#   related: []
#   admission: deny
#   expand: false
package bylaw.no_host_pid

import data.lib.fixes
import data.lib.objects
import data.lib.pods

violation contains {
	"path": $"{pods.spec_path}.hostPID",
	"found": found,
	"expected": false,
	"message": $"This {objects.kind} sees all processes of the node it runs on; remove hostPID.",
	"fix": fixes.drop(pods.spec_pointer, ["hostPID"]),
} if {
	not exempt
	found := object.get(pods.spec, "hostPID", null)
	not found in {null, false}
}

not_applicable contains pods.windows_exempt if exempt

not_applicable contains pods.no_pod_spec

exempt if {
	pods.windows
	not input.parameters.strict_upstream
}
