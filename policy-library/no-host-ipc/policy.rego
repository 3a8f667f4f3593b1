# METADATA
# title: Pods don't share the node's memory segments
# description: |
#   No pod shares the IPC namespace of its node (`hostIPC: true`). There it reads and writes the shared memory,
#   semaphores and message queues of the node's own processes and of every other pod that does the same. Windows pods
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
#     Remove `hostIPC`:
#
#     ```yaml
#     spec:
#       # hostIPC: true   ← remove
#       containers:
#         - name: app
#     ```
#
#     Containers of one pod share an IPC namespace anyway. For more shared memory mount an `emptyDir` with `medium:
#     Memory` at `/dev/shm`.
#   standards:
#     - { framework: pod-security-standards, section: baseline/hostNamespaces }
#     - { framework: cis-kubernetes-1.10, section: 5.2.4 }
#     - { framework: nsa-cisa-kubernetes-hardening-1.2, section: Pod security enforcement }
#     - { framework: iso-27001-2022, section: A.8.22 }
#   related: []
#   admission: deny
#   expand: false
package bylaw.no_host_ipc

import data.lib.fixes
import data.lib.objects
import data.lib.pods

violation contains {
	"path": $"{pods.spec_path}.hostIPC",
	"found": found,
	"expected": false,
	"message": $"This {objects.kind} shares memory segments and message queues with the node it runs on; remove hostIPC.",
	"fix": fixes.drop(pods.spec_pointer, ["hostIPC"]),
} if {
	not exempt
	found := object.get(pods.spec, "hostIPC", null)
	not found in {null, false}
}

not_applicable contains pods.windows_exempt if exempt

not_applicable contains pods.no_pod_spec

exempt if {
	pods.windows
	not input.parameters.strict_upstream
}
