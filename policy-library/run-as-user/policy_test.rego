package bylaw.run_as_user_test

import data.bylaw.run_as_user as policy

defaults := {
	"allowed_ranges": [{"min": 1, "max": 2147483647}],
	"allow_unset": false,
	"exclude_containers": [],
	"exclude_images": [],
}

pod(spec, parameters) := {
	"review": {"kind": {"group": "", "version": "v1", "kind": "Pod"}, "name": "x", "object": {"spec": spec}},
	"parameters": object.union(defaults, parameters),
}

container(pod_context, context, parameters) := pod(
	{"securityContext": pod_context, "containers": [{"name": "app", "securityContext": context}]},
	parameters,
)

test_what_holds_for_the_container_is_judged if {
	every good in [
		[{"runAsUser": 1}, {}], [{}, {"runAsUser": 1}], [{"runAsUser": 0}, {"runAsUser": 1}],
		[{"runAsUser": 2147483647}, null], [null, {"runAsUser": 5}], [{"runAsUser": 5}, {"runAsUser": null}],
	] {
		policy.violation == set() with input as container(good[0], good[1], {})
	}
	every bad in [
		[{}, {}], [null, null], [{"runAsUser": 1}, {"runAsUser": 0}], [{"runAsUser": 0}, {}],
		[{"runAsNonRoot": true}, {}], [{"runAsGroup": 1}, {}], [{"runAsUser": 2147483648}, {}], [{"runAsUser": -1}, {}],
	] {
		count(policy.violation) == 1 with input as container(bad[0], bad[1], {})
	}
}

test_wrong_types_are_findings if {
	every value in ["1000", "", true, false, [], {}, 1.5] {
		count(policy.violation) == 1 with input as container({"runAsUser": value}, {}, {})
		count(policy.violation) == 1 with input as container({"runAsUser": value}, {}, {"allow_unset": true})
	}
}

test_only_an_unset_user_is_accepted_as_unset if {
	allowed := {"allow_unset": true}
	policy.violation == set() with input as container({}, {}, allowed)
	policy.violation == set() with input as container({"runAsUser": null}, null, allowed)
	count(policy.violation) == 1 with input as container({"runAsUser": 0}, {}, allowed)
}

test_no_range_allows_no_user if {
	none := {"allowed_ranges": []}
	every context in [{"runAsUser": 1000}, {}] {
		findings := policy.violation with input as container(context, {}, none)
		{f.expected | some f in findings} == {"nothing, since the parameters allow none"}
	}
	policy.violation == set() with input as container({}, {}, {"allowed_ranges": [], "allow_unset": true})
	findings := policy.violation with input as container({"runAsUser": 1}, {}, {"allowed_ranges": [], "allow_unset": true})
	{f.expected | some f in findings} == {"unset"}
}

only_1000 := {"allowed_ranges": [{"min": 1000, "max": 1000}]}

test_the_one_user_that_is_allowed_is_written_where_it_belongs if {
	unset := policy.violation with input as container({"fsGroup": 1}, null, only_1000)
	[f.fix | some f in unset] == [[
		{"op": "add", "path": "/spec/containers/0/securityContext", "value": {}},
		{"op": "add", "path": "/spec/containers/0/securityContext/runAsUser", "value": 1000},
	]]
	said := policy.violation with input as container({"runAsUser": 0}, {}, only_1000)
	[f.fix | some f in said] == [[{"op": "add", "path": "/spec/securityContext/runAsUser", "value": 1000}]]
	own := policy.violation with input as container({"runAsUser": 1000}, {"runAsUser": 0}, only_1000)
	[f.fix | some f in own] == [[{"op": "add", "path": "/spec/containers/0/securityContext/runAsUser", "value": 1000}]]
}

test_root_can_be_the_one_user if {
	findings := policy.violation with input as container({}, {"runAsUser": 5}, {"allowed_ranges": [{"min": 0, "max": 0}]})
	[f.fix | some f in findings] == [[{"op": "add", "path": "/spec/containers/0/securityContext/runAsUser", "value": 0}]]
}

test_no_user_is_guessed if {
	every ranges in [[{"min": 1, "max": 2}], [{"min": 1, "max": 1}, {"min": 3, "max": 3}], []] {
		findings := policy.violation with input as container({}, {}, {"allowed_ranges": ranges})
		count(findings) == 1
		every finding in findings {
			not finding.fix
		}
	}
}

test_an_ephemeral_container_gets_no_fix if {
	findings := policy.violation with input as pod({"ephemeralContainers": [{"name": "debugger"}]}, only_1000)
	count(findings) == 1
	every finding in findings {
		not finding.fix
	}
}

test_nothing_is_judged_on_windows if {
	input_ := pod({"os": {"name": "windows"}, "containers": [{"name": "app"}]}, {})
	policy.violation == set() with input as input_
	count(policy.not_applicable) == 1 with input as input_
}
