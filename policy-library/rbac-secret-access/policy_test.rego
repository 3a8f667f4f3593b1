package bylaw.rbac_secret_access_test

import data.bylaw.rbac_secret_access as policy

role(kind, rule) := {
	"review": {
		"kind": {"group": "rbac.authorization.k8s.io", "version": "v1", "kind": kind},
		"name": "ops",
		"object": {"metadata": {"name": "ops"}, "rules": [rule]},
	},
	"related": {},
	"parameters": {},
}

test_each_way_to_read_them_is_one if {
	every rule in [
		{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]},
		{"apiGroups": [""], "resources": ["secrets"], "verbs": ["list"]},
		{"apiGroups": [""], "resources": ["secrets"], "verbs": ["watch"]},
		{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]},
		{"apiGroups": ["apps", ""], "resources": ["pods", "secrets"], "verbs": ["delete", "get"]},
		{"apiGroups": [""], "resources": ["secrets"], "verbs": ["list"], "resourceNames": [""]},
	] {
		every kind in ["Role", "ClusterRole"] {
			count(policy.violation) == 1 with input as role(kind, rule)
		}
	}
}

test_anything_else_is_none if {
	every rule in [
		{"apiGroups": [""], "resources": ["secrets"], "verbs": ["create", "delete", "update", "patch"]},
		{"apiGroups": ["apps"], "resources": ["secrets"], "verbs": ["get"]},
		{"apiGroups": [""], "resources": ["secrets/status", "configmaps"], "verbs": ["*"]},
		{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list", "watch"], "resourceNames": ["a"]},
		{"nonResourceURLs": ["*"], "verbs": ["*"]}, {}, null, "secrets", {"verbs": "*"},
	] {
		policy.violation == set() with input as role("ClusterRole", rule)
	}
}
