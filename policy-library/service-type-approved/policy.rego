# METADATA
# title: Services are of an approved type
# description: |
#   The `type` of a Service is one of `allowed`, written as Kubernetes has it; unset is ClusterIP. By default each of the
#   four is.
# custom:
#   category: network
#   severity: low
#   kinds: [core/Service]
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       allowed:
#         type: array
#         items: { type: string, enum: [ClusterIP, LoadBalancer, ExternalName, NodePort] }
#         minItems: 1
#         default: [ClusterIP, LoadBalancer, ExternalName, NodePort]
#         description: The types that Services may have.
#   remediation: |
#     Keep the Service inside the cluster, and let an Ingress or a Gateway lead to it:
#
#     ```yaml
#     spec:
#       type: ClusterIP
#     ```
#   standards: []
#   related: []
#   admission: deny
#   expand: false
package bylaw.service_type_approved

import data.lib.services

violation contains {
	"path": "spec.type",
	"found": services.type,
	"expected": expected,
	"message": $"This Service is of type {services.type}, which is not approved; use {expected}.",
} if {
	not services.type in input.parameters.allowed
}

expected := concat(" or ", input.parameters.allowed)
