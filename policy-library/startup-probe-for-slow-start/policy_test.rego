package bylaw.startup_probe_for_slow_start_test

import data.bylaw.startup_probe_for_slow_start as policy

pod(container) := {
	"review": {
		"kind": {"group": "", "version": "v1", "kind": "Pod"},
		"name": "x",
		"object": {"spec": {"containers": [object.union({"name": "app"}, container)]}},
	},
	"parameters": {"max_initial_delay": 60, "exclude_containers": [], "exclude_images": []},
}

delayed(delay) := {"livenessProbe": {"tcpSocket": {"port": 80}, "initialDelaySeconds": delay}}

test_the_border_is_included if {
	every delay in [null, 0, 59, 60] {
		policy.violation == set() with input as pod(delayed(delay))
	}
	count(policy.violation) == 1 with input as pod(delayed(61))
}

test_a_startup_probe_that_checks_nothing_is_none if {
	every startup in [null, {}, {"periodSeconds": 5}, {"httpGet": {}}, "yes"] {
		count(policy.violation) == 1 with input as pod(object.union(delayed(90), {"startupProbe": startup}))
	}
	policy.violation == set() with input as pod(object.union(delayed(90), {"startupProbe": {"exec": {"command": ["true"]}}}))
}

test_a_probe_that_checks_nothing_delays_nothing if {
	every probe in [null, {}, {"initialDelaySeconds": 90}] {
		policy.violation == set() with input as pod({"livenessProbe": probe})
	}
}

test_wrong_types_are_findings if {
	every delay in ["90", true, [], {}] {
		count(policy.violation) == 1 with input as pod(delayed(delay))
	}
}
