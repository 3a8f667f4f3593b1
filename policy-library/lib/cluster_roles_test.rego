package lib.cluster_roles_test

import data.lib.cluster_roles
import data.lib.default_cluster_roles as defaults

rule(verb) := {"verbs": [verb], "apiGroups": [""], "resources": ["pods"]}

role(name, labels, verbs) := {"metadata": {"name": name, "labels": labels}, "rules": [rule(verb) | some verb in verbs]}

aggregated(name, labels, selectors) := {
	"metadata": {"name": name, "labels": labels},
	"aggregationRule": {"clusterRoleSelectors": selectors},
	"rules": [],
}

sources(target, roles) := {entry.source | some entry in cluster_roles.gathered(target, roles)}

test_selectors_choose_by_label_any_of_them_will_do if {
	roles := [role("a", {"x": "1"}, ["get"]), role("b", {"y": "1"}, ["list"]), role("c", {}, ["watch"])]
	target := aggregated("t", {}, [{"matchLabels": {"x": "1"}}, {"matchLabels": {"y": "1"}}])
	sources(target, roles) == {"a", "b"}
}

test_an_empty_selector_chooses_all_and_none_nothing if {
	roles := [role("a", {"x": "1"}, ["get"]), {"metadata": {"name": "b"}, "rules": [rule("list")]}]
	sources(aggregated("t", {}, [{}]), roles) == {"a", "b"}
	sources(aggregated("t", {}, []), roles) == set()
	sources({"metadata": {"name": "t"}, "rules": []}, roles) == set()
}

test_what_is_gathered_is_gathered_on_even_in_a_circle if {
	roles := [
		aggregated("a", {"x": "1"}, [{"matchLabels": {"y": "1"}}, {"matchLabels": {"t": "1"}}]),
		role("b", {"y": "1"}, ["get", "list"]),
	]
	target := aggregated("t", {"t": "1"}, [{"matchLabels": {"x": "1"}}])
	[[entry.source, entry.index] | some entry in cluster_roles.gathered(target, roles)] == [["b", 0], ["b", 1]]
}

test_two_of_one_name_break_nothing if {
	roles := [role("a", {"x": "1"}, ["get"]), role("a", {"x": "2"}, ["list"])]
	sources(aggregated("t", {}, [{"matchLabels": {"x": "1"}}]), roles) == {"a"}
}

test_a_default_gives_way_to_a_posted_role_of_its_name if {
	posted := role("view", {}, ["patch"])
	all_roles := cluster_roles.with_defaults([posted])
	[found | some found in all_roles; found.metadata.name == "view"] == [posted]
	count(all_roles) == count(defaults.cluster_roles)
	count(cluster_roles.with_defaults([role("mine", {}, [])])) == count(defaults.cluster_roles) + 1
}

test_the_defaults_gather_what_a_controller_has_gathered if {
	every name in ["admin", "edit", "view"] {
		target := defaults.cluster_roles[name]
		others := [other | some other in cluster_roles.with_defaults([]); other.metadata.name != name]
		{entry.rule | some entry in cluster_roles.gathered(target, others)} == {stored | some stored in target.rules}
	}
}
