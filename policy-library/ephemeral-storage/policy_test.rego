package bylaw.ephemeral_storage_test

import data.bylaw.ephemeral_storage as policy

pod(spec) := {
	"review": {"kind": {"group": "", "version": "v1", "kind": "Pod"}, "name": "x", "object": {"spec": spec}},
	"parameters": {"exclude_containers": [], "exclude_images": []},
}

container(resources) := pod({"containers": [{"name": "app", "resources": resources}]})

test_any_limit_above_0_will_do if {
	every amount in ["1Mi", 1, "0.5Gi", "1e9"] {
		policy.violation == set() with input as container({"limits": {"ephemeral-storage": amount}})
	}
}

test_nothing_zero_and_nonsense_fail if {
	every amount in [null, 0, "0", "-1", "", "1GB", true, [], {}] {
		count(policy.violation) == 1 with input as container({"limits": {"ephemeral-storage": amount}})
	}
	every resources in [null, {}, "x", {"limits": null}, {"requests": {"ephemeral-storage": "1Gi"}}, {"limits": {"memory": 1}}] {
		count(policy.violation) == 1 with input as container(resources)
	}
}

test_a_limit_of_the_pod_counts_for_all if {
	policy.violation == set() with input as pod({"resources": {"limits": {"ephemeral-storage": "1Gi"}}, "containers": [{"name": "a"}, {"name": "b"}]})
}

test_ephemeral_containers_are_left_alone if {
	policy.violation == set() with input as pod({"ephemeralContainers": [{"name": "debugger"}]})
}
