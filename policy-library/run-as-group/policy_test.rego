package bylaw.run_as_group_test

import data.bylaw.run_as_group as policy

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
		[{"runAsGroup": 1}, {}], [{}, {"runAsGroup": 1}], [{"runAsGroup": 0}, {"runAsGroup": 1}],
		[{"runAsUser": 1, "runAsGroup": 1}, {}], [{"runAsGroup": 1}, {"runAsUser": 5}], [null, {"runAsGroup": 5}],
	] {
		policy.violation == set() with input as container(good[0], good[1], {})
	}
	every bad in [
		[{}, {}], [null, null], [{"runAsGroup": 1}, {"runAsGroup": 0}], [{"runAsGroup": 0}, {}],
		[{"runAsUser": 1}, {}], [{}, {"runAsUser": 1}], [{"fsGroup": 1, "supplementalGroups": [1]}, {}],
		[{"runAsGroup": 2147483648}, {}], [{"runAsGroup": -1}, {}],
	] {
		count(policy.violation) == 1 with input as container(bad[0], bad[1], {})
	}
}

test_a_user_without_a_group_is_group_0 if {
	every contexts in [[{"runAsUser": 1}, {}], [{}, {"runAsUser": 1}], [{"runAsUser": 0}, {"runAsGroup": null}]] {
		findings := policy.violation with input as container(contexts[0], contexts[1], {"allow_unset": true})
		{f.found | some f in findings} == {0}
		{f.path | some f in findings} == {"spec.containers[0].securityContext.runAsGroup"}
		every finding in findings {
			contains(finding.message, "which means group 0")
		}
		root := {"allowed_ranges": [{"min": 0, "max": 5}]}
		policy.violation == set() with input as container(contexts[0], contexts[1], root)
	}
}

test_without_a_user_the_image_decides if {
	policy.violation == set() with input as container({"runAsUser": null}, {}, {"allow_unset": true})
	findings := policy.violation with input as container({}, {}, {"allowed_ranges": [{"min": 0, "max": 5}]})
	{f.found | some f in findings} == {null}
}

test_wrong_types_are_findings if {
	every value in ["1000", "", true, false, [], {}, 1.5] {
		count(policy.violation) == 1 with input as container({"runAsGroup": value}, {}, {"allow_unset": true})
	}
}

test_the_one_group_that_is_allowed_is_written_into_the_container if {
	only := {"allowed_ranges": [{"min": 1000, "max": 1000}]}
	findings := policy.violation with input as container({"runAsUser": 1000}, null, only)
	[f.fix | some f in findings] == [[
		{"op": "add", "path": "/spec/containers/0/securityContext", "value": {}},
		{"op": "add", "path": "/spec/containers/0/securityContext/runAsGroup", "value": 1000},
	]]
}

test_nothing_is_judged_on_windows if {
	input_ := pod({"os": {"name": "windows"}, "containers": [{"name": "app"}]}, {})
	policy.violation == set() with input as input_
	count(policy.not_applicable) == 1 with input as input_
}
