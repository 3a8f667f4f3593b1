package bylaw.no_host_pid_test

import data.bylaw.no_host_pid as policy

pod(spec, strict) := {
	"review": {"kind": {"group": "", "version": "v1", "kind": "Pod"}, "name": "x", "object": {"spec": spec}},
	"parameters": {"strict_upstream": strict},
}

test_only_false_and_unset_pass if {
	every spec in [{}, {"hostPID": null}, {"hostPID": false}] {
		policy.violation == set() with input as pod(spec, false)
	}
	every value in [true, "false", "true", 0, 1, {}, []] {
		count(policy.violation) == 1 with input as pod({"hostPID": value}, false)
	}
}

test_the_fix_removes_the_setting if {
	findings := policy.violation with input as pod({"hostPID": true}, false)
	[f.fix | some f in findings] == [[{"op": "remove", "path": "/spec/hostPID"}]]
}

test_windows_is_judged_strictly_alone if {
	spec := {"os": {"name": "windows"}, "hostPID": true}
	policy.violation == set() with input as pod(spec, false)
	count(policy.not_applicable) == 1 with input as pod(spec, false)
	count(policy.violation) == 1 with input as pod(spec, true)
	policy.not_applicable == set() with input as pod(spec, true)
}

test_an_object_without_pods_is_not_applicable if {
	service := {"review": {"kind": {"group": "", "version": "v1", "kind": "Service"}, "name": "x", "object": {"spec": {"hostPID": true}}}, "parameters": {}}
	policy.not_applicable == {"Service holds no pod spec"} with input as service
	policy.violation == set() with input as service
}
