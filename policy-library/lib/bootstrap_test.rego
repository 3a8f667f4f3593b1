package lib.bootstrap_test

import data.lib.bootstrap
import data.lib.default_cluster_roles as defaults

role(kind, namespace, name, content) := {"review": {
	"kind": {"group": "rbac.authorization.k8s.io", "version": "v1", "kind": kind},
	"name": name,
	"namespace": namespace,
	"object": content,
}}

test_every_default_is_exempt_as_it_is if {
	every name, content in defaults.cluster_roles {
		bootstrap.unchanged_role with input as role("ClusterRole", "", name, content)
	}
	every content in defaults.roles {
		bootstrap.unchanged_role with input as role("Role", content.metadata.namespace, content.metadata.name, content)
	}
	every name, content in defaults.cluster_role_bindings {
		bootstrap.unchanged_binding with input as role("ClusterRoleBinding", "", name, content)
	}
	every content in defaults.role_bindings {
		bootstrap.unchanged_binding with input as role("RoleBinding", content.metadata.namespace, content.metadata.name, content)
	}
}

test_its_label_exempts_nothing if {
	not bootstrap.unchanged_role with input as role("ClusterRole", "", "mine", defaults.cluster_roles["cluster-admin"])
	not bootstrap.unchanged_role with input as role("Role", "shop", "admin", defaults.cluster_roles.admin)
}

test_a_name_of_another_kind_or_group_exempts_nothing if {
	content := defaults.cluster_roles["cluster-admin"]
	not bootstrap.unchanged_role with input as role("Role", "", "cluster-admin", content)
	other := {"review": {"kind": {"group": "example.com", "kind": "ClusterRole"}, "name": "cluster-admin", "object": content}}
	not bootstrap.unchanged_role with input as other
}

test_a_role_of_another_namespace_is_none_of_them if {
	every content in defaults.roles {
		not bootstrap.unchanged_role with input as role("Role", "shop", content.metadata.name, content)
	}
}

test_a_rule_more_or_less_is_a_change if {
	every rules in [[{"verbs": ["get"], "apiGroups": [""], "resources": ["nodes"]}]] {
		not bootstrap.unchanged_role with input as role("ClusterRole", "", "cluster-admin", {"rules": rules})
	}
	content := defaults.cluster_roles["system:node"]
	less := {"rules": array.slice(content.rules, 1, 99)}
	not bootstrap.unchanged_role with input as role("ClusterRole", "", "system:node", less)
	bootstrap.own_rules == set() with input as role("ClusterRole", "", "system:node", less)
}

test_selectors_on_a_role_that_has_none_are_a_change if {
	content := object.union(defaults.cluster_roles["system:node"], {"aggregationRule": {"clusterRoleSelectors": [{}]}})
	not bootstrap.unchanged_role with input as role("ClusterRole", "", "system:node", content)
	bootstrap.own_rules == set() with input as role("ClusterRole", "", "system:node", content)
}

test_each_rule_of_an_aggregated_role_is_held_against_the_original if {
	admin := defaults.cluster_roles.admin
	added := {"verbs": ["get"], "apiGroups": ["example.com"], "resources": ["things"]}
	more := object.union(admin, {"rules": array.concat(admin.rules, [added])})
	not bootstrap.unchanged_role with input as role("ClusterRole", "", "admin", more)
	own := bootstrap.own_rules with input as role("ClusterRole", "", "admin", more)
	own == bootstrap.canonical_rules(admin)
}

test_a_subject_or_a_role_more_is_a_change if {
	content := defaults.cluster_role_bindings["cluster-admin"]
	added := array.concat(content.subjects, [{"kind": "User", "name": "jane"}])
	every changed in [{"subjects": added}, {"subjects": []}, {"roleRef": {"kind": "ClusterRole", "name": "view"}}] {
		not bootstrap.unchanged_binding with input as role("ClusterRoleBinding", "", "cluster-admin", object.union(content, changed))
	}
}

test_other_selectors_are_a_change if {
	every selectors in [null, {"clusterRoleSelectors": []}, {"clusterRoleSelectors": [{}]}] {
		content := object.union(defaults.cluster_roles.view, {"aggregationRule": selectors})
		not bootstrap.unchanged_role with input as role("ClusterRole", "", "view", content)
		bootstrap.own_rules == set() with input as role("ClusterRole", "", "view", content)
	}
}
