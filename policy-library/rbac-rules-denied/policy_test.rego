package bylaw.rbac_rules_denied_test

import data.bylaw.rbac_rules_denied as policy

role(kind, rule, entry) := {
	"review": {
		"kind": {"group": "rbac.authorization.k8s.io", "version": "v1", "kind": kind},
		"name": "ops",
		"object": {"metadata": {"name": "ops"}, "rules": [rule]},
	},
	"parameters": {"denied": [entry]},
}

everything := {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}

secrets := {"api_groups": [""], "resources": ["secrets"], "verbs": ["get"]}

reading := {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}

hits(rule, entry) if count(policy.violation) > 0 with input as role("ClusterRole", rule, entry)

test_any_is_where_they_meet_and_any_is_the_default if {
	hits(reading, secrets)
	hits(everything, secrets)
	hits(everything, object.union(secrets, {"match": "any"}))
	every change in [{"apiGroups": ["apps"]}, {"resources": ["pods"]}, {"verbs": ["list"]}, {"verbs": []}] {
		not hits(object.union(reading, change), secrets)
	}
}

test_a_star_in_the_entry_is_everything_there_is if {
	entry := {"api_groups": ["*"], "resources": ["*"], "verbs": ["*"]}
	hits(reading, entry)
	hits({"apiGroups": ["apps"], "resources": ["*/scale"], "verbs": ["patch"]}, entry)
	not hits(reading, object.union(entry, {"match": "all"}))
	hits(everything, object.union(entry, {"match": "all"}))
}

test_all_asks_for_each_dimension if {
	entry := {"api_groups": ["", "apps"], "resources": ["pods", "pods/scale"], "verbs": ["get", "list"], "match": "all"}
	full := {"apiGroups": ["apps", ""], "resources": ["pods", "*/scale"], "verbs": ["list", "get", "watch"]}
	hits(full, entry)
	every change in [{"apiGroups": [""]}, {"resources": ["pods"]}, {"verbs": ["get"]}] {
		not hits(object.union(full, change), entry)
	}
}

test_an_entry_without_resources_denies_none if {
	every match in ["any", "all"] {
		not hits(everything, {"api_groups": [], "resources": [], "verbs": ["*"], "match": match})
		not hits(everything, {"api_groups": [], "resources": [], "verbs": ["*"], "non_resource_urls": [], "match": match})
	}
}

test_urls_belong_to_cluster_roles if {
	rule := {"nonResourceURLs": ["*"], "verbs": ["get"]}
	every match in ["any", "all"] {
		entry := {"api_groups": [], "resources": [], "verbs": ["get"], "non_resource_urls": ["/metrics", "/logs/*"], "match": match}
		hits(rule, entry)
		not hits({"nonResourceURLs": ["/version"], "verbs": ["get"]}, entry)
		policy.violation == set() with input as role("Role", rule, entry)
	}
}

test_all_of_some_urls_are_granted_together_or_not if {
	entry := {"api_groups": [], "resources": [], "verbs": ["get"], "non_resource_urls": ["/metrics", "/logs/*"], "match": "all"}
	not hits({"nonResourceURLs": ["/metrics"], "verbs": ["get"]}, entry)
	hits({"nonResourceURLs": ["/metrics", "/logs*"], "verbs": ["*"]}, entry)
}

test_a_narrowed_rule_passes_unless_a_name_is_denied if {
	narrowed := object.union(reading, {"resourceNames": ["mail", "root-ca"]})
	not hits(narrowed, secrets)
	hits(narrowed, object.union(secrets, {"resource_names": ["root-*"]}))
	not hits(narrowed, object.union(secrets, {"resource_names": ["root"]}))
	hits(narrowed, object.union(secrets, {"resource_names": ["*"], "match": "all"}))
	not hits(narrowed, object.union(secrets, {"match": "all"}))
}

test_a_narrowed_exec_is_created_by_name if {
	rule := {"apiGroups": [""], "resources": ["pods/exec"], "verbs": ["create"], "resourceNames": ["db-0"]}
	entry := {"api_groups": [""], "resources": ["pods/exec"], "verbs": ["create"], "resource_names": ["db-*"]}
	hits(rule, entry)
	not hits(object.union(rule, {"resources": ["pods"]}), object.union(entry, {"resources": ["pods"]}))
}

test_wrong_types_grant_nothing if {
	not hits({"apiGroups": "*", "resources": "*", "verbs": "*"}, secrets)
	not hits("*", secrets)
}

test_an_aggregation_rule_of_a_role_is_none if {
	input_ := {
		"review": {
			"kind": {"group": "rbac.authorization.k8s.io", "version": "v1", "kind": "Role"},
			"name": "ops",
			"object": {"metadata": {"name": "ops"}, "aggregationRule": {"clusterRoleSelectors": [{}]}},
		},
		"parameters": {"denied": [secrets]},
	}
	policy.violation == set() with input as input_
	policy.skipped == set() with input as input_
}
