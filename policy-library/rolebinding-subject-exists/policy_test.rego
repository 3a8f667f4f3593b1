package bylaw.rolebinding_subject_exists_test

import data.bylaw.rolebinding_subject_exists as policy

binding(subjects, related, context) := {
	"review": {
		"kind": {"group": "rbac.authorization.k8s.io", "version": "v1", "kind": "RoleBinding"},
		"name": "x",
		"namespace": "shop",
		"object": {"metadata": {"name": "x"}, "roleRef": {"kind": "ClusterRole", "name": "view"}, "subjects": subjects},
	},
	"related": related,
	"context": context,
	"parameters": {},
}

app := {"kind": "ServiceAccount", "name": "app"}

known := {"service_accounts": [{"metadata": {"name": "app", "namespace": "shop"}}]}

young := {"creation_timestamp": "2026-11-24T10:00:00Z", "now": "2026-11-24T10:01:00Z"}

test_name_and_namespace_both_count if {
	every subject in [app, object.union(app, {"namespace": "shop"}), object.union(app, {"namespace": ""})] {
		policy.violation == set() with input as binding([subject], known, {})
	}
	every subject in [{"kind": "ServiceAccount", "name": "other"}, object.union(app, {"namespace": "other"})] {
		count(policy.violation) == 1 with input as binding([subject], known, {})
	}
}

test_unknown_accounts_are_no_missing_ones if {
	every context in [{}, young] {
		policy.violation == set() with input as binding([app], {}, context)
		count(policy.skipped) == 1 with input as binding([app], {}, context)
	}
}

test_a_young_binding_waits_for_its_accounts_only if {
	policy.violation == set() with input as binding([app], {"service_accounts": []}, young)
	policy.skipped == {"it was made less than 5 minutes ago, and its ServiceAccounts may still come"} with input as binding([app], {"service_accounts": []}, young)
	policy.skipped == set() with input as binding([app], known, young)
}

test_users_and_groups_are_not_looked_up if {
	every subjects in [[], null, [{"kind": "User", "name": "jane"}], [{"kind": "Group", "name": "app"}]] {
		policy.violation == set() with input as binding(subjects, {"service_accounts": []}, {})
		policy.skipped == set() with input as binding(subjects, {}, {})
		count(policy.not_applicable) == 1 with input as binding(subjects, {}, {})
	}
}
