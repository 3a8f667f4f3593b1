package bylaw.rbac_create_workloads_test

import data.bylaw.rbac_create_workloads as policy

role(kind, rule) := {
	"review": {
		"kind": {"group": "rbac.authorization.k8s.io", "version": "v1", "kind": kind},
		"name": "ops",
		"object": {"metadata": {"name": "ops"}, "rules": [rule]},
	},
	"related": {},
	"parameters": {},
}

test_pods_and_what_makes_them if {
	every pair in [
		["", "pods"], ["", "replicationcontrollers"], ["apps", "deployments"], ["apps", "daemonsets"],
		["apps", "replicasets"], ["apps", "statefulsets"], ["batch", "jobs"], ["batch", "cronjobs"],
		["argoproj.io", "rollouts"], ["apps.openshift.io", "deploymentconfigs"], ["serving.knative.dev", "services"],
	] {
		every verb in ["create", "*"] {
			rule := {"apiGroups": [pair[0]], "resources": [pair[1]], "verbs": [verb]}
			count(policy.violation) == 1 with input as role("Role", rule)
			count(policy.violation) == 1 with input as role("ClusterRole", rule)
		}
	}
}

test_anything_else_is_none if {
	every rule in [
		{"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["get", "update", "patch", "delete"]},
		{"apiGroups": ["apps"], "resources": ["pods", "deployments/scale"], "verbs": ["create"]},
		{"apiGroups": [""], "resources": ["pods/eviction", "services"], "verbs": ["create"]},
		{"apiGroups": [""], "resources": ["pods"], "verbs": ["create"], "resourceNames": ["a"]},
		{"apiGroups": ["example.com"], "resources": ["*"], "verbs": ["*"]},
	] {
		policy.violation == set() with input as role("Role", rule)
	}
}
