# METADATA
# title: Objects carry the labels that are asked for
# description: |
#   Every object of the kinds in `kinds` has each label in `labels`, with a value that isn't empty and, where a
#   `pattern` is given, matches it as a whole. By default every StatefulSet says who owns it. `where` chooses the
#   object's own labels, those of its pod template, or both.
# custom:
#   category: operational-excellence
#   severity: medium
#   kinds: ["*"]
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       labels:
#         type: array
#         items:
#           type: object
#           additionalProperties: false
#           required: [key]
#           properties:
#             key: { type: string, minLength: 1 }
#             pattern: { type: string, minLength: 1 }
#         default: [{ key: owner }]
#         description: >-
#           The labels to carry; a pattern is a regular expression (RE2) for the whole value, as in
#           `[a-z]+(-[a-z]+)*`.
#       kinds:
#         type: array
#         items: { type: string, minLength: 1 }
#         default: [StatefulSet]
#         description: >-
#           Kinds to judge: `Kind` in any group, `group/Kind` (`core/Pod` for the core group), `*` for all.
#       where:
#         type: string
#         enum: [object, pod_template, both]
#         default: object
#         description: >-
#           Where the labels have to be; a Pod is its own template.
#   remediation: |
#     Add the label with a value that tells what it asks:
#
#     ```yaml
#     metadata:
#       labels:
#         owner: jane.doe
#     ```
#
#     A label's value can't hold an @; for an e-mail address use the part before it, or an annotation. With Kustomize
#     `labels:`, with Helm a common template, sets it for all objects at once.
#   standards:
#     - { framework: iso-27001-2022, section: A.5.9 }
#   related: []
#   admission: deny
#   expand: false
package bylaw.required_labels

import data.lib.objects
import data.lib.paths
import data.lib.pods

violation contains {
	"path": paths.member(place.path, label.key),
	"found": found,
	"expected": expected(label),
	"message": $"{place.holder} {fault(label, found)}; set it to {expected(label)}.",
} if {
	objects.is_any_of(input.parameters.kinds)
	some place in places
	some label in input.parameters.labels
	readable(label)
	found := object.get(place.labels, label.key, null)
	not fits(label, found)
}

skipped contains "needs parameters: labels is empty" if count(input.parameters.labels) == 0

skipped contains "needs parameters: kinds is empty" if count(input.parameters.kinds) == 0

skipped contains $"the pattern of label {label.key} is not a regular expression" if {
	objects.is_any_of(input.parameters.kinds)
	some label in input.parameters.labels
	not readable(label)
}

not_applicable contains $"labels are required of {concat(", ", input.parameters.kinds)}, not of {objects.kind}" if {
	not objects.is_any_of(input.parameters.kinds)
}

not_applicable contains $"{objects.kind} has no pod template" if {
	objects.is_any_of(input.parameters.kinds)
	count(places) == 0
}

places contains {
	"path": "metadata.labels",
	"holder": $"This {objects.kind}",
	"labels": labels_of(objects.metadata),
} if {
	input.parameters.where != "pod_template"
}

places contains {
	"path": "metadata.labels",
	"holder": "This Pod",
	"labels": labels_of(objects.metadata),
} if {
	input.parameters.where != "object"
	pods.is_pod
}

places contains {
	"path": $"{pods.template_path}.metadata.labels",
	"holder": $"The pod template of this {objects.kind}",
	"labels": labels_of(object.get(pods.template, "metadata", null)),
} if {
	input.parameters.where != "object"
	pods.spec
	not pods.is_pod
}

labels_of(metadata) := objects.object_or_empty(object.get(objects.object_or_empty(metadata), "labels", null))

whole(label) := $"^(?:{label.pattern})$"

readable(label) if not label.pattern

readable(label) if regex.is_valid(whole(label))

fits(label, found) if {
	is_string(found)
	found != ""
	matches(label, found)
}

matches(label, _) if not label.pattern

matches(label, found) if regex.match(whole(label), found)

fault(label, found) := $"has no label {label.key}" if {
	found == null
} else := $"has an empty label {label.key}" if {
	found == ""
} else := $"has the label {label.key} with the value {found}"

expected(label) := $"a value that matches {label.pattern}" if label.pattern

else := "a value that isn't empty"
