package bylaw.pdb_allows_eviction_test

import data.bylaw.pdb_allows_eviction as policy

budget(spec, related) := {
	"review": {
		"kind": {"group": "policy", "version": "v1", "kind": "PodDisruptionBudget"},
		"name": "web",
		"object": {"spec": object.union({"selector": {"matchLabels": {"app": "web"}}}, spec)},
	},
	"related": related,
	"parameters": {},
}

web(replicas) := {
	"kind": "Deployment",
	"metadata": {"name": "web"},
	"spec": {"replicas": replicas, "template": {"metadata": {"labels": {"app": "web"}}}},
}

passes(spec, related) if policy.violation == set() with input as budget(spec, related)

test_none_unavailable_is_refused_in_each_spelling if {
	every value in [0, "0", "0%"] {
		not passes({"maxUnavailable": value}, {})
	}
	every value in [1, "1%", "100%"] {
		passes({"maxUnavailable": value}, {})
	}
}

test_all_available_is_refused if {
	not passes({"minAvailable": "100%"}, {})
	passes({"minAvailable": "99%"}, {})
	passes({"minAvailable": 5}, {})
	passes({"minAvailable": 0}, {})
}

test_nothing_said_is_nothing_allowed if {
	not passes({}, {})
	not passes({"minAvailable": null}, {})
}

test_known_workloads_are_counted if {
	not passes({"minAvailable": 2}, {"workloads": [web(2)]})
	passes({"minAvailable": 2}, {"workloads": [web(3)]})
	passes({"minAvailable": 2}, {"workloads": [web(1), object.union(web(2), {"metadata": {"name": "web-2"}})]})
	not passes({"minAvailable": 1}, {"workloads": [web(null)]})
	not passes({"minAvailable": "60%"}, {"workloads": [web(2)]})
	passes({"minAvailable": "50%"}, {"workloads": [web(2)]})
}

test_what_it_does_not_select_is_not_counted if {
	other := object.union(web(1), {"spec": {"template": {"metadata": {"labels": {"app": "api"}}}}})
	passes({"minAvailable": 1}, {"workloads": [other]})
	owned := object.union(web(1), {"kind": "ReplicaSet", "metadata": {"ownerReferences": [{"kind": "Deployment", "controller": true}]}})
	passes({"minAvailable": 1}, {"workloads": [owned]})
	passes({"minAvailable": 1}, {"workloads": [web(0)]})
}

test_an_autoscaler_says_how_few_there_may_be if {
	scaler := {"spec": {"scaleTargetRef": {"kind": "Deployment", "name": "web"}, "minReplicas": 2}}
	not passes({"minAvailable": 2}, {"workloads": [web(9)], "horizontal_pod_autoscalers": [scaler]})
	passes({"minAvailable": 1}, {"workloads": [web(9)], "horizontal_pod_autoscalers": [scaler]})
}

test_the_fix_allows_one if {
	findings := policy.violation with input as budget({"minAvailable": "100%"}, {})
	[f.fix | some f in findings] == [[{"op": "remove", "path": "/spec/minAvailable"}, {"op": "add", "path": "/spec/maxUnavailable", "value": 1}]]
}

test_wrong_types_are_findings if {
	every value in ["half", -1, true, [], {}] {
		not passes({"minAvailable": value}, {})
		not passes({"maxUnavailable": value}, {})
	}
}
