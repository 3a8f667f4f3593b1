# METADATA
# title: Nothing lives in the default namespace
# description: |
#   Every object that belongs to a namespace is put in one that was made for it, not in `default`, where permissions,
#   quotas and network rules of unrelated things mix. What counts is `metadata.namespace`, else the namespace that
#   comes with the request, else `default`. With `approved_namespaces` everything outside them fails as well. Objects
#   that Kubernetes itself keeps there are exempt: the Service `kubernetes` and its Endpoints and EndpointSlice, the
#   ServiceAccount `default`, the ConfigMap `kube-root-ca.crt`, Events and Leases.
# custom:
#   category: access-control
#   severity: medium
#   kinds: ["@namespaced"]
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       approved_namespaces:
#         type: array
#         items: { type: string, pattern: "^[a-z0-9*-]+$" }
#         default: []
#         description: >-
#           The namespaces that the site has set; `*` stands for any run of characters, as in `team-*`. An empty list
#           approves all but `default`, which is never approved.
#       unset:
#         type: string
#         enum: [default, ignore]
#         default: default
#         description: >-
#           What to make of an object that names no namespace: `default` judges it as one in `default`, where it would
#           land; `ignore` leaves it alone, for manifests whose namespace is given when they are applied.
#   remediation: |
#     Name the namespace of the application in each object:
#
#     ```yaml
#     metadata:
#       name: app
#       namespace: shop
#     ```
#
#     Make the namespace first (`kubectl create namespace shop`). With Kustomize one line `namespace: shop` sets it for
#     all objects; with Helm pass `--namespace shop`.
#   standards:
#     - { framework: cis-kubernetes-1.10, section: 5.7.4 }
#     - { framework: nsa-cisa-kubernetes-hardening-1.2, section: Namespaces }
#   related: []
#   admission: deny
#   expand: false
package bylaw.no_default_namespace

import data.lib.globs
import data.lib.objects

violation contains {
	"path": "metadata.namespace",
	"found": namespace,
	"expected": expected,
	"message": message,
} if {
	not exempt
	not ignored
	not approved
}

not_applicable contains $"Kubernetes itself keeps {objects.kind} {input.review.name} there" if exempt

not_applicable contains "it names no namespace, and the parameters leave that alone" if ignored

not_applicable contains $"{objects.kind} belongs to no namespace" if {
	not namespace
	objects.group_is_built_in
}

# A custom resource without a namespace, whose definition isn't known.
skipped contains $"it is not known whether {objects.kind} of {objects.group} belongs to a namespace" if {
	not namespace
	not objects.group_is_built_in
}

named := objects.metadata.namespace if not object.get(objects.metadata, "namespace", null) in {null, ""}

namespace := named if named

else := input.review.namespace if input.review.namespace != ""

# A namespace that came with the request is not ignored, unless it is the one that is assumed anyway.
ignored if {
	input.parameters.unset == "ignore"
	not named
	namespace == "default"
}

approved if {
	is_string(namespace)
	namespace != "default"
	count(input.parameters.approved_namespaces) == 0
}

approved if {
	namespace != "default"
	globs.any_text(input.parameters.approved_namespaces, namespace)
}

expected := "a namespace other than default" if count(input.parameters.approved_namespaces) == 0

else := $"one of {concat(", ", input.parameters.approved_namespaces)}"

message := $"This {objects.kind} names no namespace, so it lands in default unless one is given when it is applied; set metadata.namespace." if {
	not named
	namespace == "default"
} else := $"This {objects.kind} is put in the namespace default; give it a namespace that was made for it." if {
	namespace == "default"
} else := $"This {objects.kind} is put in the namespace {namespace}, which is not approved; use {expected}."

exempt if {
	namespace == "default"
	input.review.name == "kubernetes"
	[objects.group, objects.kind] in {["", "Service"], ["", "Endpoints"], ["discovery.k8s.io", "EndpointSlice"]}
}

exempt if {
	[objects.group, objects.kind, input.review.name] in {
		["", "ServiceAccount", "default"],
		["", "ConfigMap", "kube-root-ca.crt"],
	}
}

exempt if [objects.group, objects.kind] in {["", "Event"], ["events.k8s.io", "Event"], ["coordination.k8s.io", "Lease"]}
