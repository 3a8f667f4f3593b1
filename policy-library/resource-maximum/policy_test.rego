package bylaw.resource_maximum_test

import data.bylaw.resource_maximum as policy

defaults := {"cpu": {}, "memory": {}, "ephemeral_storage": {}, "exclude_containers": [], "exclude_images": []}

pod(spec, parameters) := {
	"review": {"kind": {"group": "", "version": "v1", "kind": "Pod"}, "name": "x", "object": {"spec": spec}},
	"parameters": object.union(defaults, parameters),
}

container(resources, parameters) := pod({"containers": [{"name": "app", "resources": resources}]}, parameters)

test_the_maximum_itself_passes_in_any_spelling if {
	every pair in [["1Gi", "1024Mi"], ["500m", 0.5], [2, "2000m"], ["1e9", "1G"]] {
		policy.violation == set() with input as container({"limits": {"memory": pair[0]}}, {"memory": {"limit": pair[1]}})
		policy.violation == set() with input as container({"requests": {"memory": pair[0]}}, {"memory": {"request": pair[1]}})
	}
	every pair in [["1025Mi", "1Gi"], ["501m", "0.5"], [3, 2]] {
		count(policy.violation) == 1 with input as container({"limits": {"memory": pair[0]}}, {"memory": {"limit": pair[1]}})
		count(policy.violation) == 1 with input as container({"requests": {"memory": pair[0]}}, {"memory": {"request": pair[1]}})
	}
}

test_each_side_is_judged_by_its_own_maximum if {
	both := {"requests": {"cpu": 2}, "limits": {"cpu": 4}}
	policy.violation == set() with input as container(both, {"cpu": {"request": 2, "limit": 4}})
	policy.violation == set() with input as container(both, {"cpu": {"limit": 4}})
	findings := policy.violation with input as container(both, {"cpu": {"request": 1, "limit": 3}})
	{f.path | some f in findings} == {"spec.containers[0].resources.requests.cpu", "spec.containers[0].resources.limits.cpu"}
}

test_a_limit_alone_is_the_request_too if {
	findings := policy.violation with input as container({"limits": {"cpu": 4}}, {"cpu": {"request": 2, "limit": 8}})
	{f.message | some f in findings} == {"Container \"app\" requests 4 of CPU, since it has no request and the API server copies its limit; ask for at most 2."}
	policy.violation == set() with input as container({"limits": {"cpu": 4}, "requests": {"cpu": 1}}, {"cpu": {"request": 2}})
}

test_the_limit_of_the_pod_holds_for_those_without_one if {
	spec := {"resources": {"limits": {"memory": "8Gi"}}, "containers": [{"name": "a"}, {"name": "b", "resources": {"limits": {"memory": "1Gi"}}}]}
	findings := policy.violation with input as pod(spec, {"memory": {"limit": "4Gi"}})
	{[f.path, f.container] | some f in findings} == {["spec.resources.limits.memory", "a"]}
}

test_what_is_not_said_passes if {
	every resources in [null, {}, {"limits": null}, {"limits": {"cpu": null}}, {"limits": {"memory": "9Gi"}}] {
		policy.violation == set() with input as container(resources, {"cpu": {"request": 1, "limit": 1}})
	}
}

test_amounts_that_cannot_be_read_fail if {
	every amount in ["1GB", "", true, [], {}] {
		count(policy.violation) == 1 with input as container({"requests": {"memory": amount}}, {"memory": {"request": "1Gi"}})
	}
}

test_nothing_is_judged_without_parameters if {
	policy.violation == set() with input as container({"limits": {"cpu": 400}}, {})
	count(policy.skipped) == 1 with input as container({"limits": {"cpu": 400}}, {})
	policy.skipped == set() with input as container({}, {"cpu": {"limit": 1}})
}
