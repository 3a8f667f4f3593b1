package bylaw.namespace_quota_present_test

import data.bylaw.namespace_quota_present as policy

namespace(related, context) := {
	"review": {"kind": {"group": "", "version": "v1", "kind": "Namespace"}, "name": "shop", "object": {"metadata": {"name": "shop"}}},
	"related": related,
	"context": context,
	"parameters": {},
}

young := {"creation_timestamp": "2026-11-24T10:00:00Z", "now": "2026-11-24T10:01:00Z"}

test_unknown_quotas_are_no_missing_ones if {
	every context in [{}, young] {
		policy.violation == set() with input as namespace({}, context)
		policy.skipped == {"its ResourceQuotas are not known: no cluster was named, or it is still being listed"} with input as namespace({}, context)
	}
}

test_a_young_namespace_waits_for_its_quota_only if {
	policy.violation == set() with input as namespace({"resource_quotas": []}, young)
	count(policy.skipped) == 1 with input as namespace({"resource_quotas": []}, young)
	policy.skipped == set() with input as namespace({"resource_quotas": [{"spec": {"hard": {"pods": "1"}}}]}, young)
	policy.violation == set() with input as namespace({"resource_quotas": [{"spec": {"hard": {"pods": "1"}}}]}, {})
}

test_a_quota_that_says_nothing_limits_nothing if {
	every quota in [{}, {"spec": {}}, {"spec": {"hard": {}}}, {"spec": null}] {
		count(policy.violation) == 1 with input as namespace({"resource_quotas": [object.union({"metadata": {"name": "q"}}, quota)]}, {})
	}
}
