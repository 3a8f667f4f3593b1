package bylaw.network_policy_present_test

import data.bylaw.network_policy_present as policy

namespace(policies, parameters) := {
	"review": {"kind": {"group": "", "version": "v1", "kind": "Namespace"}, "name": "shop", "object": {"metadata": {"name": "shop"}}},
	"related": {"network_policies": [{"metadata": {"name": "p"}, "spec": spec} | some spec in policies]},
	"parameters": object.union({"directions": ["Ingress", "Egress"], "default_deny": false}, parameters),
}

number(policies, parameters) := count(findings) if findings := policy.violation with input as namespace(policies, parameters)

test_each_direction_needs_a_policy if {
	number([], {}) == 2
	number([{"podSelector": {"matchLabels": {"app": "web"}}}], {}) == 1
	number([{"policyTypes": ["Ingress", "Egress"]}], {}) == 0
	number([{"policyTypes": ["Ingress"]}, {"policyTypes": ["Egress"]}], {}) == 0
	number([{"policyTypes": ["Ingress"]}], {"directions": ["Ingress"]}) == 0
	number([{"policyTypes": ["Ingress"]}], {"directions": ["Egress"]}) == 1
}

test_refusal_by_default_is_for_every_pod if {
	number([{"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}], {"default_deny": true}) == 0
	number([{"podSelector": {}, "policyTypes": ["Ingress", "Egress"], "ingress": [{}]}], {"default_deny": true}) == 1
	number([{"podSelector": {"matchLabels": {"app": "web"}}, "policyTypes": ["Ingress", "Egress"]}], {"default_deny": true}) == 2
}

test_policies_of_a_plug_in_are_not_read if {
	cilium := {"plugin_policies": [{"kind": "CiliumNetworkPolicy", "metadata": {"name": "web"}}]}
	limited := object.union(namespace([], {}), {"related": object.union({"network_policies": []}, cilium)})
	policy.violation == set() with input as limited
	count(policy.skipped) == 1 with input as limited
}

young := {"context": {"creation_timestamp": "2026-11-24T10:00:00Z", "now": "2026-11-24T10:01:00Z"}}

test_the_young_wait_for_what_is_missing_only if {
	policy.violation == set() with input as object.union(namespace([], {}), young)
	count(policy.skipped) == 1 with input as object.union(namespace([], {}), young)
	policy.skipped == set() with input as object.union(namespace([{"policyTypes": ["Ingress", "Egress"]}], {}), young)
}

test_unknown_policies_are_no_missing_ones if {
	unknown := json.remove(namespace([], {}), ["related"])
	policy.violation == set() with input as unknown
	count(policy.skipped) == 1 with input as unknown
}
