# METADATA
# title: Cron jobs are limited
# description: |
#   A CronJob says what happens when a run is late, hangs or piles up: `startingDeadlineSeconds` is set, to at least 10,
#   since the controller looks every 10 seconds; runs don't overlap (`concurrencyPolicy` Forbid or Replace; unset is
#   Allow); a run ends by `activeDeadlineSeconds` of its job or pod at the latest; and of each history no more than 10
#   jobs are kept (unset are 3 that succeeded and 1 that failed).
# custom:
#   category: reliability
#   severity: low
#   kinds: [batch/CronJob]
#   parameters: { type: object, additionalProperties: false, properties: {} }
#   remediation: |
#     Say all of it:
#
#     ```yaml
#     spec:
#       schedule: "0 3 * * *"
#       startingDeadlineSeconds: 600
#       concurrencyPolicy: Forbid
#       successfulJobsHistoryLimit: 3
#       failedJobsHistoryLimit: 1
#       jobTemplate:
#         spec:
#           activeDeadlineSeconds: 3600
#     ```
#   standards: []
#   related: []
#   admission: deny
#   expand: false
package bylaw.cronjob_limits

import data.lib.objects
import data.lib.pods

violation contains {
	"path": "spec.startingDeadlineSeconds",
	"found": starting,
	"expected": $"a number of seconds, at least {shortest_start}",
	"message": $"CronJob \"{input.review.name}\" {fault}; set startingDeadlineSeconds to as long as a late run is still of use.",
} if {
	fault := starting_fault
}

violation contains {
	"path": "spec.concurrencyPolicy",
	"found": concurrency,
	"expected": "Forbid or Replace",
	"message": $"CronJob \"{input.review.name}\" lets runs overlap, so that slow ones pile up; set concurrencyPolicy to Forbid or Replace.",
} if {
	not concurrency in {"Forbid", "Replace"}
}

violation contains {
	"path": "spec.jobTemplate.spec.activeDeadlineSeconds",
	"found": object.get(spec, ["jobTemplate", "spec", "activeDeadlineSeconds"], null),
	"expected": "a number of seconds",
	"message": $"CronJob \"{input.review.name}\" never ends a run that hangs; set activeDeadlineSeconds in its jobTemplate.",
} if {
	not positive(object.get(spec, ["jobTemplate", "spec", "activeDeadlineSeconds"], null))
	not positive(object.get(pods.spec, "activeDeadlineSeconds", null))
}

violation contains {
	"path": $"spec.{field}",
	"found": kept,
	"expected": $"at most {most_kept}",
	"message": $"CronJob \"{input.review.name}\" keeps {kept} jobs of the past; set {field} to at most {most_kept}.",
} if {
	some field in ["successfulJobsHistoryLimit", "failedJobsHistoryLimit"]
	kept := object.get(spec, field, null)
	kept != null
	not few(kept)
}

# The controller looks every 10 seconds: a shorter deadline may be over before it has looked.
shortest_start := 10

most_kept := 10

spec := objects.object_or_empty(object.get(input.review.object, "spec", null))

starting := object.get(spec, "startingDeadlineSeconds", null)

starting_fault := "says not how late a run may start" if starting == null

else := "gives a deadline for starting that is no number" if not is_number(starting)

else := $"may start runs for only {starting} seconds, which the controller may miss" if starting < shortest_start

concurrency := "Allow" if object.get(spec, "concurrencyPolicy", null) in {null, ""}

else := spec.concurrencyPolicy

positive(value) if {
	is_number(value)
	value > 0
}

few(value) if {
	is_number(value)
	value <= most_kept
}
