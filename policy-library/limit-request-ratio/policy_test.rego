package bylaw.limit_request_ratio_test

import data.bylaw.limit_request_ratio as policy

defaults := {"cpu": 0, "memory": 0, "exclude_containers": [], "exclude_images": []}

container(requests, limits, parameters) := {
	"review": {
		"kind": {"group": "", "version": "v1", "kind": "Pod"},
		"name": "x",
		"object": {"spec": {"containers": [{"name": "app", "resources": {"requests": requests, "limits": limits}}]}},
	},
	"parameters": object.union(defaults, parameters),
}

test_the_ratio_itself_passes if {
	every pair in [["250m", 0.5], ["1Gi", "2048Mi"], [1, 2], ["1e3", "2k"], ["1Ti", "2Ti"], [0, 0], [1, "100m"]] {
		policy.violation == set() with input as container({"cpu": pair[0]}, {"cpu": pair[1]}, {"cpu": 2})
	}
	every pair in [["250m", "501m"], ["1Gi", "2049Mi"], [0, 1], ["1Ti", "2049Gi"]] {
		count(policy.violation) == 1 with input as container({"cpu": pair[0]}, {"cpu": pair[1]}, {"cpu": 2})
	}
}

test_a_ratio_may_be_a_fraction if {
	policy.violation == set() with input as container({"memory": "100Mi"}, {"memory": "150Mi"}, {"memory": 1.5})
	count(policy.violation) == 1 with input as container({"memory": "100Mi"}, {"memory": "151Mi"}, {"memory": 1.5})
}

test_a_missing_side_is_not_judged if {
	every pair in [[{"cpu": 1}, {}], [{}, {"cpu": 1}], [{"cpu": null}, {"cpu": 1}], [null, {"cpu": 1}], [{"memory": 1}, {"memory": 9}]] {
		policy.violation == set() with input as container(pair[0], pair[1], {"cpu": 2})
		policy.not_applicable == {"no container has both a request and a limit of cpu"} with input as container(pair[0], pair[1], {"cpu": 2})
	}
}

test_one_pair_is_enough_to_judge if {
	policy.not_applicable == set() with input as container({"memory": 1}, {"memory": 1}, {"cpu": 2, "memory": 2})
}

test_amounts_that_cannot_be_read_fail if {
	every amount in ["1GB", "", true, []] {
		count(policy.violation) == 1 with input as container({"memory": amount}, {"memory": "1Gi"}, {"memory": 2})
		count(policy.violation) == 1 with input as container({"memory": "1Gi"}, {"memory": amount}, {"memory": 2})
	}
}

test_nothing_is_judged_without_parameters if {
	policy.violation == set() with input as container({"cpu": 1}, {"cpu": 100}, {})
	policy.skipped == {"needs parameters: cpu and memory are 0"} with input as container({"cpu": 1}, {"cpu": 100}, {})
}
