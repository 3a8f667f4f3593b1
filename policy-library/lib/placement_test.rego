package lib.placement_test

import data.lib.placement

pod(spec) := {"review": {"kind": {"group": "", "version": "v1", "kind": "Pod"}, "name": "x", "object": {"spec": spec}}}

anti(rules) := pod({"affinity": {"podAntiAffinity": rules}})

test_all_rules_are_found_with_their_strength if {
	input_ := pod({
		"affinity": {"podAntiAffinity": {
			"requiredDuringSchedulingIgnoredDuringExecution": [{"topologyKey": "a"}],
			"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 1, "podAffinityTerm": {"topologyKey": "b"}}],
		}},
		"topologySpreadConstraints": [
			{"topologyKey": "c", "whenUnsatisfiable": "DoNotSchedule"},
			{"topologyKey": "d", "whenUnsatisfiable": "ScheduleAnyway"},
			{"topologyKey": "e"},
			{"topologyKey": "f", "whenUnsatisfiable": "doNotSchedule"},
		],
	})
	[[r.sort, r.strength, r.says.topologyKey, r.place] | some r in placement.rules] == [
		["term", "required", "a", "requiredDuringSchedulingIgnoredDuringExecution[0]"],
		["term", "preferred", "b", "preferredDuringSchedulingIgnoredDuringExecution[0]"],
		["constraint", "required", "c", "topologySpreadConstraints[0]"],
		["constraint", "preferred", "d", "topologySpreadConstraints[1]"],
		["constraint", "none", "e", "topologySpreadConstraints[2]"],
		["constraint", "none", "f", "topologySpreadConstraints[3]"],
	] with input as input_
}

test_wrong_types_are_no_rules if {
	every spec in [{}, {"affinity": null}, {"affinity": {}}, {"affinity": "x"}, {"affinity": {"podAntiAffinity": []}}] {
		placement.rules == [] with input as pod(spec)
	}
	every list in [null, {}, {"topologyKey": "a"}, "x", []] {
		placement.rules == [] with input as anti({"requiredDuringSchedulingIgnoredDuringExecution": list})
		placement.rules == [] with input as anti({"preferredDuringSchedulingIgnoredDuringExecution": list})
		placement.rules == [] with input as pod({"topologySpreadConstraints": list})
	}
}

test_a_rule_of_the_wrong_type_says_nothing if {
	every item in [null, "x", {}, {"podAffinityTerm": null}] {
		rules := placement.rules with input as anti({"preferredDuringSchedulingIgnoredDuringExecution": [item]})
		[r.says | some r in rules] == [{}]
	}
}

test_a_term_without_namespaces_means_its_own if {
	every term in [{}, {"namespaces": []}, {"namespaces": null, "namespaceSelector": null}] {
		placement.covers(term, "shop", null) == "yes"
	}
}

test_names_and_selector_add_up if {
	placement.covers({"namespaces": ["a", "shop"]}, "shop", null) == "yes"
	placement.covers({"namespaces": ["a"]}, "shop", null) == "no"
	placement.covers({"namespaces": ["a"], "namespaceSelector": {}}, "shop", null) == "yes"
	placement.covers({"namespaces": ["shop"], "namespaceSelector": {"matchLabels": {"a": "b"}}}, "shop", null) == "yes"
	placement.covers({"namespaces": [], "namespaceSelector": {"matchLabels": {"a": "b"}}}, "shop", {}) == "no"
}

test_labels_of_the_namespace_decide if {
	term := {"namespaceSelector": {"matchLabels": {"team": "x"}}}
	placement.covers(term, "shop", {"team": "x"}) == "yes"
	placement.covers(term, "shop", {"team": "y"}) == "no"
	placement.covers(term, "shop", {}) == "no"
	placement.covers(term, "shop", null) == "unknown"
}

by_name(name) := {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": name}}}

test_its_name_is_a_label_that_is_always_known if {
	placement.covers(by_name("shop"), "shop", null) == "yes"
	placement.covers(by_name("other"), "shop", null) == "no"
	placement.covers(by_name("shop"), "shop", {"kubernetes.io/metadata.name": "forged"}) == "yes"
}
