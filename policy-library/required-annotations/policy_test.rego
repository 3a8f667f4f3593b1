package bylaw.required_annotations_test

import data.bylaw.required_annotations as policy

review(annotations, parameters) := {
	"review": {
		"kind": {"group": "apps", "version": "v1", "kind": "Deployment"},
		"name": "x",
		"object": {"metadata": {"annotations": annotations}},
	},
	"parameters": object.union({"annotations": [{"key": "owner"}], "kinds": ["Deployment"]}, parameters),
}

test_any_value_that_is_not_empty_will_do_without_a_pattern if {
	policy.violation == set() with input as review({"owner": "jane"}, {})
	every value in [null, "", 5, true, []] {
		count(policy.violation) == 1 with input as review({"owner": value}, {})
	}
	every annotations in [null, [], "owner", {}] {
		count(policy.violation) == 1 with input as review(annotations, {})
	}
}

test_a_pattern_matches_as_a_whole if {
	pattern := {"annotations": [{"key": "owner", "pattern": `[^@]+@example\.com`}]}
	policy.violation == set() with input as review({"owner": "jane@example.com"}, pattern)
	every value in ["jane", "jane@example.com.evil.example", "@example.com"] {
		count(policy.violation) == 1 with input as review({"owner": value}, pattern)
	}
}

test_a_masked_value_is_there if {
	masked := {"owner": {"$masked": "url-password"}}
	policy.violation == set() with input as review(masked, {})
	policy.skipped == set() with input as review(masked, {})
	pattern := {"annotations": [{"key": "owner", "pattern": "x"}]}
	policy.violation == set() with input as review(masked, pattern)
	count(policy.skipped) == 1 with input as review(masked, pattern)
}

test_a_pattern_that_cannot_be_read_judges_nothing if {
	broken := {"annotations": [{"key": "owner", "pattern": "["}]}
	policy.violation == set() with input as review({}, broken)
	count(policy.skipped) == 1 with input as review({}, broken)
}

test_other_kinds_are_not_applicable if {
	policy.violation == set() with input as review({}, {"kinds": ["core/*"]})
	count(policy.not_applicable) == 1 with input as review({}, {"kinds": ["core/*"]})
	count(policy.violation) == 1 with input as review({}, {"kinds": ["apps/*"]})
}

test_nothing_is_judged_without_parameters if {
	policy.violation == set() with input as review({}, {"annotations": []})
	policy.skipped == {"needs parameters: annotations is empty"} with input as review({}, {"annotations": []})
	count(policy.skipped) == 1 with input as review({}, {"kinds": []})
}
