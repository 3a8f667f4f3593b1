package lib.bindings_test

import data.lib.bindings

binding(kind, namespace, content) := {"review": object.union(
	{"kind": {"group": "rbac.authorization.k8s.io", "version": "v1", "kind": kind}, "name": "x", "object": content},
	namespace,
)}

test_a_role_binding_holds_in_its_namespace if {
	bindings.reach == "in namespace shop" with input as binding("RoleBinding", {"namespace": "shop"}, {})
	bindings.reach == "in the whole cluster" with input as binding("ClusterRoleBinding", {}, {})
	bindings.namespace == "" with input as binding("ClusterRoleBinding", {}, {})
}

test_subjects_keep_their_place if {
	found := bindings.subjects with input as binding("RoleBinding", {}, {"subjects": [null, {"kind": "User", "name": "jane"}, "x"]})
	found == {1: {"kind": "User", "name": "jane"}}
	every subjects in [null, [], "x"] {
		bindings.subjects == {} with input as binding("RoleBinding", {}, {"subjects": subjects})
	}
}

test_a_role_is_named_as_far_as_it_is if {
	bindings.role_label == "ClusterRole \"view\"" with input as binding("RoleBinding", {}, {"roleRef": {"kind": "ClusterRole", "name": "view"}})
	bindings.role_label == "role \"\"" with input as binding("RoleBinding", {}, {"roleRef": null})
}
