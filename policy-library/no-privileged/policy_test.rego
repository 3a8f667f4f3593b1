package bylaw.no_privileged_test

import data.bylaw.no_privileged as policy

pod(spec, strict) := {
	"review": {"kind": {"group": "", "version": "v1", "kind": "Pod"}, "name": "x", "object": {"spec": spec}},
	"parameters": {"strict_upstream": strict, "exclude_containers": [], "exclude_images": []},
}

one(context) := pod({"containers": [{"name": "app", "securityContext": context}]}, false)

test_the_fix_removes_the_setting if {
	findings := policy.violation with input as one({"privileged": true})
	[f.fix | some f in findings] == [[{"op": "remove", "path": "/spec/containers/0/securityContext/privileged"}]]
}

test_an_ephemeral_container_gets_no_fix if {
	findings := policy.violation with input as pod({"ephemeralContainers": [{"name": "debugger", "securityContext": {"privileged": true}}]}, false)
	count(findings) == 1
	every finding in findings {
		not finding.fix
	}
}

test_only_false_and_unset_pass if {
	every context in [null, {}, {"privileged": null}, {"privileged": false}] {
		policy.violation == set() with input as one(context)
	}
	every value in [true, "false", "true", 0, 1, {}, []] {
		count(policy.violation) == 1 with input as one({"privileged": value})
	}
}

test_windows_is_judged_strictly_alone if {
	spec := {"os": {"name": "windows"}, "containers": [{"name": "app", "securityContext": {"privileged": true}}]}
	policy.violation == set() with input as pod(spec, false)
	count(policy.not_applicable) == 1 with input as pod(spec, false)
	count(policy.violation) == 1 with input as pod(spec, true)
	policy.not_applicable == set() with input as pod(spec, true)
}
