# METADATA
# title: Public load balancers lead to approved pods only
# description: |
#   A Service of type LoadBalancer that is open to the outside selects pods by a label that is approved for it, in most
#   clusters those of an ingress controller that ends TLS and writes logs. It passes if its `spec.selector` has the key
#   of one entry of `allowed_selectors` with one of that entry's values; other keys beside it change nothing. A selector
#   that is empty, or has none of the keys, fails. With the default parameters no value is approved, so that every
#   public load balancer fails until the site has named its own. A load balancer that an annotation of its cloud makes
#   internal is not judged.
# custom:
#   category: network
#   severity: high
#   kinds: [core/Service]
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       allowed_selectors:
#         type: array
#         items:
#           type: object
#           additionalProperties: false
#           required: [key]
#           properties:
#             key: { type: string, pattern: "^[A-Za-z0-9._/*-]+$" }
#             values:
#               type: array
#               items: { type: string, pattern: "^[A-Za-z0-9._*-]+$" }
#               default: []
#         default: [{ key: k8s-app, values: [] }]
#         description: >-
#           What a public load balancer may select: a label's key with its approved values; `*` stands for any run of
#           characters, as in `ingress-*`. A list of values that is empty approves none.
#       internal_annotations:
#         type: array
#         items:
#           type: object
#           additionalProperties: false
#           required: [key, values]
#           properties:
#             key: { type: string, minLength: 1 }
#             values: { type: array, items: { type: string, minLength: 1 } }
#         default:
#           - { key: service.beta.kubernetes.io/aws-load-balancer-internal, values: ["true", "0.0.0.0/0"] }
#           - { key: service.beta.kubernetes.io/aws-load-balancer-scheme, values: [internal] }
#           - { key: service.beta.kubernetes.io/azure-load-balancer-internal, values: ["true"] }
#           - { key: networking.gke.io/load-balancer-type, values: [Internal, internal] }
#           - { key: cloud.google.com/load-balancer-type, values: [Internal, internal] }
#           - { key: service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type, values: [private] }
#           - { key: service.beta.kubernetes.io/openstack-internal-load-balancer, values: ["true"] }
#           - { key: service.beta.kubernetes.io/oci-load-balancer-internal, values: ["true"] }
#           - { key: oci-network-load-balancer.oraclecloud.com/internal, values: ["true"] }
#           - { key: service.beta.kubernetes.io/alibaba-cloud-loadbalancer-address-type, values: [intranet] }
#           - { key: service.kubernetes.io/qcloud-loadbalancer-internal-subnetid, values: ["subnet-*"] }
#           - { key: service.beta.kubernetes.io/cce-load-balancer-internal-vpc, values: ["true"] }
#           - { key: service.beta.kubernetes.io/do-loadbalancer-network, values: [INTERNAL] }
#           - { key: service.beta.kubernetes.io/scw-loadbalancer-private, values: ["true"] }
#           - { key: load-balancer.hetzner.cloud/disable-public-network, values: ["true"] }
#         description: >-
#           Annotations by which clouds make a load balancer internal, each with the values that do so; `*` stands for
#           any run of characters. Keep only those of your own clouds: another cloud's annotation has no effect in
#           yours.
#       include_node_port:
#         type: boolean
#         default: false
#         description: >-
#           Whether Services of type NodePort are judged too, which open a port on every node.
#   remediation: |
#     Leave the Service inside the cluster, and publish it through the ingress controller:
#
#     ```yaml
#     apiVersion: v1
#     kind: Service
#     metadata: { name: app }
#     spec:
#       type: ClusterIP
#       selector: { app: app }
#       ports:
#         - { port: 80, targetPort: 8080 }
#     ```
#
#     If only your own network needs it, make the load balancer internal with your cloud's annotation, for example
#     `networking.gke.io/load-balancer-type: Internal`. If these pods are meant to be public, have their label approved.
#   standards:
#     - { framework: iso-27001-2022, section: A.8.20 }
#   related: []
#   admission: deny
#   expand: false
package bylaw.load_balancer_selector

import data.lib.globs
import data.lib.objects
import data.lib.paths

violation contains {
	"path": place.path,
	"found": place.found,
	"expected": expected,
	"message": $"This Service opens {openings[type]} {fault}; {advice}.",
} if {
	judged
	not approved
}

not_applicable contains $"it is a Service of type {type}, which is not judged" if not openings[type]

not_applicable contains "it is a Service of type NodePort, which the parameters leave out" if {
	type == "NodePort"
	not input.parameters.include_node_port
}

not_applicable contains $"its annotation {min(internal_by)} makes the load balancer internal" if {
	type == "LoadBalancer"
	count(internal_by) > 0
}

openings := {"LoadBalancer": "a public load balancer", "NodePort": "a port on every node"}

# The API server's default is ClusterIP.
type := "ClusterIP" if object.get(input.review.object, ["spec", "type"], null) in {null, ""}

else := input.review.object.spec.type

judged if {
	type == "LoadBalancer"
	count(internal_by) == 0
}

judged if {
	type == "NodePort"
	input.parameters.include_node_port
}

internal_by contains annotation.key if {
	some annotation in input.parameters.internal_annotations
	globs.any_text(annotation.values, objects.metadata.annotations[annotation.key])
}

selector := objects.object_or_empty(object.get(input.review.object, ["spec", "selector"], null))

approved if {
	some entry in input.parameters.allowed_selectors
	some key, value in selector
	globs.text_matches(entry.key, key)
	globs.any_text(entry.values, value)
}

# Labels of the selector that would do with another value.
held := [key |
	some entry in input.parameters.allowed_selectors
	some key, _ in selector
	globs.text_matches(entry.key, key)
]

asked_for := {entry.key | some entry in input.parameters.allowed_selectors}

place := {"path": paths.member("spec.selector", held[0]), "found": selector[held[0]]} if count(held) > 0

else := {"path": paths.member("spec.selector", key), "found": null} if {
	count(asked_for) == 1
	some key in asked_for
	not contains(key, "*")
} else := {"path": "spec.selector", "found": object.get(input.review.object, ["spec", "selector"], null)}

fault := $"to pods with the label {held[0]}: {selector[held[0]]}, which is not approved" if count(held) > 0

else := "with an empty selector" if count(selector) == 0

else := $"to pods that it doesn't select by {concat(" or ", sort(asked_for))}" if count(asked_for) > 0

else := "to pods, and no selector is approved for that"

choices := [$"{entry.key}: {concat(" or ", entry.values)}" |
	some entry in input.parameters.allowed_selectors
	count(entry.values) > 0
]

expected := concat(", or ", choices) if count(choices) > 0

else := "none, since no selector is approved"

advice := $"select pods by {expected}{otherwise}" if count(choices) > 0

else := $"have the selector approved{otherwise}"

otherwise := ", or make it internal" if type == "LoadBalancer"

else := ", or use the type ClusterIP"
