# METADATA
# title: Pods stay off the control plane
# description: |
#   No pod tolerates the taint that keeps the control plane's nodes for themselves: `node-role.kubernetes.io/control-plane`,
#   the older `master`, or every taint at once (no key, with `operator: Exists`). There it shares a machine with the API
#   server, its keys and etcd, and takes time and memory from what runs the cluster. A toleration of `PreferNoSchedule`
#   or of an eviction alone (`NoExecute` without a key) lets no pod in and is let pass.
# custom:
#   category: security
#   severity: medium
#   kinds: ["@pod-spec"]
#   parameters: { type: object, additionalProperties: false, properties: {} }
#   remediation: |
#     Remove the toleration, or name the taint that the pod is really meant for:
#
#     ```yaml
#     spec:
#       tolerations:
#         - { key: example.com/gpu, operator: Exists, effect: NoSchedule }
#     ```
#
#     Network, storage and log agents that have to run on every node are kept in their own namespace and waived there.
#   standards:
#     - { framework: nsa-cisa-kubernetes-hardening-1.2, section: Control plane hardening }
#   related: []
#   admission: deny
#   expand: false
package bylaw.control_plane_toleration

import data.lib.objects
import data.lib.pods

violation contains {
	"path": $"{pods.spec_path}.tolerations[{i}]",
	"found": toleration,
	"expected": "no toleration of the control plane's taint",
	"message": $"This {objects.kind} tolerates {what}, so that its pods may run on the control plane; remove the toleration, or name another taint.",
} if {
	some i, toleration in pods.spec.tolerations
	what := tolerated(toleration)
}

not_applicable contains pods.no_pod_spec

control_plane_taints := {
	"node-role.kubernetes.io/control-plane",
	"node-role.kubernetes.io/controlplane",
	"node-role.kubernetes.io/master",
}

# tolerated(toleration): the taint by which it lets pods onto the control plane, in words; undefined if it lets none.
tolerated(toleration) := toleration.key if {
	toleration.key in control_plane_taints
	not object.get(toleration, "effect", null) == "PreferNoSchedule"
}

tolerated(toleration) := "every taint" if {
	object.get(toleration, "key", null) in {null, ""}
	toleration.operator == "Exists"
	object.get(toleration, "effect", null) in {null, "", "NoSchedule"}
}
