package bylaw.priority_class_set_test

import data.bylaw.priority_class_set as policy

pod(class, allowed) := {
	"review": {
		"kind": {"group": "", "version": "v1", "kind": "Pod"},
		"name": "x",
		"object": {"spec": {"priorityClassName": class, "containers": []}},
	},
	"parameters": {"allowed": allowed},
}

test_any_class_will_do_unless_some_are_listed if {
	policy.violation == set() with input as pod("batch", [])
	policy.violation == set() with input as pod("batch", ["web", "b*"])
	count(policy.violation) == 1 with input as pod("batch", ["web"])
}

test_nothing_and_empty_are_none if {
	every class in [null, ""] {
		count(policy.violation) == 1 with input as pod(class, [])
		count(policy.violation) == 1 with input as pod(class, ["*"])
	}
}

test_a_fix_is_offered_where_one_class_is_allowed if {
	one := policy.violation with input as pod(null, ["web"])
	[f.fix | some f in one] == [[{"op": "add", "path": "/spec/priorityClassName", "value": "web"}]]
	every allowed in [[], ["web", "batch"], ["web-*"]] {
		none := policy.violation with input as pod(null, allowed)
		[f | some f in none; f.fix] == []
	}
}

test_wrong_types_are_findings if {
	every class in [5, true, [], {}] {
		count(policy.violation) == 1 with input as pod(class, [])
		count(policy.violation) == 1 with input as pod(class, ["*"])
	}
}
