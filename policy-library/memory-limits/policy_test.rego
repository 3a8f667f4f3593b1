package bylaw.memory_limits_test

import data.bylaw.memory_limits as policy

pod(spec) := {
	"review": {"kind": {"group": "", "version": "v1", "kind": "Pod"}, "name": "x", "object": {"spec": spec}},
	"parameters": {"exclude_containers": [], "exclude_images": []},
}

container(resources) := pod({"containers": [{"name": "app", "resources": resources}]})

test_any_limit_above_0_will_do if {
	every amount in ["1Mi", 1, "0.5Gi", "1e9"] {
		policy.violation == set() with input as container({"limits": {"memory": amount}})
	}
}

test_nothing_zero_and_nonsense_fail if {
	every amount in [null, 0, "0", "-1", "", "1GB", true, [], {}] {
		count(policy.violation) == 1 with input as container({"limits": {"memory": amount}})
	}
	every resources in [null, {}, "x", {"limits": null}, {"requests": {"memory": "1Gi"}}, {"limits": {"cpu": 1}}] {
		count(policy.violation) == 1 with input as container(resources)
	}
}

test_the_message_tells_what_is_wrong if {
	findings := policy.violation with input as container({"limits": {"memory": "1GB"}})
	{f.message | some f in findings} == {"Container \"app\" gives an amount that can't be read (1GB); set resources.limits.memory, for example to 256Mi."}
}

test_the_pod_speaks_for_its_containers if {
	policy.violation == set() with input as pod({"resources": {"limits": {"memory": "1Gi"}}, "containers": [{"name": "a"}, {"name": "b"}]})
	count(policy.violation) == 2 with input as pod({"resources": {"limits": {"memory": 0}}, "containers": [{"name": "a"}, {"name": "b"}]})
}
