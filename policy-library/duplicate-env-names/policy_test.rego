package bylaw.duplicate_env_names_test

import data.bylaw.duplicate_env_names as policy

pod(env) := {
	"review": {
		"kind": {"group": "", "version": "v1", "kind": "Pod"},
		"name": "x",
		"object": {"spec": {"containers": [{"name": "app", "env": env}, {"name": "other", "env": [{"name": "A", "value": "9"}]}]}},
	},
	"parameters": {"exclude_containers": [], "exclude_images": []},
}

variable(name, value) := {"name": name, "value": value}

paths(env) := {finding.path | some finding in findings} if findings := policy.violation with input as pod(env)

test_each_repetition_is_a_finding if {
	paths([variable("A", "1"), variable("B", "1")]) == set()
	paths([variable("A", "1"), variable("B", "1"), variable("A", "2")]) == {"spec.containers[0].env[2].name"}
	paths([variable("A", "1"), variable("A", "2"), variable("A", "3")]) == {"spec.containers[0].env[1].name", "spec.containers[0].env[2].name"}
}

test_names_are_compared_by_case if {
	paths([variable("a", "1"), variable("A", "1")]) == set()
}

test_what_is_said_twice_alike_can_go if {
	same := policy.violation with input as pod([variable("A", "1"), variable("A", "1")])
	[f.fix | some f in same] == [[{"op": "remove", "path": "/spec/containers/0/env/1"}]]
	other := policy.violation with input as pod([variable("A", "1"), variable("A", "2")])
	[f | some f in other; f.fix] == []
	several := policy.violation with input as pod([variable("A", "1"), variable("A", "1"), variable("A", "1")])
	[f | some f in several; f.fix] == []
}

test_wrong_types_are_no_names if {
	every env in [null, {}, "A=1", [5, 5], [{"name": 5}, {"name": 5}], [{}, {}]] {
		paths(env) == set()
	}
}
