package bylaw.rbac_no_wildcards_test

import data.bylaw.rbac_no_wildcards as policy

all_fields := ["api_groups", "resources", "verbs", "non_resource_urls"]

role(rules, fields) := {
	"review": {
		"kind": {"group": "rbac.authorization.k8s.io", "version": "v1", "kind": "ClusterRole"},
		"name": "ops",
		"object": {"metadata": {"name": "ops"}, "rules": rules},
	},
	"parameters": {"fields": fields},
}

test_each_field_is_looked_at_alone if {
	rule := {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"], "nonResourceURLs": ["*"]}
	every pair in [
		["api_groups", "rules[0].apiGroups[0]"], ["resources", "rules[0].resources[0]"],
		["verbs", "rules[0].verbs[0]"], ["non_resource_urls", "rules[0].nonResourceURLs[0]"],
	] {
		findings := policy.violation with input as role([rule], [pair[0]])
		{f.path | some f in findings} == {pair[1]}
	}
}

test_a_star_within_a_name_is_no_wildcard_to_the_authorizer if {
	rule := {"apiGroups": ["*.example.com"], "resources": ["pods/*", "pod*"], "verbs": ["get*"], "nonResourceURLs": ["/a*b"]}
	policy.violation == set() with input as role([rule], all_fields)
}

test_names_of_objects_are_not_looked_at if {
	policy.violation == set() with input as role([{"resourceNames": ["*"], "verbs": ["get"]}], all_fields)
}

test_wrong_types_hold_no_wildcard if {
	policy.violation == set() with input as role("*", all_fields)
	policy.violation == set() with input as role([{"verbs": "*"}], all_fields)
}
