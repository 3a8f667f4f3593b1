package bylaw.namespace_limit_range_present_test

import data.bylaw.namespace_limit_range_present as policy

namespace(related, context) := {
	"review": {"kind": {"group": "", "version": "v1", "kind": "Namespace"}, "name": "shop", "object": {"metadata": {"name": "shop"}}},
	"related": related,
	"context": context,
	"parameters": {},
}

young := {"creation_timestamp": "2026-11-24T10:00:00Z", "now": "2026-11-24T10:01:00Z"}

test_unknown_limit_ranges_are_no_missing_ones if {
	every context in [{}, young] {
		policy.violation == set() with input as namespace({}, context)
		policy.skipped == {"its LimitRanges are not known: no cluster was named, or it is still being listed"} with input as namespace({}, context)
	}
}

test_a_young_namespace_waits_for_its_limit_range_only if {
	policy.violation == set() with input as namespace({"limit_ranges": []}, young)
	count(policy.skipped) == 1 with input as namespace({"limit_ranges": []}, young)
	policy.skipped == set() with input as namespace({"limit_ranges": [{"spec": {"limits": [{"type": "Pod"}]}}]}, young)
	policy.violation == set() with input as namespace({"limit_ranges": [{"spec": {"limits": [{"type": "Pod"}]}}]}, {})
}

test_a_limit_range_that_says_nothing_limits_nothing if {
	every range in [{}, {"spec": {}}, {"spec": {"limits": []}}, {"spec": {"limits": null}}, {"spec": null}] {
		count(policy.violation) == 1 with input as namespace({"limit_ranges": [object.union({"metadata": {"name": "r"}}, range)]}, {})
	}
}
