# METADATA
# title: Every namespace has network policies
# description: |
#   A namespace has NetworkPolicies for each of `directions`: without one every pod may be reached by, and may reach,
#   every other. With `default_deny` one of them selects every pod and allows nothing in that direction, so that what is
#   not allowed by another is refused. Without a named cluster it is not known which policies there are, and the
#   namespace is skipped; so is one that was made less than 5 minutes ago, whose policies may still come, and one with
#   policies of a network plug-in (Cilium, Calico), which are not read.
# custom:
#   category: network
#   severity: medium
#   kinds: [core/Namespace]
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       directions:
#         type: array
#         items: { type: string, enum: [Ingress, Egress] }
#         minItems: 1
#         default: [Ingress, Egress]
#         description: The directions that have to be limited.
#       default_deny:
#         type: boolean
#         default: false
#         description: >-
#           Whether a policy has to refuse by default what no other allows, for every pod of the namespace.
#   remediation: |
#     Refuse everything by default, and allow what is needed beside it:
#
#     ```yaml
#     apiVersion: networking.k8s.io/v1
#     kind: NetworkPolicy
#     metadata: { name: default-deny, namespace: shop }
#     spec:
#       podSelector: {}
#       policyTypes: [Ingress, Egress]
#     ```
#
#     Pods then need a rule to reach the cluster's DNS (port 53, UDP and TCP).
#   standards:
#     - { framework: cis-kubernetes-1.10, section: 5.3.2 }
#     - { framework: nsa-cisa-kubernetes-hardening-1.2, section: Network policies }
#     - { framework: pci-dss-4.0, section: 1.3.1 }
#     - { framework: iso-27001-2022, section: A.8.22 }
#   related:
#     - name: network_policies
#       kind: networking.k8s.io/NetworkPolicy
#       select: same_namespace
#       fields: [metadata.name, spec]
#       need: complete
#     - name: plugin_policies
#       kind: [cilium.io/CiliumNetworkPolicy, projectcalico.org/NetworkPolicy, crd.projectcalico.org/NetworkPolicy]
#       select: same_namespace
#       fields: [kind, metadata.name]
#       need: refines
#   admission: none
#   expand: false
package bylaw.network_policy_present

import data.lib.network_policies
import data.lib.settling

violation contains {
	"path": "metadata.name",
	"found": input.review.name,
	"expected": $"a NetworkPolicy {wanted(direction)}",
	"message": $"Namespace \"{input.review.name}\" has no NetworkPolicy {wanted(direction)}, so {harms[direction]}; add one.",
} if {
	not settling.reason
	input.related.network_policies
	count(plugin_policies) == 0
	some direction in missing
}

skipped contains "its NetworkPolicies are not known: no cluster was named, or it is still being listed" if not input.related.network_policies

skipped contains $"{settling.reason}, and its NetworkPolicies may still come" if {
	settling.reason
	input.related.network_policies
	count(missing) > 0
}

skipped contains $"it is limited by {plugin_policies[0].kind} \"{plugin_policies[0].metadata.name}\", which is not read" if {
	input.related.network_policies
	count(missing) > 0
	count(plugin_policies) > 0
}

default plugin_policies := []

plugin_policies := input.related.plugin_policies

missing := [direction |
	some direction in input.parameters.directions
	count([policy | some policy in input.related.network_policies; limits(policy, direction)]) == 0
]

limits(policy, direction) if {
	not input.parameters.default_deny
	direction in network_policies.directions(policy.spec)
}

limits(policy, direction) if {
	input.parameters.default_deny
	network_policies.refuses_all(policy.spec, direction)
}

wanted(direction) := $"that refuses {direction} by default" if input.parameters.default_deny

else := $"for {direction}"

harms := {
	"Ingress": "its pods may be reached by every other pod",
	"Egress": "its pods may reach everything",
}
