package lib.selectors_test

import data.lib.selectors

labels := {"app": "web", "tier": "front", "pod-template-hash": null, "pod-index": null}

requirement(key, operator, values) := {"matchExpressions": [{"key": key, "operator": operator, "values": values}]}

test_null_matches_nothing_and_an_empty_selector_everything if {
	not selectors.matches(null, labels)
	selectors.matches({}, labels)
	selectors.matches({}, {})
	selectors.matches({"matchLabels": {}, "matchExpressions": []}, labels)
	selectors.matches({"matchLabels": null, "matchExpressions": null}, {})
}

test_every_label_has_to_match if {
	selectors.matches({"matchLabels": {"app": "web", "tier": "front"}}, labels)
	not selectors.matches({"matchLabels": {"app": "web", "tier": "back"}}, labels)
	not selectors.matches({"matchLabels": {"app": "web", "owner": "x"}}, labels)
	not selectors.matches({"matchLabels": {"app": "Web"}}, labels)
}

test_in_asks_for_one_of_the_values if {
	selectors.matches(requirement("app", "In", ["api", "web"]), labels)
	not selectors.matches(requirement("app", "In", ["api"]), labels)
	not selectors.matches(requirement("owner", "In", ["web"]), labels)
}

test_not_in_is_met_by_a_label_that_is_missing if {
	selectors.matches(requirement("app", "NotIn", ["api"]), labels)
	selectors.matches(requirement("owner", "NotIn", ["web"]), labels)
	not selectors.matches(requirement("app", "NotIn", ["api", "web"]), labels)
}

test_exists_asks_for_the_key if {
	selectors.matches(requirement("app", "Exists", []), labels)
	selectors.matches(requirement("pod-template-hash", "Exists", null), labels)
	not selectors.matches(requirement("owner", "Exists", []), labels)
	selectors.matches(requirement("owner", "DoesNotExist", []), labels)
	not selectors.matches(requirement("app", "DoesNotExist", null), labels)
}

both(key) := object.union({"matchLabels": {"app": "web"}}, requirement(key, "Exists", []))

test_labels_and_expressions_hold_together if {
	selectors.matches(both("tier"), labels)
	not selectors.matches(both("owner"), labels)
}

test_what_the_api_server_refuses_matches_nothing if {
	every selector in [
		requirement("app", "in", ["web"]), requirement("app", "Equals", ["web"]), requirement("owner", "NotIn", []),
		requirement("owner", "NotIn", null), requirement("app", "In", null), requirement("app", "In", "web"),
		requirement("app", "Exists", ["web"]), requirement("owner", "DoesNotExist", ["web"]),
		requirement(null, "NotIn", ["web"]), requirement(null, "DoesNotExist", []), {"matchExpressions": ["app"]},
		{"matchExpressions": {"app": "web"}}, {"matchLabels": ["app"]}, {"matchLabels": "app"}, "app", [], true,
	] {
		not selectors.matches(selector, labels)
	}
}

copies(term) if selectors.matches_copies(term, labels, {"pod-index"})

test_match_label_keys_leave_the_copies_in if {
	copies({"labelSelector": {}, "matchLabelKeys": ["app", "owner", "pod-template-hash"]})
	copies({"labelSelector": {}, "matchLabelKeys": null, "mismatchLabelKeys": null})
	not copies({"labelSelector": {"matchLabels": {"app": "api"}}, "matchLabelKeys": ["app"]})
}

test_label_keys_don_t_replace_the_selector if {
	not copies({"matchLabelKeys": ["app"]})
	not copies({"labelSelector": null, "matchLabelKeys": ["app"]})
}

test_a_key_of_its_own_in_each_pod_matches_no_other_pod if {
	not copies({"labelSelector": {}, "matchLabelKeys": ["pod-index"]})
	copies({"labelSelector": {}, "mismatchLabelKeys": ["pod-index"]})
}

test_mismatch_label_keys_leave_the_copies_out if {
	not copies({"labelSelector": {}, "mismatchLabelKeys": ["app"]})
	not copies({"labelSelector": {}, "mismatchLabelKeys": ["owner", "pod-template-hash"]})
	copies({"labelSelector": {}, "mismatchLabelKeys": ["owner"]})
}

test_keys_are_those_of_labels_and_expressions if {
	selector := object.union({"matchLabels": {"app": "web"}}, requirement("tier", "Exists", []))
	selectors.keys(selector) == {"app", "tier"}
	selectors.keys({}) == set()
	selectors.keys(null) == set()
}
