package bylaw.hpa_target_exists_test

import data.bylaw.hpa_target_exists as policy

autoscaler(reference, related, context) := {
	"review": {
		"kind": {"group": "autoscaling", "version": "v2", "kind": "HorizontalPodAutoscaler"},
		"name": "web",
		"object": {"spec": {"scaleTargetRef": reference}},
	},
	"related": related,
	"context": context,
	"parameters": {},
}

web := {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}

found := {"workloads": [{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}}]}

young := {"creation_timestamp": "2026-11-24T10:00:00Z", "now": "2026-11-24T10:01:00Z"}

test_kind_name_and_group_have_to_agree if {
	policy.violation == set() with input as autoscaler(web, found, {})
	policy.violation == set() with input as autoscaler(object.union(web, {"apiVersion": "apps/v1beta2"}), found, {})
	every change in [{"name": "api"}, {"kind": "StatefulSet"}, {"apiVersion": "extensions/v1beta1"}, {"apiVersion": ""}, {"apiVersion": null}] {
		count(policy.violation) == 1 with input as autoscaler(object.union(web, change), found, {})
	}
}

test_a_reference_that_names_nothing_fails_where_workloads_are_known if {
	every reference in [null, {}, "web", {"name": "web"}] {
		count(policy.violation) == 1 with input as autoscaler(reference, found, {})
	}
}

test_unknown_workloads_are_no_missing_ones if {
	policy.violation == set() with input as autoscaler(web, {}, {})
	policy.skipped == {"no workload of its namespace is known: post its target too, or name a cluster"} with input as autoscaler(web, {}, {})
	count(policy.violation) == 1 with input as autoscaler(web, {"workloads": []}, {})
}

test_a_young_autoscaler_waits_for_its_target_only if {
	policy.violation == set() with input as autoscaler(web, {"workloads": []}, young)
	count(policy.skipped) == 1 with input as autoscaler(web, {"workloads": []}, young)
	policy.skipped == set() with input as autoscaler(web, found, young)
}
