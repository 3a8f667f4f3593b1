# METADATA
# title: What an autoscaler scales is there
# description: |
#   The workload that a HorizontalPodAutoscaler names in `scaleTargetRef` is in its namespace, by kind, API group and
#   name; else nothing is scaled, and nobody is told. Where no workload of the namespace is known, it is skipped, and so
#   is one that names a kind that isn't looked for, and one that was made less than 5 minutes ago, whose target may still
#   come. Looked for are Deployments, StatefulSets, ReplicaSets, ReplicationControllers, DeploymentConfigs and Rollouts.
# custom:
#   category: reliability
#   severity: medium
#   kinds: [autoscaling/HorizontalPodAutoscaler]
#   parameters: { type: object, additionalProperties: false, properties: {} }
#   remediation: |
#     Name the workload as it is called, with the API group of its kind:
#
#     ```yaml
#     spec:
#       scaleTargetRef:
#         apiVersion: apps/v1
#         kind: Deployment
#         name: app
#     ```
#
#     If the workload is gone for good, delete the autoscaler too.
#   standards: []
#   related:
#     - name: workloads
#       kind:
#         - apps/Deployment
#         - apps/StatefulSet
#         - apps/ReplicaSet
#         - core/ReplicationController
#         - apps.openshift.io/DeploymentConfig
#         - argoproj.io/Rollout
#       select: same_namespace
#       fields: [apiVersion, kind, metadata.name]
#       need: present
#   admission: none
#   expand: false
package bylaw.hpa_target_exists

import data.lib.objects
import data.lib.settling

violation contains {
	"path": "spec.scaleTargetRef.name",
	"found": object.get(reference, "name", null),
	"expected": "the name of a workload in its namespace",
	"message": $"HorizontalPodAutoscaler \"{input.review.name}\" scales {target}, which is not in its namespace; name one that is, or delete the autoscaler.",
} if {
	not settling.reason
	looked_for
	input.related.workloads
	count(namesakes) == 0
}

violation contains {
	"path": "spec.scaleTargetRef.apiVersion",
	"found": object.get(reference, "apiVersion", null),
	"expected": concat(" or ", {workload.apiVersion | some workload in namesakes}),
	"message": $"HorizontalPodAutoscaler \"{input.review.name}\" looks for {target} in {shown_group}, where it is not; set scaleTargetRef.apiVersion to {concat(" or ", {workload.apiVersion | some workload in namesakes})}.",
} if {
	not settling.reason
	looked_for
	count(namesakes) > 0
	every workload in namesakes {
		group_of(workload.apiVersion) != group_of(object.get(reference, "apiVersion", null))
	}
}

skipped contains "no workload of its namespace is known: post its target too, or name a cluster" if {
	looked_for
	not input.related.workloads
}

skipped contains $"{target} is of a kind that is not looked for" if not looked_for

skipped contains $"{settling.reason}, and its target may still come" if {
	settling.reason
	looked_for
	input.related.workloads
	count(namesakes) == 0
}

reference := objects.object_or_empty(object.get(input.review.object, ["spec", "scaleTargetRef"], null))

target := $"{object.get(reference, "kind", "a target")} \"{object.get(reference, "name", "")}\""

looked_for if object.get(reference, "kind", null) in {
	null, "", "Deployment", "StatefulSet", "ReplicaSet", "ReplicationController", "DeploymentConfig", "Rollout",
}

namesakes := [workload |
	some workload in input.related.workloads
	workload.kind == reference.kind
	workload.metadata.name == reference.name
]

# Without a slash there is only the version, and the group is the core one.
group_of(version) := parts[0] if {
	parts := split(version, "/")
	count(parts) == 2
} else := ""

shown_group := "the core API group" if group_of(object.get(reference, "apiVersion", null)) == ""

else := $"the API group {group_of(reference.apiVersion)}"
