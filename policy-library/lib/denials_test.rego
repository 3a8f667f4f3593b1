package lib.denials_test

import data.lib.default_cluster_roles as defaults
import data.lib.denials

role(kind, name, content) := {"review": {
	"kind": {"group": "rbac.authorization.k8s.io", "version": "v1", "kind": kind},
	"name": name,
	"object": object.union({"metadata": {"name": name}}, content),
}}

rule(resources, verbs) := {"apiGroups": [""], "resources": resources, "verbs": verbs}

secrets := [{"api_groups": [""], "resources": ["secrets"], "verbs": ["get", "list"]}]

words := {"lets": "read every Secret", "expected": "no such rule", "advice": "take it out"}

aggregated := {"aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {"to": "ops"}}]}}

reader := {"metadata": {"name": "reader", "labels": {"to": "ops"}}, "rules": [rule(["secrets"], ["get"])]}

test_one_rule_is_one_finding_for_all_of_its_verbs if {
	content := {"rules": [rule(["pods"], ["get"]), rule(["secrets", "*"], ["get", "list", "watch"])]}
	findings := denials.findings(secrets, [], words) with input as role("Role", "ops", content)
	[[f.path, f.found, f.message] | some f in findings] == [[
		"rules[1].verbs",
		["get", "list", "watch"],
		"Role \"ops\" lets its holders read every Secret: rules[1] grants get on secrets, list on secrets; take it out.",
	]]
}

test_many_denials_are_cut_short if {
	denials.some_of({"c", "a", "b"}) == "a, b, c"
	denials.some_of({"e", "c", "a", "b", "d"}) == "a, b, c and 2 more"
}

test_what_kubernetes_makes_itself_is_no_rule_of_ones_own if {
	denials.own_rules == [] with input as role("ClusterRole", "cluster-admin", defaults.cluster_roles["cluster-admin"])
	content := {"rules": [rule(["secrets"], ["get"])]}
	[own.index | some own in denials.own_rules] == [0] with input as role("ClusterRole", "ops", content)
}

test_what_will_be_gathered_is_found_and_what_is_stored_only_once if {
	coming := denials.findings(secrets, [reader], words) with input as role("ClusterRole", "ops", aggregated)
	[[f.path, f.message] | some f in coming] == [[
		"aggregationRule.clusterRoleSelectors",
		"ClusterRole \"ops\" lets its holders read every Secret: it gathers rules[0] of ClusterRole \"reader\", which grants get on secrets; take it out.",
	]]
	content := object.union(aggregated, {"rules": reader.rules})
	stored := denials.findings(secrets, [reader], words) with input as role("ClusterRole", "ops", content)
	[[f.path, f.message] | some f in stored] == [[
		"rules[0].verbs",
		"ClusterRole \"ops\" lets its holders read every Secret: rules[0] grants get on secrets, which comes from ClusterRole \"reader\"; take it out.",
	]]
}

test_nothing_is_known_of_an_aggregated_role_alone if {
	denials.unknown with input as role("ClusterRole", "ops", aggregated)
	not denials.unknown with input as role("ClusterRole", "ops", object.union(aggregated, {"rules": reader.rules}))
	not denials.unknown with input as role("ClusterRole", "ops", {"rules": []})
	not denials.unknown with input as role("Role", "ops", aggregated)
}

test_names_narrow_unless_the_entry_names_one_of_them if {
	narrowed := object.union(rule(["secrets"], ["get"]), {"resourceNames": ["db-0"]})
	denials.denied_in(secrets, narrowed) == set()
	named := [object.union(secrets[0], {"resource_names": ["db-*"]})]
	denials.denied_in(named, narrowed) == {"get on secrets"}
}
