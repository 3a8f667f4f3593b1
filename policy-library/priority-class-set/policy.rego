# METADATA
# title: Pods say how important they are
# description: |
#   Every pod names a PriorityClass, one of `allowed` where that is not empty. When room is short the scheduler makes
#   it for the important ones; without a class all are alike, and what everybody needs waits behind what nobody misses.
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
#         items: { type: string, pattern: "^[a-z0-9.*-]+$" }
#         default: []
#         description: >-
#           The PriorityClasses that may be named; `*` stands for any run of characters, as in `team-*`. An empty list
#           takes every class.
#   remediation: |
#     Name a class of your cluster (`kubectl get priorityclasses`):
#
#     ```yaml
#     spec:
#       priorityClassName: business-critical
#     ```
#   standards: []
#   related: []
#   admission: deny
#   expand: false
package bylaw.priority_class_set

import data.lib.fixes
import data.lib.globs
import data.lib.objects
import data.lib.pods

violation contains object.union(fix, {
	"path": $"{pods.spec_path}.priorityClassName",
	"found": found,
	"expected": expected,
	"message": $"This {objects.kind} {fault}; set priorityClassName to {expected}.",
}) if {
	pods.spec
	not fits
}

not_applicable contains pods.no_pod_spec

found := object.get(pods.spec, "priorityClassName", null)

fits if {
	is_string(found)
	found != ""
	count(input.parameters.allowed) == 0
}

fits if {
	is_string(found)
	found != ""
	globs.any_text(input.parameters.allowed, found)
}

fault := "names no PriorityClass" if found in {null, ""}

else := $"has the PriorityClass {found}, which is not an allowed one"

expected := "a PriorityClass of the cluster" if count(input.parameters.allowed) == 0

else := $"one of {concat(", ", input.parameters.allowed)}"

# The one class that is allowed.
fix := {"fix": fixes.put(pods.spec_pointer, pods.spec, ["priorityClassName"], only)} if {
	count(input.parameters.allowed) == 1
	only := input.parameters.allowed[0]
	not contains(only, "*")
} else := {}
