package bylaw.run_as_non_root_test

import data.bylaw.run_as_non_root as policy

parameters := {"accept_user_id": true, "exclude_containers": [], "exclude_images": []}

pod(pod_context, context) := {
	"review": {
		"kind": {"group": "", "version": "v1", "kind": "Pod"},
		"name": "x",
		"object": {"spec": {
			"securityContext": pod_context,
			"containers": [{"name": "app", "securityContext": context}],
		}},
	},
	"parameters": parameters,
}

test_what_holds_for_the_container_is_judged if {
	every good in [
		[{"runAsNonRoot": true}, {}], [{}, {"runAsNonRoot": true}], [{"runAsUser": 1}, {}], [{}, {"runAsUser": 1}],
		[{"runAsUser": 0}, {"runAsUser": 1}], [{"runAsNonRoot": false}, {"runAsNonRoot": true}],
		[{"runAsNonRoot": true}, {"runAsNonRoot": false, "runAsUser": 5}], [null, {"runAsUser": 1}],
	] {
		policy.violation == set() with input as pod(good[0], good[1])
	}
	every bad in [
		[{}, {}], [{"runAsNonRoot": true}, {"runAsNonRoot": false}], [{"runAsUser": 1}, {"runAsUser": 0}],
		[{"runAsNonRoot": true, "runAsUser": 0}, {}], [{"runAsNonRoot": true}, {"runAsUser": 0}], [null, null],
		[{"runAsUser": "1"}, {}], [{"runAsUser": -1}, {}], [{"runAsNonRoot": "true"}, {}], [{"runAsNonRoot": 1}, {}],
	] {
		count(policy.violation) == 1 with input as pod(bad[0], bad[1])
	}
}

test_without_accept_user_id_only_the_flag_counts if {
	strict := {"parameters": {"accept_user_id": false}}
	count(policy.violation) == 1 with input as object.union(pod({"runAsUser": 1000}, {}), strict)
	policy.violation == set() with input as object.union(pod({"runAsUser": 1000, "runAsNonRoot": true}, {}), strict)
}

test_the_fix_writes_the_flag_into_the_container if {
	findings := policy.violation with input as pod({}, null)
	[f.fix | some f in findings] == [[
		{"op": "add", "path": "/spec/containers/0/securityContext", "value": {}},
		{"op": "add", "path": "/spec/containers/0/securityContext/runAsNonRoot", "value": true},
	]]
}

test_the_fix_changes_the_pod_where_the_pod_says_false if {
	findings := policy.violation with input as pod({"runAsNonRoot": false}, {})
	[[f.path, f.fix] | some f in findings] == [[
		"spec.securityContext.runAsNonRoot",
		[{"op": "add", "path": "/spec/securityContext/runAsNonRoot", "value": true}],
	]]
}

test_no_fix_is_offered_for_user_0 if {
	findings := policy.violation with input as pod({"runAsUser": 0}, {})
	[f.path | some f in findings] == ["spec.securityContext.runAsUser"]
	every finding in findings {
		not finding.fix
	}
}

test_an_ephemeral_container_gets_no_fix if {
	findings := policy.violation with input as {
		"review": {
			"kind": {"group": "", "version": "v1", "kind": "Pod"},
			"name": "x",
			"object": {"spec": {"ephemeralContainers": [{"name": "debugger"}]}},
		},
		"parameters": parameters,
	}
	count(findings) == 1
	every finding in findings {
		not finding.fix
	}
}

test_the_fix_changes_the_container_where_the_container_says_false if {
	findings := policy.violation with input as pod({"runAsNonRoot": true}, {"runAsNonRoot": false})
	[f.fix | some f in findings] == [[{
		"op": "add",
		"path": "/spec/containers/0/securityContext/runAsNonRoot",
		"value": true,
	}]]
}

windows(context) := {
	"review": {
		"kind": {"group": "", "version": "v1", "kind": "Pod"},
		"name": "x",
		"object": {"spec": {"os": {"name": "windows"}, "containers": [{"name": "app", "securityContext": context}]}},
	},
	"parameters": parameters,
}

test_user_numbers_mean_nothing_on_windows if {
	policy.violation == set() with input as windows({"runAsNonRoot": true, "runAsUser": 0})
	count(policy.violation) == 1 with input as windows({"runAsUser": 1000})
}

strictly(pod_context, context, more) := object.union(
	pod(pod_context, context),
	{"parameters": object.union({"strict_upstream": true, "version": ""}, more)},
)

test_strictly_all_that_is_written_has_to_be_right if {
	every good in [[{"runAsNonRoot": true}, {}], [{}, {"runAsNonRoot": true}], [{"runAsNonRoot": true, "runAsUser": 5}, {"runAsUser": 1}]] {
		policy.violation == set() with input as strictly(good[0], good[1], {})
	}
	every bad in [
		[{}, {}], [{"runAsUser": 1}, {}], [{"runAsNonRoot": false}, {"runAsNonRoot": true}],
		[{"runAsNonRoot": true}, {"runAsNonRoot": false}], [{"runAsNonRoot": true, "runAsUser": 0}, {"runAsUser": 1}],
		[{"runAsNonRoot": true}, {"runAsUser": 0}], [{"runAsNonRoot": "true"}, {}],
	] {
		count(policy.violation) == 1 with input as strictly(bad[0], bad[1], {})
	}
}

test_strictly_the_fix_is_written_where_the_wrong_value_stands if {
	findings := policy.violation with input as strictly({"runAsNonRoot": false}, {"runAsNonRoot": true}, {})
	[f.fix | some f in findings] == [[{"op": "add", "path": "/spec/securityContext/runAsNonRoot", "value": true}]]
}

test_users_of_its_own_are_an_excuse_strictly_from_1_35_on if {
	spec := {"review": {"object": {"spec": {"hostUsers": false}}}}
	policy.violation == set() with input as object.union(strictly({}, {"runAsUser": 0}, {}), spec)
	count(policy.violation) == 2 with input as object.union(strictly({}, {"runAsUser": 0}, {"version": "1.34"}), spec)
	count(policy.violation) == 1 with input as object.union(pod({}, {"runAsUser": 0}), spec)
}

test_strictly_root_fails_on_windows_too if {
	spec := {"review": {"object": {"spec": {"os": {"name": "windows"}}}}}
	count(policy.violation) == 1 with input as object.union(strictly({"runAsNonRoot": true}, {"runAsUser": 0}, {}), spec)
}
