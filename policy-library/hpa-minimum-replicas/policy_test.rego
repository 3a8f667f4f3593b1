package bylaw.hpa_minimum_replicas_test

import data.bylaw.hpa_minimum_replicas as policy

autoscaler(minimum, wanted) := {
	"review": {
		"kind": {"group": "autoscaling", "version": "v2", "kind": "HorizontalPodAutoscaler"},
		"name": "web",
		"object": {"spec": {"minReplicas": minimum, "maxReplicas": 9, "scaleTargetRef": {"kind": "Deployment", "name": "web"}}},
	},
	"parameters": {"min_replicas": wanted},
}

test_the_border_is_included if {
	policy.violation == set() with input as autoscaler(2, 2)
	policy.violation == set() with input as autoscaler(null, 1)
	count(policy.violation) == 1 with input as autoscaler(1, 2)
	count(policy.violation) == 1 with input as autoscaler(null, 2)
	count(policy.violation) == 1 with input as autoscaler(0, 1)
}

test_the_fix_sets_the_minimum if {
	findings := policy.violation with input as autoscaler(1, 3)
	[f.fix | some f in findings] == [[{"op": "add", "path": "/spec/minReplicas", "value": 3}]]
}

test_wrong_types_are_findings if {
	every value in ["3", true, [], {}] {
		count(policy.violation) == 1 with input as autoscaler(value, 2)
	}
}
