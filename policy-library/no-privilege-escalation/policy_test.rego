package bylaw.no_privilege_escalation_test

import data.bylaw.no_privilege_escalation as policy

none := {"exclude_containers": [], "exclude_images": []}

pod(spec) := {"review": {"kind": {"group": "", "version": "v1", "kind": "Pod"}, "name": "x", "object": {"spec": spec}}, "parameters": none}

one(container) := pod({"containers": [object.union({"name": "app"}, container)]})

test_a_fix_makes_the_security_context_first if {
	findings := policy.violation with input as one({})
	[f.fix | some f in findings] == [[
		{"op": "add", "path": "/spec/containers/0/securityContext", "value": {}},
		{"op": "add", "path": "/spec/containers/0/securityContext/allowPrivilegeEscalation", "value": false},
	]]
}

test_a_fix_only_writes_the_value_where_the_context_is_there if {
	findings := policy.violation with input as one({"securityContext": {"allowPrivilegeEscalation": true}})
	[f.fix | some f in findings] == [[{
		"op": "add",
		"path": "/spec/containers/0/securityContext/allowPrivilegeEscalation",
		"value": false,
	}]]
}

test_no_fix_is_offered_where_it_would_not_settle_it if {
	privileged := policy.violation with input as one({"securityContext": {"privileged": true}})
	count(privileged) == 2
	every finding in privileged {
		not finding.fix
	}
	capable := policy.violation with input as one({"securityContext": {"capabilities": {"add": ["CAP_SYS_ADMIN"]}}})
	count(capable) == 2
	every finding in capable {
		not finding.fix
	}
}

test_an_ephemeral_container_gets_no_fix if {
	findings := policy.violation with input as pod({"ephemeralContainers": [{"name": "debugger"}]})
	count(findings) == 1
	every finding in findings {
		not finding.fix
	}
}

test_wrong_types_are_findings_and_never_a_pass if {
	every value in ["false", 0, {}, []] {
		findings := policy.violation with input as one({"securityContext": {"allowPrivilegeEscalation": value}})
		count(findings) == 1
	}
	every value in ["false", ["x"], null, 1] {
		findings := policy.violation with input as one({"securityContext": value})
		count(findings) == 1
	}
	every value in ["true", "false", 1] {
		findings := policy.violation with input as one({"securityContext": {"allowPrivilegeEscalation": false, "privileged": value}})
		count(findings) == 1
	}
}

test_capabilities_of_the_wrong_type_do_no_harm if {
	every value in ["SYS_ADMIN", null, [null, 1]] {
		findings := policy.violation with input as one({"securityContext": {
			"allowPrivilegeEscalation": false,
			"capabilities": {"add": value},
		}})
		count(findings) == 0
	}
}

test_a_container_that_is_no_object_is_a_finding if {
	findings := policy.violation with input as pod({"containers": ["app"]})
	[f.container | some f in findings] == ["#0"]
}

test_a_service_is_not_applicable if {
	service := {"review": {"kind": {"group": "", "version": "v1", "kind": "Service"}, "name": "x", "object": {"spec": {}}}, "parameters": none}
	policy.not_applicable == {"Service holds no pod spec"} with input as service
	policy.violation == set() with input as service
}

test_a_harmless_capability_does_not_stand_in_the_way_of_a_fix if {
	findings := policy.violation with input as one({"securityContext": {"capabilities": {"add": ["NET_ADMIN"]}}})
	count(findings) == 1
	every finding in findings {
		count(finding.fix) == 1
	}
}

test_a_windows_pod_is_left_alone_whatever_it_says if {
	context := {"privileged": true, "capabilities": {"add": ["ALL"]}}
	windows := pod({"os": {"name": "windows"}, "containers": [{"name": "app", "securityContext": context}]})
	policy.violation == set() with input as windows
	count(policy.not_applicable) == 1 with input as windows
}

test_strictly_only_the_setting_itself_counts if {
	strictly := {"exclude_containers": [], "exclude_images": [], "strict_upstream": true}
	undone := {"allowPrivilegeEscalation": false, "privileged": true, "capabilities": {"add": ["SYS_ADMIN"]}}
	policy.violation == set() with input as object.union(one({"securityContext": undone}), {"parameters": strictly})
	count(policy.violation) == 1 with input as object.union(one({}), {"parameters": strictly})
}
