# METADATA
# title: Pods are made by a workload
# description: |
#   A Pod has an owner that controls it, such as a ReplicaSet or a Job: a Pod of its own is not made again when its node
#   is lost or drained, and nothing updates it. Tests and other hooks of Helm, which are Pods by design, are exempt.
# custom:
#   category: reliability
#   severity: medium
#   kinds: [core/Pod]
#   parameters: { type: object, additionalProperties: false, properties: {} }
#   remediation: |
#     Put the pod into a workload, with its spec as the template:
#
#     ```yaml
#     apiVersion: apps/v1
#     kind: Deployment
#     metadata: { name: app, namespace: shop }
#     spec:
#       replicas: 2
#       selector: { matchLabels: { app: app } }
#       template:
#         metadata: { labels: { app: app } }
#         spec:
#           containers:
#             - { name: app, image: "registry.example.com/shop/app:1.4.2" }
#     ```
#
#     What runs once to its end is a Job, what runs on each node a DaemonSet.
#   standards:
#     - { framework: iso-27001-2022, section: A.8.14 }
#   related: []
#   admission: deny
#   expand: false
package bylaw.no_naked_pods

import data.lib.objects

violation contains {
	"path": "metadata.ownerReferences",
	"found": object.get(objects.metadata, "ownerReferences", null),
	"expected": "an owner that controls the Pod",
	"message": $"Pod \"{input.review.name}\" {fault}, so nothing makes it again when its node is lost; put it into a Deployment, a Job or another workload.",
} if {
	not objects.controller
	not hook
}

not_applicable contains "it is a hook of Helm" if hook

hook if object.get(objects.object_or_empty(object.get(objects.metadata, "annotations", null)), "helm.sh/hook", "") != ""

fault := $"belongs to {owner.kind} {owner.name}, which doesn't control it" if {
	owner := objects.metadata.ownerReferences[0]
} else := "was made by itself"
