# METADATA
# title: Namespaces say whom to ask
# description: |
#   Every Namespace has each of `keys` as a label or an annotation, with a value that isn't empty: who owns what runs
#   there, and how to reach them when it is on fire. A prefix before a slash doesn't count, so `example.com/owner` is an
#   owner too. The namespaces that Kubernetes itself makes are exempt.
# custom:
#   category: operational-excellence
#   severity: low
#   kinds: [core/Namespace]
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       keys:
#         type: array
#         items: { type: string, minLength: 1 }
#         minItems: 1
#         default: [owner, contact]
#         description: >-
#           The labels or annotations to carry, each without its prefix, or with the one that it has to have.
#   remediation: |
#     Add both; an address goes into an annotation, since a label's value can't hold an @:
#
#     ```yaml
#     metadata:
#       name: shop
#       labels:
#         owner: team-shop
#       annotations:
#         contact: shop-oncall@example.com
#     ```
#   standards:
#     - { framework: iso-27001-2022, section: A.5.9 }
#   related: []
#   admission: deny
#   expand: false
package bylaw.owner_contact

import data.lib.objects
import data.lib.paths

violation contains {
	"path": paths.member("metadata.annotations", key),
	"found": null,
	"expected": "a label or an annotation that isn't empty",
	"message": $"Namespace \"{input.review.name}\" has no {key}; add it as a label or an annotation.",
} if {
	not own
	some key in input.parameters.keys
	count([value | some value in values_of(key); filled(value)]) == 0
}

not_applicable contains "Kubernetes itself makes it" if own

own if input.review.name in {"default", "kube-system", "kube-public", "kube-node-lease"}

values_of(key) := [value |
	some field in ["labels", "annotations"]
	some name, value in objects.object_or_empty(object.get(objects.metadata, field, null))
	is_named(name, key)
]

is_named(name, key) if name == key

is_named(name, key) if endswith(name, $"/{key}")

# What was masked because it looks like a secret is there.
filled(value) if not value in {null, ""}
