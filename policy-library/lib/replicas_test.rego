package lib.replicas_test

import data.lib.replicas

workload(group, kind, object) := {"review": {
	"kind": {"group": group, "version": "v1", "kind": kind},
	"name": "web",
	"object": object,
}}

deployment(spec) := workload("apps", "Deployment", {"spec": spec})

scaler(target, spec) := {"metadata": {"name": "s"}, "spec": object.union(spec, {"scaleTargetRef": target})}

web := {"kind": "Deployment", "name": "web"}

minima(horizontal, keda) := {s.minimum | some s in replicas.autoscalers(horizontal, keda)}

test_unset_is_one if {
	every spec in [{}, {"replicas": null}] {
		replicas.written == 1 with input as deployment(spec)
		replicas.unset with input as deployment(spec)
	}
	replicas.written == 0 with input as deployment({"replicas": 0})
	not replicas.unset with input as deployment({"replicas": 0})
	replicas.written == "2" with input as deployment({"replicas": "2"})
}

test_an_unset_minimum_is_1_for_kubernetes_and_0_for_keda if {
	minima([scaler(web, {})], null) == {1} with input as deployment({})
	minima(null, [scaler(web, {})]) == {0} with input as deployment({})
	minima([scaler(web, {"minReplicas": 3})], [scaler(web, {"minReplicaCount": 2})]) == {2, 3} with input as deployment({})
}

test_a_target_without_kind_is_a_deployment_for_keda_only if {
	minima([scaler({"name": "web"}, {})], null) == set() with input as deployment({})
	minima(null, [scaler({"name": "web"}, {})]) == {0} with input as deployment({})
	minima(null, [scaler({"name": "web"}, {})]) == set() with input as workload("apps", "StatefulSet", {})
}

test_no_list_is_no_autoscaler if {
	replicas.autoscalers(null, null) == set() with input as deployment({})
	replicas.autoscalers([], []) == set() with input as deployment({})
}

test_the_lowest_minimum_decides if {
	scalers := {{"name": "a", "minimum": 2}, {"name": "b", "minimum": 1}, {"name": "c", "minimum": 1}}
	{s.name | some s in replicas.deciding(scalers)} == {"b", "c"}
	replicas.deciding(set()) == set()
}

test_both_lists_are_needed_to_say_that_none_targets_it if {
	replicas.assumption([], []) == "no autoscaler targets it"
	every lists in [[null, []], [[], null], [null, null]] {
		replicas.assumption(lists[0], lists[1]) == "no autoscaler was posted"
	}
}

test_copies_carry_the_labels_of_the_template_and_of_their_controller if {
	object := {"metadata": {"labels": {"own": "x"}}, "spec": {"template": {"metadata": {"labels": {"app": "web"}}, "spec": {}}}}
	replicas.labels == {"app": "web", "pod-template-hash": null} with input as workload("apps", "Deployment", object)
	replicas.labels == {"app": "web"} with input as workload("apps", "ReplicaSet", object)
	replicas.labels.deploymentconfig == "web" with input as workload("apps.openshift.io", "DeploymentConfig", object)
	replicas.distinct_labels == set() with input as workload("apps", "Deployment", object)
	every key in ["statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index"] {
		replicas.labels[key] == null with input as workload("apps", "StatefulSet", object)
		key in replicas.distinct_labels with input as workload("apps", "StatefulSet", object)
	}
}

test_a_template_without_labels_has_none if {
	every template in [{}, {"metadata": null}, {"metadata": {"labels": null}}, {"metadata": {"labels": "x"}}, null] {
		replicas.labels == {} with input as workload("apps", "ReplicaSet", {"spec": {"template": template}})
	}
	replicas.labels == {} with input as workload("", "ReplicationController", {"spec": {}})
}

test_only_the_replicas_of_replica_sets_are_their_owners if {
	object := {"metadata": {"ownerReferences": [{"kind": "Owner", "name": "o", "controller": true}]}}
	replicas.owned with input as workload("apps", "ReplicaSet", object)
	replicas.owned with input as workload("", "ReplicationController", object)
	not replicas.owned with input as workload("apps", "Deployment", object)
	not replicas.owned with input as workload("apps", "ReplicaSet", {})
}
