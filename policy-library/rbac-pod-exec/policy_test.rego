package bylaw.rbac_pod_exec_test

import data.bylaw.rbac_pod_exec as policy

role(kind, rule) := {
	"review": {
		"kind": {"group": "rbac.authorization.k8s.io", "version": "v1", "kind": kind},
		"name": "ops",
		"object": {"metadata": {"name": "ops"}, "rules": [rule]},
	},
	"related": {},
	"parameters": {},
}

test_each_way_into_a_pod_is_one if {
	every rule in [
		{"apiGroups": [""], "resources": ["pods/exec"], "verbs": ["create"]},
		{"apiGroups": [""], "resources": ["pods/exec"], "verbs": ["get"]},
		{"apiGroups": [""], "resources": ["pods/attach"], "verbs": ["*"]},
		{"apiGroups": [""], "resources": ["pods/ephemeralcontainers"], "verbs": ["patch"]},
		{"apiGroups": [""], "resources": ["*/exec"], "verbs": ["create"]},
		{"apiGroups": ["*"], "resources": ["*"], "verbs": ["get"]},
	] {
		every kind in ["Role", "ClusterRole"] {
			count(policy.violation) == 1 with input as role(kind, rule)
		}
	}
}

test_anything_else_is_none if {
	every rule in [
		{"apiGroups": [""], "resources": ["pods"], "verbs": ["*"]},
		{"apiGroups": [""], "resources": ["pods/exec"], "verbs": ["list", "delete"]},
		{"apiGroups": [""], "resources": ["pods/log", "pods/portforward"], "verbs": ["get", "create"]},
		{"apiGroups": [""], "resources": ["pods/ephemeralcontainers"], "verbs": ["get"]},
		{"apiGroups": ["apps"], "resources": ["*"], "verbs": ["*"]},
		{"apiGroups": [""], "resources": ["pods/exec"], "verbs": ["create"], "resourceNames": ["db-0"]},
	] {
		policy.violation == set() with input as role("Role", rule)
	}
}
