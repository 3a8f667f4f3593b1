package lib.rbac_test

import data.lib.rbac

rule(fields) := object.union({"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}, fields)

test_a_star_is_every_verb_and_group if {
	rbac.common_verb("*", "patch") == "patch"
	rbac.common_verb("patch", "*") == "patch"
	rbac.common_verb("get", "get") == "get"
	not rbac.common_verb("get", "patch")
	rbac.common_group("*", "apps") == "apps"
	rbac.common_group("", "*") == ""
	not rbac.common_group("", "apps")
}

test_a_resource_is_not_its_subresource if {
	not rbac.common_resource("pods", "pods/exec")
	not rbac.common_resource("pods/exec", "pods")
	not rbac.common_resource("pods/*", "pods/exec")
	rbac.common_resource("pods/exec", "pods/exec") == "pods/exec"
}

test_a_star_has_subresources_too if {
	rbac.common_resource("*", "pods/exec") == "pods/exec"
	rbac.common_resource("pods/exec", "*") == "pods/exec"
	rbac.common_resource("*", "*") == "*"
}

test_a_subresource_of_anything_is_that_of_each if {
	rbac.common_resource("*/scale", "deployments/scale") == "deployments/scale"
	rbac.common_resource("deployments/scale", "*/scale") == "deployments/scale"
	rbac.common_resource("*/scale", "*") == "*/scale"
	not rbac.common_resource("*/scale", "deployments")
	not rbac.common_resource("*/scale", "pods/exec")
	not rbac.common_resource("*/scale", "deployments/autoscale")
}

test_a_url_ends_in_whatever_follows_a_star if {
	rbac.common_url("*", "/metrics") == "/metrics"
	rbac.common_url("/healthz/*", "/healthz/etcd") == "/healthz/etcd"
	rbac.common_url("/healthz/etcd", "/healthz*") == "/healthz/etcd"
	rbac.common_url("/a/*", "/a/b/*") == "/a/b/*"
	not rbac.common_url("/healthz", "/healthz/etcd")
	not rbac.common_url("/healthz/*", "/healthz")
	not rbac.common_url("/metrics", "/version")
}

test_what_a_rule_contains_is_all_there if {
	rbac.contains_item("*", "*")
	rbac.contains_item("*", "get")
	not rbac.contains_item("get", "*")
	rbac.contains_resource("*", "*/scale")
	rbac.contains_resource("*/scale", "pods/scale")
	not rbac.contains_resource("pods/scale", "*/scale")
	rbac.contains_url("/a/*", "/a/b/*")
	not rbac.contains_url("/a/b/*", "/a/*")
	not rbac.contains_url("/a/b", "*")
}

test_a_rule_with_names_creates_and_lists_nothing if {
	narrowed := rule({"resourceNames": ["db-0"]})
	every verb in ["create", "deletecollection", "list", "watch"] {
		not rbac.grants(narrowed, verb, "pods")
		rbac.grants(rule({}), verb, "pods")
	}
	every verb in ["get", "patch", "update", "delete", "*"] {
		rbac.grants(narrowed, verb, "pods")
	}
	not rbac.grants(narrowed, "deletecollection", "*")
}

test_a_subresource_is_created_by_name if {
	rbac.grants(rule({"resourceNames": ["db-0"]}), "create", "pods/exec")
	rbac.can_name("create", "*")
	not rbac.can_name("create", "pods")
}

test_an_empty_name_lists_and_creates_but_gets_nothing if {
	narrowed := rule({"resourceNames": [""]})
	rbac.grants(narrowed, "list", "pods")
	rbac.grants(narrowed, "create", "pods")
	not rbac.grants(narrowed, "get", "pods")
}

test_no_names_are_every_name if {
	every names in [[], null] {
		rbac.grants(rule({"resourceNames": names}), "create", "pods")
		not rbac.narrowed(rule({"resourceNames": names}))
	}
}

test_a_role_binding_reaches_nothing_without_a_namespace if {
	rbac.usable_in_namespace(rule({}), "get", "pods")
	rbac.usable_in_namespace(rule({}), "get", "*")
	rbac.usable_in_namespace(rule({}), "get", "*/scale")
	not rbac.usable_in_namespace(rule({}), "get", "nodes")
	not rbac.usable_in_namespace(rule({}), "get", "nodes/proxy")
	not rbac.usable_in_namespace(rule({"apiGroups": ["*"]}), "get", "nodes")
	rbac.usable_in_namespace(rule({"apiGroups": ["example.com"]}), "get", "nodes")
	not rbac.usable_in_namespace(rule({"apiGroups": ["rbac.authorization.k8s.io"]}), "get", "clusterroles")
}

test_a_namespace_is_reached_by_name_from_within if {
	every verb in ["get", "patch", "update", "delete"] {
		rbac.usable_in_namespace(rule({}), verb, "namespaces")
	}
	rbac.usable_in_namespace(rule({}), "update", "namespaces/finalize")
	not rbac.usable_in_namespace(rule({}), "list", "namespaces")
	not rbac.usable_in_namespace(rule({}), "create", "namespaces")
}

test_a_cluster_role_is_bound_from_within_a_namespace if {
	every verb in ["bind", "*"] {
		rbac.usable_in_namespace(rule({"apiGroups": ["rbac.authorization.k8s.io"]}), verb, "clusterroles")
	}
	not rbac.usable_in_namespace(rule({"apiGroups": ["rbac.authorization.k8s.io"]}), "escalate", "clusterroles")
}

test_order_changes_no_rule if {
	rbac.canonical(rule({"verbs": ["get", "list"]})) == rbac.canonical(rule({"verbs": ["list", "get"], "resourceNames": []}))
	rbac.canonical(rule({})) != rbac.canonical(rule({"resourceNames": ["a"]}))
}

test_a_rule_is_quoted_without_what_it_leaves_out if {
	rbac.quote(rule({})) == "(apiGroups: [\"\"], resources: [\"pods\"], verbs: [\"get\"])"
	rbac.quote({"nonResourceURLs": ["/x"], "verbs": ["get"]}) == "(verbs: [\"get\"], nonResourceURLs: [\"/x\"])"
}

test_wrong_types_grant_nothing if {
	rbac.rules({"rules": "x"}) == []
	rbac.rules({}) == []
	rbac.listed({"verbs": "*"}, "verbs") == []
}
