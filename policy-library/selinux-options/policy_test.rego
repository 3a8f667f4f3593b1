package bylaw.selinux_options_test

import data.bylaw.selinux_options as policy

defaults := {
	"allowed": ["container_t", "container_init_t", "container_kvm_t", "container_engine_t"],
	"strict_upstream": false,
	"version": "",
	"exclude_containers": [],
	"exclude_images": [],
}

pod(spec, parameters) := {
	"review": {"kind": {"group": "", "version": "v1", "kind": "Pod"}, "name": "x", "object": {"spec": spec}},
	"parameters": object.union(defaults, parameters),
}

container(pod_options, options, parameters) := pod(
	{
		"securityContext": {"seLinuxOptions": pod_options},
		"containers": [{"name": "app", "securityContext": {"seLinuxOptions": options}}],
	},
	parameters,
)

test_types_for_containers_and_levels_pass if {
	every options in [null, {}, {"type": ""}, {"user": "", "role": null}, {"level": "s0:c1"}, {"type": "container_engine_t"}] {
		policy.violation == set() with input as container(null, options, {})
		policy.violation == set() with input as container(options, null, {})
	}
}

test_what_a_container_says_wins_as_a_whole if {
	bad := {"type": "spc_t", "user": "system_u"}
	count(policy.violation) == 2 with input as container(bad, null, {})
	policy.violation == set() with input as container(bad, {"level": "s0"}, {})
	count(policy.violation) == 2 with input as container(bad, {"level": "s0"}, {"strict_upstream": true})
}

test_each_wrong_field_is_a_finding_with_its_fix if {
	findings := policy.violation with input as container(null, {"type": "spc_t", "user": "u", "role": "r"}, {})
	{f.fix[0].path | some f in findings} == {
		"/spec/containers/0/securityContext/seLinuxOptions/type",
		"/spec/containers/0/securityContext/seLinuxOptions/user",
		"/spec/containers/0/securityContext/seLinuxOptions/role",
	}
	pods_ := policy.violation with input as container({"type": "spc_t"}, null, {})
	{f.fix[0].path | some f in pods_} == {"/spec/securityContext/seLinuxOptions/type"}
}

test_the_newest_type_waits_for_its_version_strictly_alone if {
	engine := {"type": "container_engine_t"}
	count(policy.violation) == 1 with input as container(null, engine, {"strict_upstream": true, "version": "1.30"})
	policy.violation == set() with input as container(null, engine, {"strict_upstream": true, "version": "1.31"})
	policy.violation == set() with input as container(null, engine, {"version": "1.30"})
}

test_wrong_types_are_findings if {
	every options in ["spc_t", [], 1, true] {
		count(policy.violation) == 1 with input as container(null, options, {})
	}
	every value in [1, true, [], {}] {
		count(policy.violation) == 1 with input as container(null, {"type": value}, {})
		count(policy.violation) == 1 with input as container(null, {"role": value}, {})
	}
}

test_windows_is_judged_strictly_alone if {
	spec := {"os": {"name": "windows"}, "containers": [{"name": "app", "securityContext": {"seLinuxOptions": {"role": "r"}}}]}
	policy.violation == set() with input as pod(spec, {})
	count(policy.not_applicable) == 1 with input as pod(spec, {})
	count(policy.violation) == 1 with input as pod(spec, {"strict_upstream": true})
}
