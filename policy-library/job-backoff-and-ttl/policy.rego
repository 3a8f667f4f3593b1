# METADATA
# title: Jobs give up in time, and are cleaned up
# description: |
#   A job is tried again at most `max_backoff` times (`backoffLimit`, or `backoffLimitPerIndex` where it has one; unset
#   is 6), so that one that can't succeed doesn't run for hours. With `require_ttl` a Job that is over is deleted after a
#   time (`ttlSecondsAfterFinished`), with its pods and their logs; the jobs of a CronJob are cleaned up by its history
#   limits, and need none.
# custom:
#   category: reliability
#   severity: low
#   kinds: [batch/Job, batch/CronJob]
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       max_backoff:
#         type: integer
#         minimum: 0
#         default: 6
#         description: How often a job may be tried again.
#       require_ttl:
#         type: boolean
#         default: true
#         description: Whether Jobs have to say how long they are kept when they are over.
#   remediation: |
#     Limit both:
#
#     ```yaml
#     spec:
#       backoffLimit: 3
#       ttlSecondsAfterFinished: 86400 # a day
#     ```
#   standards: []
#   related: []
#   admission: deny
#   expand: false
package bylaw.job_backoff_and_ttl

import data.lib.fixes
import data.lib.objects

violation contains {
	"path": $"{path}.{limit.field}",
	"found": limit.value,
	"expected": $"at most {input.parameters.max_backoff}",
	"message": $"{objects.kind} \"{input.review.name}\" {tries}; set {limit.field} to at most {input.parameters.max_backoff}.",
	"fix": fixes.put(pointer, spec, [limit.field], input.parameters.max_backoff),
} if {
	spec
	not few
}

violation contains {
	"path": "spec.ttlSecondsAfterFinished",
	"found": ttl,
	"expected": "a number of seconds",
	"message": $"Job \"{input.review.name}\" stays with its pods for ever when it is over; set ttlSecondsAfterFinished, for example to 86400.",
} if {
	input.parameters.require_ttl
	objects.kind == "Job"
	not of_cron_job
	not is_number(ttl)
}

path := "spec.jobTemplate.spec" if objects.kind == "CronJob"

else := "spec"

pointer := $"/{replace(path, ".", "/")}"

# The job's own spec, wherever the kind holds it.
spec := objects.object_or_empty(object.get(input.review.object, split(path, "."), null))

ttl := object.get(spec, "ttlSecondsAfterFinished", null)

of_cron_job if objects.controller.kind == "CronJob"

# With a limit for each index the one for the whole job is as good as none.
limit := {"field": "backoffLimitPerIndex", "value": spec.backoffLimitPerIndex} if {
	object.get(spec, "backoffLimitPerIndex", null) != null
} else := {"field": "backoffLimit", "value": 6} if {
	object.get(spec, "backoffLimit", null) == null
} else := {"field": "backoffLimit", "value": spec.backoffLimit}

few if {
	is_number(limit.value)
	limit.value <= input.parameters.max_backoff
}

tries := $"is tried again {limit.value} times" if is_number(limit.value)

else := "is tried again a number of times that is no number"
