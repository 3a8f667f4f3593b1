# METADATA
# title: Liveness and readiness ask different questions
# description: |
#   The liveness probe of a container doesn't look at the same thing as its readiness probe, unless it is more patient:
#   the same check is right where liveness gives it more time (`periodSeconds` × `failureThreshold`, by default 10 × 3)
#   than readiness. Else a container that is only busy is killed when it should just get no traffic, and the load that
#   made it busy moves on to the next. Checks are compared with the API's defaults filled in. Looks at containers and
#   sidecars of workloads that are kept running.
# custom:
#   category: reliability
#   severity: low
#   kinds: ["@long-running"]
#   container_lists: [containers, sidecars]
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
#     Let readiness ask whether the container can take traffic, and liveness only whether it is stuck for good:
#
#     ```yaml
#     containers:
#       - name: app
#         readinessProbe:
#           httpGet: { path: /ready, port: 8080 }
#         livenessProbe:
#           httpGet: { path: /healthz, port: 8080 }
#           failureThreshold: 6
#     ```
#
#     If there is only one thing to ask, give liveness a higher `failureThreshold` than readiness.
#   standards: []
#   related: []
#   admission: deny
#   expand: false
package bylaw.probes_differ

import data.lib.pods
import data.lib.probes

violation contains {
	"path": $"{entry.path}.livenessProbe",
	"found": liveness,
	"expected": "another check than the readinessProbe's, or more time for it",
	"message": $"{pods.label(entry)} is killed by its livenessProbe for what its readinessProbe looks at too, {when}; check something else, or raise the failureThreshold of the livenessProbe.",
	"container": entry.name,
} if {
	pods.long_running
	some entry in pods.selected(probes.probed, input.parameters)
	liveness := object.get(entry.container, "livenessProbe", null)
	readiness := object.get(entry.container, "readinessProbe", null)
	probes.check(entry.container, liveness) == probes.check(entry.container, readiness)
	when := timing(patience(liveness), patience(readiness))
}

not_applicable contains pods.not_long_running

not_applicable contains reason if some reason in pods.not_judged(probes.probed, input.parameters)

# patience(probe): so many seconds it takes to give up; null if what is written is no number.
patience(probe) := period * threshold if {
	period := probes.number(probe, "periodSeconds", 10)
	threshold := probes.number(probe, "failureThreshold", 3)
	is_number(period)
	is_number(threshold)
} else := null

# timing(liveness, readiness): when liveness gives up, as the end of a sentence; undefined if it is the more patient.
timing(null, _) := "after a time that can't be read"

timing(liveness, null) := "after a time that can't be read" if liveness != null

timing(liveness, readiness) := $"after the same {liveness} seconds" if {
	is_number(liveness)
	liveness == readiness
}

timing(liveness, readiness) := $"after {liveness} seconds and so before that gives up ({readiness})" if {
	is_number(liveness)
	is_number(readiness)
	liveness < readiness
}
