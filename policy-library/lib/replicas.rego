# How many copies of a workload there are at least, and which labels they carry. Autoscalers are handed over as they
# were found, null where it isn't known whether there are any.
package lib.replicas

import data.lib.objects
import data.lib.pods

# Another object controls it and sets its replicas.
owned if {
	objects.kind in {"ReplicaSet", "ReplicationController"}
	objects.controller
}

unset if object.get(input.review.object, ["spec", "replicas"], null) == null

# What the object itself asks for. The API server's default is 1.
written := 1 if unset

else := input.review.object.spec.replicas

counted(1) := "1 replica"

counted(number) := $"{number} replicas" if {
	is_number(number)
	number != 1
}

counted(value) := "a number of replicas that is not a number" if not is_number(value)

# autoscalers(horizontal, keda): those HorizontalPodAutoscalers and ScaledObjects that target the object, as
# {kind, name, field, minimum}.
autoscalers(horizontal, keda) := horizontal_autoscalers(horizontal) | keda_autoscalers(keda)

horizontal_autoscalers(scalers) := {autoscaler |
	some scaler in scalers
	targets(scaler.spec.scaleTargetRef, null)
	autoscaler := {
		"kind": "HorizontalPodAutoscaler",
		"name": object.get(scaler, ["metadata", "name"], "without name"),
		"field": "minReplicas",
		"minimum": set_or(scaler.spec, "minReplicas", 1),
	}
}

# KEDA: a target without kind is a Deployment, and an unset minReplicaCount is 0.
keda_autoscalers(scalers) := {autoscaler |
	some scaler in scalers
	targets(scaler.spec.scaleTargetRef, "Deployment")
	autoscaler := {
		"kind": "ScaledObject",
		"name": object.get(scaler, ["metadata", "name"], "without name"),
		"field": "minReplicaCount",
		"minimum": set_or(scaler.spec, "minReplicaCount", 0),
	}
}

targets(reference, default_kind) if {
	reference.name == input.review.name
	set_or(reference, "kind", default_kind) == objects.kind
}

set_or(object_, key, fallback) := object_[key] if object.get(object_, key, null) != null

else := fallback

# deciding(scalers): several autoscalers on one workload fight; the lowest minimum is what it can come down to.
deciding(scalers) := {scaler |
	some scaler in scalers
	scaler.minimum == min({other.minimum | some other in scalers})
}

# least(scalers): the least number of copies that there may be.
least(scalers) := min({scaler.minimum | some scaler in scalers}) if count(scalers) > 0

else := written

# assumption(horizontal, keda): why spec.replicas counts where no autoscaler decides.
assumption(horizontal, keda) := "no autoscaler targets it" if {
	horizontal != null
	keda != null
} else := "no autoscaler was posted"

# The labels that every copy carries: the template's, and those that its controller adds. null stands for a value that
# isn't known beforehand.
labels := object.union(template_labels, object.get(added_labels, objects.kind, {}))

template_labels := objects.object_or_empty(object.get(template_metadata, "labels", null))

default template_metadata := {}

template_metadata := objects.object_or_empty(pods.template.metadata)

added_labels := {
	"Deployment": {"pod-template-hash": null},
	"StatefulSet": {"controller-revision-hash": null, "statefulset.kubernetes.io/pod-name": null, "apps.kubernetes.io/pod-index": null},
	"Rollout": {"rollouts-pod-template-hash": null},
	"DeploymentConfig": {"deployment": null, "deploymentconfig": input.review.name},
}

# Those of them whose value is another in each copy.
default distinct_labels := set()

distinct_labels := {"statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index"} if objects.kind == "StatefulSet"
