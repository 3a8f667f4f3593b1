package bylaw.naming_convention_test

import data.bylaw.naming_convention as policy

named(group, kind, name, parameters) := {
	"review": {"kind": {"group": group, "version": "v1", "kind": kind}, "name": name, "object": {"metadata": {"name": name}}},
	"parameters": object.union({"pattern": "shop-[a-z]+", "kinds": ["*"]}, parameters),
}

test_a_pattern_matches_as_a_whole if {
	policy.violation == set() with input as named("apps", "Deployment", "shop-web", {})
	every name in ["web", "shop-web2", "my-shop-web", "shop-"] {
		count(policy.violation) == 1 with input as named("apps", "Deployment", name, {})
	}
	count(policy.violation) == 1 with input as named("apps", "Deployment", "ab", {"pattern": "a|b"})
}

test_kinds_are_chosen if {
	policy.violation == set() with input as named("apps", "Deployment", "web", {"kinds": ["core/*"]})
	count(policy.not_applicable) == 1 with input as named("apps", "Deployment", "web", {"kinds": ["core/*"]})
	count(policy.violation) == 1 with input as named("apps", "Deployment", "web", {"kinds": ["apps/*"]})
}

test_names_that_somebody_else_gives_are_left_alone if {
	owned := {"review": {"object": {"metadata": {"ownerReferences": [{"kind": "ReplicaSet", "name": "x", "controller": true}]}}}}
	every item in [
		object.union(named("", "Pod", "web-1", {}), owned), named("", "Pod", "web-*", {}),
		named("", "ServiceAccount", "default", {}), named("", "Namespace", "kube-system", {}),
		named("rbac.authorization.k8s.io", "ClusterRole", "system:node", {}), named("", "Event", "web.17a2b3", {}),
	] {
		policy.violation == set() with input as item
		count(policy.not_applicable) == 1 with input as item
	}
	count(policy.violation) == 1 with input as named("", "Secret", "default", {})
}

test_nothing_is_judged_without_a_pattern_that_can_be_read if {
	policy.violation == set() with input as named("", "Pod", "web", {"pattern": ""})
	policy.skipped == {"needs parameters: pattern is empty"} with input as named("", "Pod", "web", {"pattern": ""})
	policy.violation == set() with input as named("", "Pod", "web", {"pattern": "["})
	count(policy.skipped) == 1 with input as named("", "Pod", "web", {"pattern": "["})
}
