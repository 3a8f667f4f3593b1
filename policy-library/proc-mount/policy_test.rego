package bylaw.proc_mount_test

import data.bylaw.proc_mount as policy

defaults := {
	"allowed": ["Default"],
	"strict_upstream": false,
	"upstream_level": "restricted",
	"version": "",
	"exclude_containers": [],
	"exclude_images": [],
}

pod(spec, parameters) := {
	"review": {"kind": {"group": "", "version": "v1", "kind": "Pod"}, "name": "x", "object": {"spec": spec}},
	"parameters": object.union(defaults, parameters),
}

mounting(value, more, parameters) := pod(
	object.union({"containers": [{"name": "app", "securityContext": {"procMount": value}}]}, more),
	parameters,
)

baseline := {"strict_upstream": true, "upstream_level": "baseline"}

test_unset_and_the_default_get_the_same_verdict if {
	every value in [null, "Default"] {
		policy.violation == set() with input as mounting(value, {}, {})
		count(policy.violation) == 1 with input as mounting(value, {}, {"allowed": ["Unmasked"]})
	}
}

test_the_fix_removes_the_setting if {
	findings := policy.violation with input as mounting("Unmasked", {}, {})
	[f.fix | some f in findings] == [[{"op": "remove", "path": "/spec/containers/0/securityContext/procMount"}]]
}

test_anything_else_is_a_finding if {
	every value in ["Unmasked", "default", "", 1, true, [], {}] {
		count(policy.violation) == 1 with input as mounting(value, {}, {})
	}
}

test_users_of_its_own_are_an_excuse_at_the_baseline_from_1_35_on if {
	own_users := {"hostUsers": false}
	policy.violation == set() with input as mounting("Unmasked", own_users, baseline)
	policy.violation == set() with input as mounting("Unmasked", own_users, object.union(baseline, {"version": "1.35"}))
	every parameters in [{}, {"strict_upstream": true}, {"upstream_level": "baseline"}, object.union(baseline, {"version": "1.34"})] {
		count(policy.violation) == 1 with input as mounting("Unmasked", own_users, parameters)
	}
	every more in [{}, {"hostUsers": true}, {"hostUsers": null}] {
		count(policy.violation) == 1 with input as mounting("Unmasked", more, baseline)
	}
}

test_windows_is_judged_strictly_alone if {
	windows := {"os": {"name": "windows"}}
	policy.violation == set() with input as mounting("Unmasked", windows, {})
	count(policy.not_applicable) == 1 with input as mounting("Unmasked", windows, {})
	count(policy.violation) == 1 with input as mounting("Unmasked", windows, {"strict_upstream": true})
}
