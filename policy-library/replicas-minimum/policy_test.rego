package bylaw.replicas_minimum_test

import data.bylaw.replicas_minimum as policy

deployment(spec) := {
	"review": {
		"kind": {"group": "apps", "version": "v1", "kind": "Deployment"},
		"name": "web",
		"object": {"metadata": {"name": "web"}, "spec": spec},
	},
	"parameters": {"min_replicas": 2},
}

scaled(spec, related) := object.union(deployment(spec), {"related": related})

hpa(target, spec) := {"metadata": {"name": "hpa"}, "spec": object.union(spec, {"scaleTargetRef": target})}

web := {"kind": "Deployment", "name": "web"}

test_the_fix_sets_the_minimum if {
	findings := policy.violation with input as deployment({"replicas": 1})
	[f.fix | some f in findings] == [[{"op": "add", "path": "/spec/replicas", "value": 2}]]
}

test_the_minimum_is_a_parameter if {
	policy.violation == set() with input as object.union(deployment({}), {"parameters": {"min_replicas": 1}})
	findings := policy.violation with input as object.union(deployment({"replicas": 2}), {"parameters": {"min_replicas": 3}})
	{f.expected | some f in findings} == {">= 3"}
}

test_an_autoscaler_that_decides_leaves_no_fix if {
	findings := policy.violation with input as scaled({"replicas": 5}, {"horizontal_pod_autoscalers": [hpa(web, {})]})
	count(findings) == 1
	every finding in findings {
		not finding.fix
	}
}

test_an_autoscaler_counts_though_replicas_is_0 if {
	input_ := scaled({"replicas": 0}, {"horizontal_pod_autoscalers": [hpa(web, {"minReplicas": 3})]})
	policy.violation == set() with input as input_
	policy.not_applicable == set() with input as input_
}

test_the_lowest_minimum_of_several_autoscalers_counts if {
	related := {
		"horizontal_pod_autoscalers": [hpa(web, {"minReplicas": 3})],
		"scaled_objects": [hpa({"name": "web"}, {"minReplicaCount": 1})],
	}
	findings := policy.violation with input as scaled({}, related)
	{f.found | some f in findings} == {1}
}

test_an_autoscaler_of_another_kind_or_name_is_none if {
	every target in [{"kind": "StatefulSet", "name": "web"}, {"kind": "Deployment", "name": "api"}, {"name": "web"}, {}] {
		findings := policy.violation with input as scaled({"replicas": 1}, {"horizontal_pod_autoscalers": [hpa(target, {"minReplicas": 3})]})
		{f.found | some f in findings} == {1}
	}
}

test_the_message_says_what_was_assumed if {
	alone := policy.violation with input as deployment({})
	every finding in alone {
		contains(finding.message, "no autoscaler was posted")
	}
	known := policy.violation with input as scaled({}, {"horizontal_pod_autoscalers": [], "scaled_objects": []})
	every finding in known {
		contains(finding.message, "no autoscaler targets it")
	}
	count(alone | known) == 2
}

test_wrong_types_are_findings if {
	every value in ["2", true, [], {}, -1] {
		findings := policy.violation with input as deployment({"replicas": value})
		count(findings) == 1
	}
	findings := policy.violation with input as scaled({}, {"horizontal_pod_autoscalers": [hpa(web, {"minReplicas": "3"})]})
	count(findings) == 1
}

test_a_minimum_of_0_is_met_by_a_workload_that_is_switched_off if {
	input_ := object.union(deployment({"replicas": 0}), {"parameters": {"min_replicas": 0}})
	policy.violation == set() with input as input_
	count(policy.not_applicable) == 1 with input as input_
}

owned(group, kind) := {
	"review": {
		"kind": {"group": group, "version": "v1", "kind": kind},
		"name": "web",
		"object": {"metadata": {"ownerReferences": [{"kind": "Owner", "name": "o", "controller": true}]}, "spec": {}},
	},
	"parameters": {"min_replicas": 2},
	"related": {"horizontal_pod_autoscalers": [hpa({"kind": kind, "name": "web"}, {})]},
}

test_only_the_replicas_of_replica_sets_are_their_owners if {
	every item in [["apps", "ReplicaSet"], ["", "ReplicationController"]] {
		policy.violation == set() with input as owned(item[0], item[1])
		count(policy.not_applicable) == 1 with input as owned(item[0], item[1])
	}
	every item in [["apps", "Deployment"], ["apps", "StatefulSet"], ["argoproj.io", "Rollout"]] {
		count(policy.violation) == 1 with input as owned(item[0], item[1])
		policy.not_applicable == set() with input as owned(item[0], item[1])
	}
}

test_a_scaled_object_of_another_workload_is_none if {
	every target in [{"name": "api"}, {"kind": "StatefulSet", "name": "web"}, {}] {
		findings := policy.violation with input as scaled({"replicas": 1}, {"scaled_objects": [hpa(target, {"minReplicaCount": 3})]})
		{f.found | some f in findings} == {1}
	}
}

test_an_autoscaler_of_one_sort_only_may_have_been_posted if {
	every related in [{"horizontal_pod_autoscalers": []}, {"scaled_objects": []}] {
		findings := policy.violation with input as scaled({}, related)
		count([f | some f in findings; contains(f.message, "no autoscaler was posted")]) == 1
	}
}
