# METADATA
# title: Containers say when they are ready
# description: |
#   Every regular container of a workload that is kept running has a readiness probe with exactly one way to check.
#   Without one a pod gets traffic as soon as its process starts, and keeps getting it while it can't answer. An empty
#   probe counts as none. Init, sidecar and ephemeral containers, Jobs, CronJobs and Pods that aren't restarted are not
#   judged.
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
#     Let each container say how to ask whether it can take traffic. The check is cheap and looks at the container
#     itself, not at the services behind it:
#
#     ```yaml
#     containers:
#       - name: app
#         readinessProbe:
#           httpGet: { path: /ready, port: 8080 }
#           periodSeconds: 10
#     ```
#
#     A program without HTTP uses `tcpSocket: { port: … }`, `grpc: { port: … }` or `exec: { command: […] }`.
#   standards: []
#   related: []
#   admission: deny
#   expand: false
package bylaw.readiness_probe

import data.lib.pods
import data.lib.probes

violation contains probes.finding(entry, "readinessProbe", "it gets traffic before it can answer") if {
	pods.long_running
	some entry in pods.selected(pods.regular_containers, input.parameters)
}

not_applicable contains pods.not_long_running

not_applicable contains reason if some reason in pods.not_judged(pods.regular_containers, input.parameters)
