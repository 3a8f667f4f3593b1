# METADATA
# title: Pods get time to end, and not for ever
# description: |
#   A pod has between `min` and `max` seconds (`terminationGracePeriodSeconds`) from the signal to end until it is
#   killed. Too few cut off requests and writes; too many hold up every update and every drained node. Unset is 30.
# custom:
#   category: reliability
#   severity: low
#   kinds: ["@pod-spec"]
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       min:
#         type: integer
#         minimum: 0
#         default: 5
#         description: The least time that a pod has to have, in seconds.
#       max:
#         type: integer
#         minimum: 0
#         default: 300
#         description: The most time that a pod may have, in seconds.
#   remediation: |
#     Give the pod as long as its longest request takes, and make the program end on SIGTERM:
#
#     ```yaml
#     spec:
#       terminationGracePeriodSeconds: 30
#     ```
#   standards: []
#   related: []
#   admission: deny
#   expand: false
package bylaw.termination_grace_period

import data.lib.fixes
import data.lib.objects
import data.lib.pods

violation contains {
	"path": $"{pods.spec_path}.terminationGracePeriodSeconds",
	"found": period,
	"expected": expected,
	"message": $"This {objects.kind} {fault}; set terminationGracePeriodSeconds to {expected}.",
	"fix": fixes.put(pods.spec_pointer, pods.spec, ["terminationGracePeriodSeconds"], nearest),
} if {
	pods.spec
	fault
}

not_applicable contains pods.no_pod_spec

# The API server's default is 30.
period := 30 if object.get(pods.spec, "terminationGracePeriodSeconds", null) == null

else := pods.spec.terminationGracePeriodSeconds

fault := "gives a time to end that is no number" if not is_number(period)

else := "gives no time to end, so that whatever it does is cut off" if {
	period == 0
	input.parameters.min > 0
} else := $"gives {period} seconds to end, which is too short" if {
	period < input.parameters.min
} else := $"gives {period} seconds to end, which holds up updates and drained nodes" if {
	period > input.parameters.max
}

expected := $"{input.parameters.min} to {input.parameters.max} seconds"

nearest := input.parameters.max if {
	is_number(period)
	period > input.parameters.max
} else := 30 if {
	input.parameters.min <= 30
	input.parameters.max >= 30
} else := input.parameters.min
