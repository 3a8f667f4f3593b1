package bylaw.rbac_escalation_verbs_test

import data.bylaw.rbac_escalation_verbs as policy

role(kind, rule) := {
	"review": {
		"kind": {"group": "rbac.authorization.k8s.io", "version": "v1", "kind": kind},
		"name": "ops",
		"object": {"metadata": {"name": "ops"}, "rules": [rule]},
	},
	"related": {},
	"parameters": {},
}

rbac_group := "rbac.authorization.k8s.io"

test_each_way_to_more_rights_is_one if {
	every rule in [
		{"apiGroups": [rbac_group], "resources": ["clusterroles"], "verbs": ["escalate"]},
		{"apiGroups": [rbac_group], "resources": ["roles"], "verbs": ["bind"]},
		{"apiGroups": [""], "resources": ["users"], "verbs": ["impersonate"]},
		{"apiGroups": [""], "resources": ["groups"], "verbs": ["*"]},
		{"apiGroups": [""], "resources": ["nodes/proxy"], "verbs": ["get"]},
		{"apiGroups": [""], "resources": ["serviceaccounts/token"], "verbs": ["create"]},
		{"apiGroups": ["certificates.k8s.io"], "resources": ["certificatesigningrequests/approval"], "verbs": ["update"]},
		{"apiGroups": [""], "resources": ["persistentvolumes"], "verbs": ["create"]},
		{"apiGroups": ["admissionregistration.k8s.io"], "resources": ["mutatingwebhookconfigurations"], "verbs": ["patch"]},
		{"apiGroups": [""], "resources": ["namespaces"], "verbs": ["patch"]},
		{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]},
	] {
		count(policy.violation) == 1 with input as role("ClusterRole", rule)
	}
}

test_a_role_has_only_what_a_namespace_has if {
	every rule in [
		{"apiGroups": [rbac_group], "resources": ["roles"], "verbs": ["escalate"]},
		{"apiGroups": [rbac_group], "resources": ["clusterroles"], "verbs": ["bind"]},
		{"apiGroups": [""], "resources": ["serviceaccounts"], "verbs": ["impersonate"]},
		{"apiGroups": [""], "resources": ["namespaces"], "verbs": ["update"]},
		{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]},
	] {
		count(policy.violation) == 1 with input as role("Role", rule)
	}
	every rule in [
		{"apiGroups": [""], "resources": ["nodes/proxy", "persistentvolumes", "users", "groups"], "verbs": ["*"]},
		{"apiGroups": [rbac_group], "resources": ["clusterroles"], "verbs": ["escalate"]},
		{"apiGroups": ["certificates.k8s.io", "admissionregistration.k8s.io"], "resources": ["*"], "verbs": ["*"]},
	] {
		policy.violation == set() with input as role("Role", rule)
	}
}

test_names_narrow_but_for_the_greatest if {
	every rule in [
		{"apiGroups": [rbac_group], "resources": ["clusterroles"], "verbs": ["bind"], "resourceNames": ["view"]},
		{"apiGroups": [""], "resources": ["groups"], "verbs": ["impersonate"], "resourceNames": ["developers"]},
		{"apiGroups": [""], "resources": ["serviceaccounts/token"], "verbs": ["create"], "resourceNames": ["app"]},
		{"apiGroups": ["admissionregistration.k8s.io"], "resources": ["*"], "verbs": ["update"], "resourceNames": ["own"]},
	] {
		policy.violation == set() with input as role("ClusterRole", rule)
	}
	every rule in [
		{"apiGroups": [rbac_group], "resources": ["clusterroles"], "verbs": ["bind"], "resourceNames": ["view", "cluster-admin"]},
		{"apiGroups": [""], "resources": ["groups"], "verbs": ["impersonate"], "resourceNames": ["system:masters"]},
	] {
		count(policy.violation) == 1 with input as role("ClusterRole", rule)
	}
}

test_ordinary_rights_are_none if {
	every rule in [
		{"apiGroups": [rbac_group], "resources": ["roles", "rolebindings"], "verbs": ["create", "update", "patch"]},
		{"apiGroups": [""], "resources": ["serviceaccounts"], "verbs": ["create", "get"]},
		{"apiGroups": [""], "resources": ["nodes", "nodes/metrics", "persistentvolumeclaims"], "verbs": ["get", "create"]},
		{"apiGroups": [""], "resources": ["namespaces"], "verbs": ["get", "list", "create", "delete"]},
		{"apiGroups": ["certificates.k8s.io"], "resources": ["certificatesigningrequests"], "verbs": ["create", "update"]},
		{"apiGroups": ["admissionregistration.k8s.io"], "resources": ["validatingwebhookconfigurations"], "verbs": ["get", "watch"]},
	] {
		policy.violation == set() with input as role("ClusterRole", rule)
	}
}
