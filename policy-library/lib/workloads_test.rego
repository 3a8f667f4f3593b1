package lib.workloads_test

import data.lib.workloads

deployment(name, more) := object.union({"kind": "Deployment", "metadata": {"name": name}, "spec": {"template": {"metadata": {"labels": {"app": name}}}}}, more)

test_the_template_is_found_in_each_kind if {
	workloads.labels(deployment("web", {})) == {"app": "web"}
	workloads.labels({"kind": "Pod", "metadata": {"labels": {"app": "a"}}}) == {"app": "a"}
	workloads.labels({"kind": "CronJob", "spec": {"jobTemplate": {"spec": {"template": {"metadata": {"labels": {"app": "b"}}}}}}}) == {"app": "b"}
	workloads.labels({"kind": "Deployment", "spec": {"template": {}}}) == {}
}

test_a_selector_takes_pods_that_have_all_of_its_labels if {
	workloads.selected({"app": "web"}, deployment("web", {}))
	not workloads.selected({"app": "web", "tier": "front"}, deployment("web", {}))
	not workloads.selected({"app": "api"}, deployment("web", {}))
}

test_labels_that_pods_get_later_may_have_any_value if {
	workloads.selected({"app": "web", "pod-template-hash": "5d9c"}, deployment("web", {}))
	workloads.selected({"statefulset.kubernetes.io/pod-name": "db-0"}, {"kind": "StatefulSet", "spec": {"template": {}}})
	not workloads.selected({"pod-template-hash": "5d9c"}, {"kind": "Pod", "metadata": {"labels": {"pod-template-hash": "7f"}}})
}

test_an_autoscaler_says_the_least_number if {
	web := deployment("web", {"spec": {"replicas": 5}})
	autoscaler := {"spec": {"scaleTargetRef": {"kind": "Deployment", "name": "web"}}}
	workloads.copies(web, []) == 5
	workloads.copies(deployment("web", {}), []) == 1
	workloads.copies(web, [autoscaler]) == 1
	workloads.copies(web, [object.union(autoscaler, {"spec": {"minReplicas": 3}})]) == 3
	workloads.copies(deployment("api", {"spec": {"replicas": 2}}), [autoscaler]) == 2
}

test_controlled_is_by_a_controller_only if {
	workloads.controlled({"metadata": {"ownerReferences": [{"kind": "Node"}, {"kind": "ReplicaSet", "controller": true}]}})
	not workloads.controlled({"metadata": {"ownerReferences": [{"kind": "ReplicaSet"}]}})
	not workloads.controlled({"metadata": null})
}

test_many_names_are_cut if {
	workloads.named({"b", "a"}) == "a, b"
	workloads.named({"a", "b", "c", "d", "e"}) == "a, b, c and 2 more"
}
