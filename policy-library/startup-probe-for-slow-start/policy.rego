# METADATA
# title: What starts slowly has a startup probe
# description: |
#   A container whose liveness or readiness probe begins only after more than `max_initial_delay` seconds has a startup
#   probe instead. A long delay is a guess: a start that takes longer is killed, and after each quick start the probe is
#   blind for just as long. Probes that don't say how to check are the matter of liveness-probe and readiness-probe.
#   Looks at containers and sidecars of workloads that are kept running.
# custom:
#   category: reliability
#   severity: info
#   kinds: ["@long-running"]
#   container_lists: [containers, sidecars]
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       max_initial_delay:
#         type: integer
#         minimum: 0
#         default: 60
#         description: >-
#           So many seconds (`initialDelaySeconds`) a probe may wait without a startup probe.
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
#     Let a startup probe wait for the start, and the others begin at once when it has succeeded:
#
#     ```yaml
#     containers:
#       - name: app
#         startupProbe:
#           httpGet: { path: /healthz, port: 8080 }
#           periodSeconds: 5
#           failureThreshold: 60 # up to 5 minutes
#         livenessProbe:
#           httpGet: { path: /healthz, port: 8080 }
#     ```
#   standards: []
#   related: []
#   admission: deny
#   expand: false
package bylaw.startup_probe_for_slow_start

import data.lib.pods
import data.lib.probes

violation contains {
	"path": $"{entry.path}.{field}.initialDelaySeconds",
	"found": delay,
	"expected": $"a startupProbe, or a delay of at most {input.parameters.max_initial_delay} seconds",
	"message": $"{pods.label(entry)} {waits(delay)} before its {field} begins, and has no startupProbe; add one, and let the {field} begin after it.",
	"container": entry.name,
} if {
	pods.long_running
	some entry in pods.selected(probes.probed, input.parameters)
	count(probes.handlers(object.get(entry.container, "startupProbe", null))) == 0
	some field in ["livenessProbe", "readinessProbe"]
	probe := object.get(entry.container, field, null)
	count(probes.handlers(probe)) > 0
	delay := object.get(probe, "initialDelaySeconds", null)
	delay != null
	not short(delay)
}

not_applicable contains pods.not_long_running

not_applicable contains reason if some reason in pods.not_judged(probes.probed, input.parameters)

short(delay) if {
	is_number(delay)
	delay <= input.parameters.max_initial_delay
}

waits(delay) := $"waits {delay} seconds" if is_number(delay)

else := "waits for a time that is no number"
