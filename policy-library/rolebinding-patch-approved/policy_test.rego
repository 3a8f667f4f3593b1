package bylaw.rolebinding_patch_approved_test

import data.bylaw.rolebinding_patch_approved as policy

defaults := {
	"verbs": ["patch"], "resources": ["*"], "approved_subjects": [],
	"include_cluster_bindings": true, "unresolved": "skip",
}

binding(kind, reference, related, parameters) := {
	"review": {
		"kind": {"group": "rbac.authorization.k8s.io", "version": "v1", "kind": kind},
		"name": "b",
		"namespace": "shop",
		"object": {"metadata": {"name": "b"}, "roleRef": reference, "subjects": [{"kind": "User", "name": "jane"}]},
	},
	"related": related,
	"parameters": object.union(defaults, parameters),
}

edit := {"kind": "ClusterRole", "name": "edit"}

mine := {"kind": "Role", "name": "mine"}

role(rule) := {"roles": [{"kind": "Role", "metadata": {"name": "mine", "namespace": "shop"}, "rules": [rule]}]}

grants(rule, parameters) if count(policy.violation) > 0 with input as binding("RoleBinding", mine, role(rule), parameters)

test_no_roles_found_and_no_roles_looked_for_are_the_same if {
	every related in [{}, {"roles": []}] {
		count(policy.violation) == 1 with input as binding("RoleBinding", edit, related, {})
		count(policy.skipped) == 1 with input as binding("RoleBinding", mine, related, {})
	}
}

test_a_default_role_belongs_to_its_namespace if {
	reference := {"kind": "Role", "name": "system:controller:token-cleaner"}
	count(policy.skipped) == 1 with input as binding("RoleBinding", reference, {}, {})
}

test_verbs_and_resources_are_parameters if {
	rule := {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["update"]}
	not grants(rule, {})
	grants(rule, {"verbs": ["patch", "update"]})
	grants(rule, {"verbs": ["*"]})
	grants(rule, {"verbs": ["update"], "resources": ["deployments"]})
	not grants(rule, {"verbs": ["update"], "resources": ["deployments/scale"]})
	not grants(rule, {"verbs": ["update"], "resources": ["pods"]})
}

test_a_rule_without_groups_grants_nothing_in_a_namespace if {
	not grants({"apiGroups": [], "resources": ["pods"], "verbs": ["patch"]}, {})
}

test_a_patch_narrowed_to_names_is_a_patch if {
	grants({"apiGroups": [""], "resources": ["pods"], "verbs": ["patch"], "resourceNames": ["a"]}, {})
	not grants({"apiGroups": [""], "resources": ["pods"], "verbs": ["create"], "resourceNames": ["a"]}, {"verbs": ["create"]})
}

test_a_cluster_binding_refers_to_no_role if {
	related := role({"apiGroups": [""], "resources": ["pods"], "verbs": ["patch"]})
	policy.violation == set() with input as binding("ClusterRoleBinding", mine, related, {})
	count(policy.skipped) == 1 with input as binding("ClusterRoleBinding", mine, related, {})
}

test_a_posted_role_without_a_namespace_is_one_of_the_binding if {
	related := {"roles": [{"kind": "Role", "metadata": {"name": "mine"}, "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["*"]}]}]}
	count(policy.violation) == 1 with input as binding("RoleBinding", mine, related, {})
}

test_a_binding_left_alone_is_neither_skipped_nor_failed if {
	input_ := binding("ClusterRoleBinding", {"kind": "ClusterRole", "name": "unknown"}, {}, {"include_cluster_bindings": false})
	policy.violation == set() with input as input_
	policy.skipped == set() with input as input_
	count(policy.not_applicable) == 1 with input as input_
}

test_an_unknown_role_fails_where_the_parameters_say_so if {
	input_ := binding("RoleBinding", mine, {}, {"unresolved": "fail"})
	count(policy.violation) == 1 with input as input_
	policy.skipped == set() with input as input_
}

test_a_binding_without_a_role_reference_is_skipped if {
	count(policy.skipped) == 1 with input as binding("RoleBinding", null, {}, {})
	count(policy.skipped) == 1 with input as binding("RoleBinding", {}, {}, {})
}
