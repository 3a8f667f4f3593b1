# METADATA
# title: Every namespace enforces a Pod Security Standard
# description: |
#   A namespace has the label `pod-security.kubernetes.io/enforce` with a level that is at least `minimum`: `privileged`
#   allows everything, `baseline` keeps pods off the node, `restricted` asks for what a hardened pod has. By that label
#   the API server itself refuses pods, whatever else is installed in the cluster; without it, it takes every one. The
#   labels `warn` and `audit` refuse nothing. The namespaces of Kubernetes itself (kube-system, kube-public,
#   kube-node-lease) are exempt: what runs there needs more.
# custom:
#   category: security
#   severity: medium
#   kinds: [core/Namespace]
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       minimum:
#         type: string
#         enum: [privileged, baseline, restricted]
#         default: baseline
#         description: >-
#           The least level to enforce; with `privileged` it is enough that a level is said.
#   remediation: |
#     See first what would be refused, which changes nothing:
#
#     ```
#     kubectl label --dry-run=server --overwrite namespace shop pod-security.kubernetes.io/enforce=baseline
#     ```
#
#     Then write the label into the namespace's manifest:
#
#     ```yaml
#     metadata:
#       name: shop
#       labels:
#         pod-security.kubernetes.io/enforce: baseline
#         pod-security.kubernetes.io/warn: restricted
#     ```
#
#     It holds for pods that are made from then on; those that run are left alone.
#   standards:
#     - { framework: cis-kubernetes-1.10, section: 5.2.1 }
#     - { framework: nsa-cisa-kubernetes-hardening-1.2, section: Pod security enforcement }
#     - { framework: iso-27001-2022, section: A.8.9 }
#   related: []
#   admission: deny
#   expand: false
package bylaw.namespace_pod_security_labels

import data.lib.fixes
import data.lib.objects
import data.lib.paths

violation contains object.union(fix, {
	"path": paths.member("metadata.labels", label),
	"found": found,
	"expected": expected,
	"message": $"Namespace \"{input.review.name}\" {fault}; set the label {label} to {expected}.",
}) if {
	not exempt
	not enough
}

not_applicable contains $"{input.review.name} is a namespace of Kubernetes itself, and what runs there needs more" if exempt

label := "pod-security.kubernetes.io/enforce"

ranks := {"privileged": 0, "baseline": 1, "restricted": 2}

exempt if input.review.name in {"kube-system", "kube-public", "kube-node-lease"}

labels := objects.object_or_empty(object.get(objects.metadata, "labels", null))

found := object.get(labels, label, null)

enough if ranks[found] >= ranks[input.parameters.minimum]

fault := "enforces no Pod Security Standard, so that the API server takes every pod" if found in {null, ""}

else := $"enforces the Pod Security Standard {found}, which is less than {input.parameters.minimum}" if ranks[found]

else := $"enforces {found}, which is no Pod Security Standard"

levels := [level | some level in ["privileged", "baseline", "restricted"]; ranks[level] >= ranks[input.parameters.minimum]]

expected := concat(" or ", levels)

# Nobody is helped by a label that says privileged.
fix := {"fix": fixes.put("", input.review.object, ["metadata", "labels", label], input.parameters.minimum)} if {
	input.parameters.minimum != "privileged"
} else := {}
