# Workloads that are looked at beside the judged object, each as it was found.
package lib.workloads

import data.lib.objects

# template(workload): the pod's metadata and spec, wherever its kind holds them; undefined if it has none.
template(workload) := workload if workload.kind == "Pod"

else := workload.spec.jobTemplate.spec.template if workload.kind == "CronJob"

else := workload.spec.template

# labels(workload): those that its pods are made with.
labels(workload) := objects.object_or_empty(object.get(
	objects.object_or_empty(object.get(template(workload), "metadata", null)),
	"labels",
	null,
))

# Labels that pods get one by one from what controls them: no template holds them.
given_labels := {
	"pod-template-hash", "rollouts-pod-template-hash", "controller-revision-hash",
	"statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index",
	"batch.kubernetes.io/job-name", "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-completion-index",
	"job-name", "controller-uid", "deployment", "deploymentconfig",
}

# selected(selector, workload): whether a selector of plain labels, as a Service has it, takes its pods.
selected(selector, workload) if {
	own := labels(workload)
	every key, value in selector {
		has_label(own, key, value, workload.kind)
	}
}

has_label(labels, key, value, _) if labels[key] == value

has_label(_, key, _, kind) if {
	kind != "Pod"
	key in given_labels
}

# label(workload): how a message names it.
label(workload) := $"{workload.kind} {object.get(workload, ["metadata", "name"], "without name")}"

# controlled(workload): something else makes it.
controlled(workload) if {
	some owner in objects.object_or_empty(object.get(workload, "metadata", null)).ownerReferences
	owner.controller == true
}

# copies(workload, autoscalers): the least number of its pods: what HorizontalPodAutoscalers may scale it down to, else
# its replicas.
copies(workload, autoscalers) := min(minima) if {
	minima := {minimum |
		some autoscaler in autoscalers
		autoscaler.spec.scaleTargetRef.kind == workload.kind
		autoscaler.spec.scaleTargetRef.name == workload.metadata.name
		minimum := set_or(autoscaler.spec, "minReplicas", 1)
	}
	count(minima) > 0
} else := set_or(objects.object_or_empty(object.get(workload, "spec", null)), "replicas", 1)

set_or(holder, key, fallback) := fallback if object.get(holder, key, null) == null

else := holder[key]

# named(names): the first three of a set of names, and how many more there are.
named(names) := concat(", ", sort(names)) if count(names) <= 3

else := $"{concat(", ", array.slice(sort(names), 0, 3))} and {count(names) - 3} more"
