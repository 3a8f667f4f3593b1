package bylaw.pdb_present_test

import data.bylaw.pdb_present as policy

deployment(replicas, related, context) := {
	"review": {
		"kind": {"group": "apps", "version": "v1", "kind": "Deployment"},
		"name": "web",
		"object": {"spec": {"replicas": replicas, "template": {"metadata": {"labels": {"app": "web"}}}}},
	},
	"related": related,
	"context": context,
	"parameters": {"min_replicas": 2},
}

budgets(selector) := {"disruption_budgets": [{"metadata": {"name": "web"}, "spec": {"selector": selector}}]}

young := {"creation_timestamp": "2026-11-24T10:00:00Z", "now": "2026-11-24T10:01:00Z"}

test_a_selector_has_to_match_the_pods if {
	every selector in [{"matchLabels": {"app": "web"}}, {}, {"matchExpressions": [{"key": "app", "operator": "Exists"}]}] {
		policy.violation == set() with input as deployment(2, budgets(selector), {})
	}
	every selector in [null, {"matchLabels": {"app": "api"}}, {"matchLabels": {"app": "web", "tier": "x"}}, "app=web"] {
		count(policy.violation) == 1 with input as deployment(2, budgets(selector), {})
	}
}

test_unknown_budgets_are_no_missing_ones if {
	every context in [{}, young] {
		policy.violation == set() with input as deployment(2, {}, context)
		policy.skipped == {"its PodDisruptionBudgets are not known: no cluster was named, or it is still being listed"} with input as deployment(2, {}, context)
	}
}

test_one_copy_or_none_needs_no_budget if {
	every replicas in [0, 1, null] {
		policy.violation == set() with input as deployment(replicas, {"disruption_budgets": []}, {})
		policy.skipped == set() with input as deployment(replicas, {}, {})
		count(policy.not_applicable) == 1 with input as deployment(replicas, {}, {})
	}
}

scaler(minimum) := [{"metadata": {"name": "web"}, "spec": {"minReplicas": minimum, "scaleTargetRef": {"kind": "Deployment", "name": "web"}}}]

test_an_autoscaler_says_how_many_there_are if {
	count(policy.violation) == 1 with input as deployment(1, {"disruption_budgets": [], "horizontal_pod_autoscalers": scaler(3)}, {})
	policy.violation == set() with input as deployment(5, {"disruption_budgets": [], "horizontal_pod_autoscalers": scaler(1)}, {})
}

test_a_young_workload_waits_for_its_budget_only if {
	policy.violation == set() with input as deployment(2, {"disruption_budgets": []}, young)
	count(policy.skipped) == 1 with input as deployment(2, {"disruption_budgets": []}, young)
	policy.skipped == set() with input as deployment(2, budgets({}), young)
}

test_wrong_types_are_findings if {
	every replicas in ["2", true, []] {
		count(policy.violation) == 1 with input as deployment(replicas, {"disruption_budgets": []}, {})
	}
}
