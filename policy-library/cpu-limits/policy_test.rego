package bylaw.cpu_limits_test

import data.bylaw.cpu_limits as policy

pod(spec) := {
	"review": {"kind": {"group": "", "version": "v1", "kind": "Pod"}, "name": "x", "object": {"spec": spec}},
	"parameters": {"exclude_containers": [], "exclude_images": []},
}

container(resources) := pod({"containers": [{"name": "app", "resources": resources}]})

test_any_amount_above_0_will_do if {
	every amount in ["1m", "0.5", 0.5, 1, "1Gi", "1e3", "+5"] {
		policy.violation == set() with input as container({"limits": {"cpu": amount}})
	}
}

test_nothing_zero_and_nonsense_fail if {
	every amount in [null, 0, "0", "0Mi", "-1", "", "x", "1 Gi", true, [], {}] {
		count(policy.violation) == 1 with input as container({"limits": {"cpu": amount}})
	}
	every resources in [null, {}, "x", {"limits": null}, {"limits": "x"}, {"requests": {"cpu": 1}}] {
		count(policy.violation) == 1 with input as container(resources)
	}
}

test_init_containers_are_not_looked_at_but_sidecars_are if {
	spec := {"initContainers": [{"name": "once"}, {"name": "always", "restartPolicy": "Always"}]}
	findings := policy.violation with input as pod(spec)
	{f.container | some f in findings} == {"always"}
}

test_a_pod_of_init_containers_alone_is_not_applicable if {
	count(policy.not_applicable) == 1 with input as pod({"initContainers": [{"name": "once"}]})
}

test_the_pod_speaks_for_its_containers if {
	containers := [{"name": "a"}, {"name": "b"}]
	policy.violation == set() with input as pod({"resources": {"limits": {"cpu": 1}}, "containers": containers})
	count(policy.violation) == 2 with input as pod({"resources": {"requests": {"cpu": 1}}, "containers": containers})
	count(policy.violation) == 2 with input as pod({"resources": {"limits": {"cpu": 0}}, "containers": containers})
}
