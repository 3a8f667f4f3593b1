package lib.network_policies_test

import data.lib.network_policies

test_unset_types_follow_from_the_rules if {
	network_policies.directions({}) == {"Ingress"}
	network_policies.directions({"policyTypes": []}) == {"Ingress"}
	network_policies.directions({"egress": []}) == {"Ingress"}
	network_policies.directions({"egress": [{}]}) == {"Ingress", "Egress"}
	network_policies.directions({"policyTypes": ["Egress"], "ingress": [{}]}) == {"Egress"}
}

test_only_an_empty_policy_for_all_refuses_all if {
	every spec in [{}, {"podSelector": {}}, {"podSelector": {"matchLabels": {}}, "ingress": []}, {"podSelector": {}, "ingress": null, "policyTypes": ["Ingress"]}] {
		network_policies.refuses_all(spec, "Ingress")
		not network_policies.refuses_all(spec, "Egress")
	}
	every spec in [{"podSelector": {"matchLabels": {"a": "b"}}}, {"podSelector": {}, "ingress": [{}]}, {"podSelector": {}, "policyTypes": ["Egress"]}] {
		not network_policies.refuses_all(spec, "Ingress")
	}
}
