package bylaw.fs_group_test

import data.bylaw.fs_group as policy

defaults := {"allowed_ranges": [{"min": 1, "max": 2147483647}], "allow_unset": true}

pod(spec, parameters) := {
	"review": {"kind": {"group": "", "version": "v1", "kind": "Pod"}, "name": "x", "object": {"spec": spec}},
	"parameters": object.union(defaults, parameters),
}

group(value, parameters) := pod({"securityContext": {"fsGroup": value}}, parameters)

test_both_ends_of_a_range_belong_to_it if {
	ranges := {"allowed_ranges": [{"min": 10, "max": 20}, {"min": 30, "max": 30}]}
	every value in [10, 15, 20, 30] {
		policy.violation == set() with input as group(value, ranges)
	}
	every value in [9, 21, 29, 31, 0] {
		count(policy.violation) == 1 with input as group(value, ranges)
	}
}

test_nothing_said_is_accepted_unless_the_parameters_say_no if {
	every spec in [{}, {"securityContext": null}, {"securityContext": {}}, {"securityContext": {"fsGroup": null}}] {
		policy.violation == set() with input as pod(spec, {})
		count(policy.violation) == 1 with input as pod(spec, {"allow_unset": false})
	}
}

test_wrong_types_are_findings if {
	every value in ["1000", 1.5, true, false, [], {}, -1] {
		count(policy.violation) == 1 with input as group(value, {})
	}
}

test_the_one_group_that_is_allowed_is_written if {
	findings := policy.violation with input as pod({}, {"allow_unset": false, "allowed_ranges": [{"min": 5, "max": 5}]})
	[f.fix | some f in findings] == [[
		{"op": "add", "path": "/spec/securityContext", "value": {}},
		{"op": "add", "path": "/spec/securityContext/fsGroup", "value": 5},
	]]
	guessed := policy.violation with input as group(0, {})
	every finding in guessed {
		not finding.fix
	}
}

test_nothing_is_judged_on_windows if {
	input_ := pod({"os": {"name": "windows"}, "securityContext": {"fsGroup": 0}}, {})
	policy.violation == set() with input as input_
	count(policy.not_applicable) == 1 with input as input_
}
