# METADATA
# title: Objects are named as was agreed
# description: |
#   The name of every object of the kinds in `kinds` matches `pattern` as a whole. Not judged are names that somebody
#   else gives: of objects that another controls, of those whose name the API server completes (`generateName`), and of
#   what Kubernetes makes by itself. While the pattern is empty nothing is judged.
# custom:
#   category: operational-excellence
#   severity: low
#   kinds: ["*"]
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       pattern:
#         type: string
#         default: ""
#         description: >-
#           A regular expression (RE2) for the whole name, as in `[a-z]+(-[a-z]+)*`.
#       kinds:
#         type: array
#         items: { type: string, minLength: 1 }
#         minItems: 1
#         default: ["*"]
#         description: >-
#           Kinds to judge: `Kind` in any group, `group/Kind` (`core/Pod` for the core group), `*` for all.
#   remediation: |
#     Give it another name: make it anew under that, and delete the old one, since a name can't be changed.
#
#     ```yaml
#     metadata:
#       name: shop-checkout
#     ```
#   standards: []
#   related: []
#   admission: deny
#   expand: false
package bylaw.naming_convention

import data.lib.objects

violation contains {
	"path": "metadata.name",
	"found": input.review.name,
	"expected": $"a name that matches {input.parameters.pattern}",
	"message": $"{objects.kind} \"{input.review.name}\" is not named as was agreed; give it a name that matches {input.parameters.pattern}.",
} if {
	judged
	readable
	not regex.match(whole, input.review.name)
}

skipped contains "needs parameters: pattern is empty" if input.parameters.pattern == ""

skipped contains "the pattern is not a regular expression" if not readable

not_applicable contains $"names are agreed for {concat(", ", input.parameters.kinds)}, not for {objects.kind}" if not objects.is_any_of(input.parameters.kinds)

not_applicable contains reason if {
	objects.is_any_of(input.parameters.kinds)
	reason := given_by_another
}

judged if {
	input.parameters.pattern != ""
	objects.is_any_of(input.parameters.kinds)
	not given_by_another
}

whole := $"^(?:{input.parameters.pattern})$"

readable if regex.is_valid(whole)

given_by_another := $"{objects.controller.kind} {objects.controller.name} controls it and names it" if objects.controller

else := "the API server completes its name" if completed


else := "Kubernetes itself names it" if own

completed if endswith(input.review.name, "*")

# Once it is there: five characters were added to the prefix, which was cut to leave room for them.
completed if {
	prefix := substring(objects.metadata.generateName, 0, 58)
	startswith(input.review.name, prefix)
	count(input.review.name) == count(prefix) + 5
}

# What Kubernetes makes by itself, in whichever namespace.
own if objects.qualified_kind in {"core/Event", "events.k8s.io/Event", "coordination.k8s.io/Lease", "core/Node", "core/Endpoints", "discovery.k8s.io/EndpointSlice"}

own if {
	objects.group == "rbac.authorization.k8s.io"
	startswith(input.review.name, "system:")
}

own if {
	[objects.qualified_kind, input.review.name] in {
		["core/Service", "kubernetes"],
		["core/ServiceAccount", "default"],
		["core/ConfigMap", "kube-root-ca.crt"],
		["core/Namespace", "default"],
		["core/Namespace", "kube-system"],
		["core/Namespace", "kube-public"],
		["core/Namespace", "kube-node-lease"],
	}
}
