# METADATA
# title: Containers that hang are restarted
# description: |
#   Every regular container of a workload that is kept running has a liveness probe with exactly one way to check.
#   Without one a process that hangs without exiting stays as it is until somebody notices. An empty probe counts as
#   none. Init, sidecar and ephemeral containers, Jobs, CronJobs and Pods that aren't restarted are not judged.
# custom:
#   category: reliability
#   severity: medium
#   kinds: ["@long-running"]
#   container_lists: [containers]
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
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
#     Let each container say how to ask whether its process still works. Allow more failures than for readiness, so
#     that load alone doesn't restart it, and never ask about other services:
#
#     ```yaml
#     containers:
#       - name: app
#         livenessProbe:
#           httpGet: { path: /live, port: 8080 }
#           periodSeconds: 10
#           failureThreshold: 6
#     ```
#
#     A program without HTTP uses `tcpSocket: { port: … }`, `grpc: { port: … }` or `exec: { command: […] }`.
#   standards: []
#   related: []
#   admission: deny
#   expand: false
package bylaw.liveness_probe

import data.lib.pods
import data.lib.probes

violation contains probes.finding(entry, "livenessProbe", "nothing restarts it when it hangs") if {
	pods.long_running
	some entry in pods.selected(pods.regular_containers, input.parameters)
}

not_applicable contains pods.not_long_running

not_applicable contains reason if some reason in pods.not_judged(pods.regular_containers, input.parameters)
