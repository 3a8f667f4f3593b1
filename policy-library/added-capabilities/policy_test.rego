package bylaw.added_capabilities_test

import data.bylaw.added_capabilities as policy

pod(spec, parameters) := {
	"review": {"kind": {"group": "", "version": "v1", "kind": "Pod"}, "name": "x", "object": {"spec": spec}},
	"parameters": object.union(
		{
			"allowed": ["NET_BIND_SERVICE"],
			"strict_upstream": false,
			"upstream_level": "restricted",
			"exclude_containers": [],
			"exclude_images": [],
		},
		parameters,
	),
}

adding(list, parameters) := pod({"containers": [{"name": "app", "securityContext": {"capabilities": {"add": list}}}]}, parameters)

test_names_are_read_as_runtimes_do if {
	every name in ["NET_BIND_SERVICE", "net_bind_service", "CAP_NET_BIND_SERVICE", "cap_Net_Bind_Service"] {
		policy.violation == set() with input as adding([name], {})
	}
	every name in ["ALL", "all", "SYS_ADMIN", "sys_admin", "CAP_SYS_ADMIN", "", "NET_BIND_SERVICE "] {
		count(policy.violation) == 1 with input as adding([name], {})
	}
}

test_strictly_only_the_exact_name_counts if {
	policy.violation == set() with input as adding(["NET_BIND_SERVICE"], {"strict_upstream": true})
	every name in ["net_bind_service", "CAP_NET_BIND_SERVICE"] {
		count(policy.violation) == 1 with input as adding([name], {"strict_upstream": true})
	}
}

test_a_star_allows_every_one_and_an_empty_list_none if {
	policy.violation == set() with input as adding(["SYS_ADMIN", "ALL"], {"allowed": ["*"]})
	findings := policy.violation with input as adding(["NET_BIND_SERVICE"], {"allowed": []})
	{f.expected | some f in findings} == {"no added capability"}
}

test_each_capability_is_a_finding_and_one_fix_settles_them if {
	findings := policy.violation with input as adding(["SYS_ADMIN", "NET_BIND_SERVICE", "SYS_TIME"], {})
	{f.path | some f in findings} == {
		"spec.containers[0].securityContext.capabilities.add[0]",
		"spec.containers[0].securityContext.capabilities.add[2]",
	}
	{f.fix | some f in findings} == {[{
		"op": "add",
		"path": "/spec/containers/0/securityContext/capabilities/add",
		"value": ["NET_BIND_SERVICE"],
	}]}
}

test_an_ephemeral_container_gets_no_fix if {
	spec := {"ephemeralContainers": [{"name": "debugger", "securityContext": {"capabilities": {"add": ["SYS_PTRACE"]}}}]}
	findings := policy.violation with input as pod(spec, {})
	count(findings) == 1
	every finding in findings {
		not finding.fix
	}
}

test_wrong_types_are_findings_and_do_no_harm if {
	every value in [null, 1, true, {}, []] {
		count(policy.violation) == 1 with input as adding([value], {})
	}
	every value in [null, "SYS_ADMIN", 1, []] {
		policy.violation == set() with input as adding(value, {})
	}
}

test_windows_is_judged_by_the_baseline_alone if {
	spec := {"os": {"name": "windows"}, "containers": [{"name": "app", "securityContext": {"capabilities": {"add": ["SYS_ADMIN"]}}}]}
	every parameters in [{}, {"upstream_level": "baseline"}, {"strict_upstream": true}] {
		policy.violation == set() with input as pod(spec, parameters)
		count(policy.not_applicable) == 1 with input as pod(spec, parameters)
	}
	strictly := {"strict_upstream": true, "upstream_level": "baseline"}
	count(policy.violation) == 1 with input as pod(spec, strictly)
	policy.not_applicable == set() with input as pod(spec, strictly)
}
