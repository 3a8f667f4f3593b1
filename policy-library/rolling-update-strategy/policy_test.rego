package bylaw.rolling_update_strategy_test

import data.bylaw.rolling_update_strategy as policy

workload(kind, spec, limit) := {
	"review": {"kind": {"group": "apps", "version": "v1", "kind": kind}, "name": "x", "object": {"spec": spec}},
	"parameters": {"max_unavailable": limit},
}

deployment(gone, replicas, limit) := workload(
	"Deployment",
	{"replicas": replicas, "strategy": {"rollingUpdate": {"maxUnavailable": gone}}},
	limit,
)

passes(gone, replicas, limit) if policy.violation == set() with input as deployment(gone, replicas, limit)

test_like_is_held_against_like if {
	passes("50%", 4, "50%")
	not passes("51%", 4, "50%")
	passes(2, 4, 2)
	not passes(3, 4, 2)
	passes(0, 4, "0%")
	not passes("1%", 4, "0%")
}

test_a_number_is_held_against_a_share_by_the_replicas if {
	passes(2, 4, "50%")
	not passes(3, 4, "50%")
	not passes(1, 4, "0%")
	passes("50%", 4, 2)
	not passes("75%", 4, 2)
	passes("25%", 3, 0)
}

test_one_copy_is_left_to_another_policy if {
	passes(1, 1, "50%")
	passes(1, null, "50%")
	passes(1, 0, "50%")
}

test_unset_is_the_default if {
	every strategy in [null, {}, {"type": ""}, {"type": "RollingUpdate"}, {"rollingUpdate": null}, {"rollingUpdate": {"maxUnavailable": null}}] {
		policy.violation == set() with input as workload("Deployment", {"strategy": strategy}, "25%")
		count(policy.violation) == 1 with input as workload("Deployment", {"strategy": strategy}, "24%")
		policy.violation == set() with input as workload("DaemonSet", {"updateStrategy": strategy}, 1)
		count(policy.violation) == 1 with input as workload("DaemonSet", {"updateStrategy": strategy}, 0)
	}
}

test_a_number_of_a_daemon_set_is_held_against_no_share if {
	spec := {"updateStrategy": {"rollingUpdate": {"maxUnavailable": 5}}}
	policy.violation == set() with input as workload("DaemonSet", spec, "50%")
	count(policy.skipped) == 1 with input as workload("DaemonSet", spec, "50%")
	count(policy.violation) == 1 with input as workload("DaemonSet", spec, 4)
	policy.skipped == set() with input as workload("DaemonSet", {}, "50%")
}

test_the_fix_sets_the_type if {
	findings := policy.violation with input as workload("Deployment", {"strategy": {"type": "Recreate"}}, "50%")
	[f.fix | some f in findings] == [[{"op": "add", "path": "/spec/strategy/type", "value": "RollingUpdate"}]]
}

test_wrong_types_are_findings if {
	every gone in ["half", -1, true, [], {}, 1.5] {
		not passes(gone, 4, "50%")
	}
	every type in ["rollingupdate", 1, true, []] {
		count(policy.violation) == 1 with input as workload("Deployment", {"strategy": {"type": type}}, "50%")
	}
}
