# METADATA
# title: Objects carry the annotations that are asked for
# description: |
#   Every object of the kinds in `kinds` has each annotation in `annotations`, with a value that isn't empty and, where a
#   `pattern` is given, matches it as a whole. A value that was masked because it looks like a secret is there, but can't
#   be held against a pattern. While the list is empty nothing is judged.
# custom:
#   category: operational-excellence
#   severity: low
#   kinds: ["*"]
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       annotations:
#         type: array
#         items:
#           type: object
#           additionalProperties: false
#           required: [key]
#           properties:
#             key: { type: string, minLength: 1 }
#             pattern: { type: string, minLength: 1 }
#         default: []
#         description: >-
#           The annotations to carry; a pattern is a regular expression (RE2) for the whole value, as in
#           `[^@]+@example\.com`.
#       kinds:
#         type: array
#         items: { type: string, minLength: 1 }
#         default: [Deployment, StatefulSet, DaemonSet, CronJob]
#         description: >-
#           Kinds to judge: `Kind` in any group, `group/Kind` (`core/Pod` for the core group), `*` for all.
#   remediation: |
#     Add the annotation with a value that tells what it asks:
#
#     ```yaml
#     metadata:
#       annotations:
#         example.com/owner: jane.doe@example.com
#     ```
#
#     With Kustomize `commonAnnotations:`, with Helm a common template, sets it for all objects at once.
#   standards:
#     - { framework: iso-27001-2022, section: A.5.9 }
#   related: []
#   admission: deny
#   expand: false
package bylaw.required_annotations

import data.lib.objects
import data.lib.paths

violation contains {
	"path": paths.member("metadata.annotations", annotation.key),
	"found": found,
	"expected": expected(annotation),
	"message": $"This {objects.kind} {fault(annotation, found)}; set it to {expected(annotation)}.",
} if {
	objects.is_any_of(input.parameters.kinds)
	some annotation in input.parameters.annotations
	readable(annotation)
	found := object.get(annotations, annotation.key, null)
	not fits(annotation, found)
	not undecided(annotation, found)
}

skipped contains "needs parameters: annotations is empty" if count(input.parameters.annotations) == 0

skipped contains "needs parameters: kinds is empty" if count(input.parameters.kinds) == 0

skipped contains $"the pattern of annotation {annotation.key} is not a regular expression" if {
	objects.is_any_of(input.parameters.kinds)
	some annotation in input.parameters.annotations
	not readable(annotation)
}

skipped contains $"annotation {annotation.key} is masked, and can't be held against its pattern" if {
	objects.is_any_of(input.parameters.kinds)
	some annotation in input.parameters.annotations
	undecided(annotation, object.get(annotations, annotation.key, null))
}

not_applicable contains $"annotations are required of {concat(", ", input.parameters.kinds)}, not of {objects.kind}" if {
	not objects.is_any_of(input.parameters.kinds)
}

annotations := objects.object_or_empty(object.get(objects.metadata, "annotations", null))

whole(annotation) := $"^(?:{annotation.pattern})$"

readable(annotation) if not annotation.pattern

readable(annotation) if regex.is_valid(whole(annotation))

masked(found) if object.get(objects.object_or_empty(found), "$masked", null) != null

undecided(annotation, found) if {
	annotation.pattern
	masked(found)
}

fits(annotation, found) if {
	is_string(found)
	found != ""
	matches(annotation, found)
}

fits(annotation, found) if {
	not annotation.pattern
	masked(found)
}

matches(annotation, _) if not annotation.pattern

matches(annotation, found) if regex.match(whole(annotation), found)

fault(annotation, found) := $"has no annotation {annotation.key}" if {
	found == null
} else := $"has an empty annotation {annotation.key}" if {
	found == ""
} else := $"has the annotation {annotation.key} with the value {found}"

expected(annotation) := $"a value that matches {annotation.pattern}" if annotation.pattern

else := "a value that isn't empty"
