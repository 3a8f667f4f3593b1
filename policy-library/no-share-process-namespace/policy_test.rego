package bylaw.no_share_process_namespace_test

import data.bylaw.no_share_process_namespace as policy

pod(spec) := {"review": {"kind": {"group": "", "version": "v1", "kind": "Pod"}, "name": "x", "object": {"spec": spec}}}

test_unset_null_and_false_pass if {
	every spec in [{}, {"shareProcessNamespace": null}, {"shareProcessNamespace": false}] {
		policy.violation == set() with input as pod(spec)
		policy.not_applicable == set() with input as pod(spec)
	}
}

test_anything_else_fails if {
	every value in [true, "true", "false", 1, 0, [], {}] {
		count(policy.violation) == 1 with input as pod({"shareProcessNamespace": value})
	}
}

test_the_fix_removes_it if {
	findings := policy.violation with input as pod({"shareProcessNamespace": true})
	[f.fix | some f in findings] == [[{"op": "remove", "path": "/spec/shareProcessNamespace"}]]
}
