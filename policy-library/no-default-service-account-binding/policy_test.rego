package bylaw.no_default_service_account_binding_test

import data.bylaw.no_default_service_account_binding as policy

binding(subject) := {"review": {
	"kind": {"group": "rbac.authorization.k8s.io", "version": "v1", "kind": "RoleBinding"},
	"name": "x",
	"namespace": "shop",
	"object": {"metadata": {"name": "x"}, "roleRef": {"kind": "ClusterRole", "name": "view"}, "subjects": [subject]},
}}

test_the_account_default_is_known_under_all_of_its_names if {
	every subject in [
		{"kind": "ServiceAccount", "name": "default"}, {"kind": "ServiceAccount", "name": "default", "namespace": "other"},
		{"kind": "User", "name": "system:serviceaccount:shop:default"}, {"kind": "Group", "name": "system:serviceaccounts"},
		{"kind": "Group", "name": "system:serviceaccounts:shop"},
	] {
		count(policy.violation) == 1 with input as binding(subject)
	}
}

test_others_are_let_pass if {
	every subject in [
		{"kind": "ServiceAccount", "name": "app"}, {"kind": "ServiceAccount", "name": "default-app"},
		{"kind": "User", "name": "default"}, {"kind": "Group", "name": "default"}, {}, null,
		{"kind": "User", "name": "system:serviceaccount:default:app"}, {"kind": "User", "name": "system:serviceaccount:default"},
		{"kind": "User", "name": "system:serviceaccounts"}, {"kind": "Group", "name": "system:serviceaccounts-of-shop"},
		{"kind": "Group", "name": "system:authenticated"}, {"kind": "ServiceAccount"}, {"kind": "User", "name": 5},
	] {
		policy.violation == set() with input as binding(subject)
	}
}
