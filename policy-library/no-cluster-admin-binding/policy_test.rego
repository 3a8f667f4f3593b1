package bylaw.no_cluster_admin_binding_test

import data.bylaw.no_cluster_admin_binding as policy
import data.lib.default_cluster_roles as defaults

cluster_binding(name, role, subjects, approved) := {
	"review": {
		"kind": {"group": "rbac.authorization.k8s.io", "version": "v1", "kind": "ClusterRoleBinding"},
		"name": name,
		"object": {"metadata": {"name": name}, "roleRef": role, "subjects": subjects},
	},
	"parameters": {"approved_subjects": approved},
}

cluster_admin := {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"}

jane := {"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "jane"}

test_each_unapproved_subject_is_a_finding if {
	robot := {"kind": "ServiceAccount", "name": "robot", "namespace": "ops"}
	approved := [{"kind": "User", "name": "jane"}]
	findings := policy.violation with input as cluster_binding("ops", cluster_admin, [jane, robot], approved)
	{f.path | some f in findings} == {"subjects[1]"}
	count(policy.violation) == 2 with input as cluster_binding("ops", cluster_admin, [jane, robot], [])
	both := [{"kind": "User", "name": "jane"}, {"kind": "Group", "name": "system:serviceaccounts:ops"}]
	policy.violation == set() with input as cluster_binding("ops", cluster_admin, [jane, robot], both)
}

test_a_role_of_that_name_is_another if {
	every role in [{"kind": "Role", "name": "cluster-admin"}, {"kind": "ClusterRole", "name": "admin"}, {}, null] {
		policy.violation == set() with input as cluster_binding("ops", role, [jane], [])
	}
}

test_only_the_unchanged_binding_of_kubernetes_is_exempt if {
	content := defaults.cluster_role_bindings["cluster-admin"]
	unchanged := cluster_binding("cluster-admin", content.roleRef, content.subjects, [])
	policy.violation == set() with input as unchanged
	count(policy.not_applicable) == 1 with input as unchanged
	changed := cluster_binding("cluster-admin", content.roleRef, array.concat(content.subjects, [jane]), [])
	count(policy.violation) == 2 with input as changed
}

test_wrong_types_bind_nobody if {
	every subjects in [null, [], "jane", {}, [null], ["jane"]] {
		policy.violation == set() with input as cluster_binding("ops", cluster_admin, subjects, [])
	}
}
