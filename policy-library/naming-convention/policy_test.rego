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

test_a_name_that_the_server_has_completed_is_left_alone if {
	stored := named("batch", "Job", "import-gxm5n", {})
	generated := {"review": {"object": {"metadata": {"generateName": "import-"}}}}
	policy.violation == set() with input as object.union(stored, generated)
	count(policy.violation) == 1 with input as object.union(named("batch", "Job", "import-of-everything", {}), generated)
	long := concat("", ["x" | some _ in numbers.range(1, 62)])
	cut := {"review": {"object": {"metadata": {"generateName": $"{long}-"}}}}
	policy.violation == set() with input as object.union(named("batch", "Job", $"{substring(long, 0, 58)}abcde", {}), cut)
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
