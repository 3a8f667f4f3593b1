package bylaw.cpu_requests_test

import data.bylaw.cpu_requests as policy

pod(spec, accept) := {
	"review": {"kind": {"group": "", "version": "v1", "kind": "Pod"}, "name": "x", "object": {"spec": spec}},
	"parameters": {"accept_limit_as_request": accept, "exclude_containers": [], "exclude_images": []},
}

container(resources, accept) := pod({"containers": [{"name": "app", "resources": resources}]}, accept)

test_any_amount_above_0_will_do if {
	every amount in ["1m", "0.5", 0.5, 1, "1Gi", "1e3", "+5"] {
		policy.violation == set() with input as container({"requests": {"cpu": amount}}, true)
	}
}

test_nothing_zero_and_nonsense_fail if {
	every amount in [null, 0, "0", "0Mi", "-1", "", "x", "1 Gi", true, [], {}] {
		count(policy.violation) == 1 with input as container({"requests": {"cpu": amount}}, true)
	}
	every resources in [null, {}, "x", {"requests": null}, {"requests": "x"}, {"requests": {}, "limits": null}] {
		count(policy.violation) == 1 with input as container(resources, true)
	}
}

test_a_limit_is_copied_only_where_no_request_is_said if {
	policy.violation == set() with input as container({"limits": {"cpu": 1}}, true)
	count(policy.violation) == 1 with input as container({"limits": {"cpu": 1}}, false)
	count(policy.violation) == 1 with input as container({"limits": {"cpu": 1}, "requests": {"cpu": 0}}, true)
	count(policy.violation) == 1 with input as container({"limits": {"cpu": 0}}, true)
}

speaking(resources) := {
	"resources": resources,
	"containers": [{"name": "a"}],
	"initContainers": [{"name": "b"}],
}

test_the_pod_speaks_for_its_containers if {
	policy.violation == set() with input as pod(speaking({"requests": {"cpu": 1}}), true)
	policy.violation == set() with input as pod(speaking({"limits": {"cpu": 1}}), true)
	count(policy.violation) == 2 with input as pod(speaking({"limits": {"cpu": 1}}), false)
	count(policy.violation) == 2 with input as pod(speaking({"requests": {"cpu": 0}}), true)
}
