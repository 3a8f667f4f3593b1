package bylaw.termination_grace_period_test

import data.bylaw.termination_grace_period as policy

pod(period, parameters) := {
	"review": {
		"kind": {"group": "", "version": "v1", "kind": "Pod"},
		"name": "x",
		"object": {"spec": {"terminationGracePeriodSeconds": period, "containers": []}},
	},
	"parameters": object.union({"min": 5, "max": 300}, parameters),
}

fix(period, parameters) := [operation | some finding in findings; some operation in finding.fix] if {
	findings := policy.violation with input as pod(period, parameters)
}

test_both_ends_are_included if {
	every period in [5, 30, 300] {
		policy.violation == set() with input as pod(period, {})
	}
	every period in [0, 4, 301] {
		count(policy.violation) == 1 with input as pod(period, {})
	}
}

test_unset_is_thirty if {
	policy.violation == set() with input as pod(null, {})
	count(policy.violation) == 1 with input as pod(null, {"min": 31})
	count(policy.violation) == 1 with input as pod(null, {"max": 29})
}

test_the_fix_is_the_default_or_the_nearest_end if {
	fix(0, {}) == [{"op": "add", "path": "/spec/terminationGracePeriodSeconds", "value": 30}]
	fix(900, {})[0].value == 300
	fix(1, {"min": 60})[0].value == 60
}

test_wrong_types_are_findings if {
	every period in ["30", true, [], {}, -1] {
		count(policy.violation) == 1 with input as pod(period, {})
	}
}
