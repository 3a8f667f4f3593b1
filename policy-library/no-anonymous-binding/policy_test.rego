package bylaw.no_anonymous_binding_test

import data.bylaw.no_anonymous_binding as policy
import data.lib.default_cluster_roles as defaults

binding(name, subjects) := {"review": {
	"kind": {"group": "rbac.authorization.k8s.io", "version": "v1", "kind": "ClusterRoleBinding"},
	"name": name,
	"object": {"metadata": {"name": name}, "roleRef": {"kind": "ClusterRole", "name": "view"}, "subjects": subjects},
}}

test_the_user_and_the_group_are_known_by_kind_and_name if {
	count(policy.violation) == 1 with input as binding("x", [{"kind": "User", "name": "system:anonymous"}])
	count(policy.violation) == 1 with input as binding("x", [{"kind": "Group", "name": "system:unauthenticated"}])
	every subject in [
		{"kind": "Group", "name": "system:anonymous"}, {"kind": "User", "name": "system:unauthenticated"},
		{"kind": "Group", "name": "system:authenticated"}, {"kind": "ServiceAccount", "name": "anonymous"}, {}, null,
	] {
		policy.violation == set() with input as binding("x", [subject])
	}
}

test_only_unchanged_bindings_of_kubernetes_are_exempt if {
	content := defaults.cluster_role_bindings["system:public-info-viewer"]
	of_kubernetes := {"review": {
		"kind": {"group": "rbac.authorization.k8s.io", "version": "v1", "kind": "ClusterRoleBinding"},
		"name": "system:public-info-viewer",
		"object": content,
	}}
	policy.violation == set() with input as of_kubernetes
	count(policy.not_applicable) == 1 with input as of_kubernetes
	changed := json.patch(of_kubernetes, [{"op": "add", "path": "/review/object/roleRef/name", "value": "view"}])
	count(policy.violation) == 1 with input as changed
}
