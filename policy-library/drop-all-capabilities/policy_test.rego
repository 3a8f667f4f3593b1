package bylaw.drop_all_capabilities_test

import data.bylaw.drop_all_capabilities as policy

pod(spec, parameters) := {
	"review": {"kind": {"group": "", "version": "v1", "kind": "Pod"}, "name": "x", "object": {"spec": spec}},
	"parameters": object.union(
		{"required_drop": ["ALL"], "strict_upstream": false, "exclude_containers": [], "exclude_images": []},
		parameters,
	),
}

one(context, parameters) := pod({"containers": [{"name": "app", "securityContext": context}]}, parameters)

dropping(list, parameters) := one({"capabilities": {"drop": list}}, parameters)

test_names_are_read_as_runtimes_do if {
	every name in ["ALL", "all", "CAP_ALL", "cap_all", "All"] {
		policy.violation == set() with input as dropping(["KILL", name], {})
	}
}

test_strictly_only_the_exact_name_counts if {
	policy.violation == set() with input as dropping(["ALL"], {"strict_upstream": true})
	every name in ["all", "CAP_ALL", "NET_RAW"] {
		count(policy.violation) == 1 with input as dropping([name], {"strict_upstream": true})
	}
}

test_all_covers_every_other_name if {
	wanted := {"required_drop": ["NET_RAW", "MKNOD"]}
	every list in [["ALL"], ["NET_RAW", "MKNOD"], ["cap_net_raw", "mknod", "KILL"]] {
		policy.violation == set() with input as dropping(list, wanted)
	}
	findings := policy.violation with input as dropping(["NET_RAW"], wanted)
	{f.expected | some f in findings} == {"a list with MKNOD"}
}

test_the_fix_adds_to_what_is_there if {
	findings := policy.violation with input as dropping(["NET_RAW"], {})
	[f.fix | some f in findings] == [[{
		"op": "add",
		"path": "/spec/containers/0/securityContext/capabilities/drop",
		"value": ["NET_RAW", "ALL"],
	}]]
}

test_the_fix_makes_what_is_missing if {
	findings := policy.violation with input as one(null, {})
	[f.fix | some f in findings] == [[
		{"op": "add", "path": "/spec/containers/0/securityContext", "value": {}},
		{"op": "add", "path": "/spec/containers/0/securityContext/capabilities", "value": {}},
		{"op": "add", "path": "/spec/containers/0/securityContext/capabilities/drop", "value": ["ALL"]},
	]]
}

test_an_ephemeral_container_gets_no_fix if {
	findings := policy.violation with input as pod({"ephemeralContainers": [{"name": "debugger"}]}, {})
	count(findings) == 1
	every finding in findings {
		not finding.fix
	}
}

test_wrong_types_are_findings if {
	every value in ["ALL", null, true, {"ALL": true}, [null], [1], []] {
		count(policy.violation) == 1 with input as dropping(value, {})
	}
	every value in ["ALL", null, [], 1] {
		count(policy.violation) == 1 with input as one({"capabilities": value}, {})
	}
}

test_windows_is_exempt_strictly_too if {
	every strict in [true, false] {
		input_ := pod({"os": {"name": "windows"}, "containers": [{"name": "app"}]}, {"strict_upstream": strict})
		policy.violation == set() with input as input_
		count(policy.not_applicable) == 1 with input as input_
	}
}
