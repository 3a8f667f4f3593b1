# METADATA
# title: Pods are restarted as is allowed
# description: |
#   The `restartPolicy` of pods is one of `allowed`, written as Kubernetes has it; unset is Always. By default each of
#   the three is.
# custom:
#   category: reliability
#   severity: low
#   kinds: ["@pod-spec"]
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       allowed:
#         type: array
#         items: { type: string, enum: [Always, OnFailure, Never] }
#         minItems: 1
#         default: [Always, OnFailure, Never]
#         description: The restart policies that pods may have.
#   remediation: |
#     Say what is to happen when a container ends:
#
#     ```yaml
#     spec:
#       restartPolicy: OnFailure
#     ```
#
#     Workloads that are kept running take only Always, Jobs only OnFailure and Never.
#   standards: []
#   related: []
#   admission: deny
#   expand: false
package bylaw.restart_policy

import data.lib.fixes
import data.lib.objects
import data.lib.pods

violation contains object.union(fix, {
	"path": $"{pods.spec_path}.restartPolicy",
	"found": found,
	"expected": expected,
	"message": $"This {objects.kind} has the restartPolicy {found}, which is not an allowed one; set it to {expected}.",
}) if {
	pods.spec
	not found in input.parameters.allowed
}

not_applicable contains pods.no_pod_spec

found := "Always" if object.get(pods.spec, "restartPolicy", null) in {null, ""}

else := pods.spec.restartPolicy

expected := concat(" or ", input.parameters.allowed)

# The one policy that is allowed.
fix := {"fix": fixes.put(pods.spec_pointer, pods.spec, ["restartPolicy"], input.parameters.allowed[0])} if {
	count(input.parameters.allowed) == 1
} else := {}
