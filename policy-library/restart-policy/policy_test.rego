package bylaw.restart_policy_test

import data.bylaw.restart_policy as policy

pod(value, allowed) := {
	"review": {
		"kind": {"group": "", "version": "v1", "kind": "Pod"},
		"name": "x",
		"object": {"spec": {"restartPolicy": value, "containers": []}},
	},
	"parameters": {"allowed": allowed},
}

test_unset_is_always if {
	every value in [null, "", "Always"] {
		policy.violation == set() with input as pod(value, ["Always"])
		count(policy.violation) == 1 with input as pod(value, ["Never", "OnFailure"])
	}
}

test_names_are_compared_by_case if {
	every value in ["always", "ALWAYS", "on-failure"] {
		count(policy.violation) == 1 with input as pod(value, ["Always", "OnFailure", "Never"])
	}
}

test_a_fix_is_offered_where_one_is_allowed if {
	one := policy.violation with input as pod(null, ["Never"])
	[f.fix | some f in one] == [[{"op": "add", "path": "/spec/restartPolicy", "value": "Never"}]]
	several := policy.violation with input as pod(null, ["Never", "OnFailure"])
	[f | some f in several; f.fix] == []
}

test_wrong_types_are_findings if {
	every value in [5, true, [], {}] {
		count(policy.violation) == 1 with input as pod(value, ["Always", "OnFailure", "Never"])
	}
}
