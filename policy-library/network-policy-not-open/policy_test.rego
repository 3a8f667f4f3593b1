package bylaw.network_policy_not_open_test

import data.bylaw.network_policy_not_open as policy

network_policy(spec) := {
	"review": {
		"kind": {"group": "networking.k8s.io", "version": "v1", "kind": "NetworkPolicy"},
		"name": "web",
		"object": {"spec": object.union({"podSelector": {}}, spec)},
	},
	"parameters": {},
}

is_open(spec) if count(policy.violation) == 1 with input as network_policy(spec)

test_a_rule_without_peers_and_ports_is_open if {
	every rule in [{}, {"from": []}, {"from": null, "ports": null}, {"ports": []}, {"ports": [{"protocol": "TCP"}]}, {"ports": [{"port": 1, "endPort": 65535}]}, null] {
		is_open({"ingress": [rule]})
	}
	every rule in [{"ports": [{"port": 80}]}, {"from": [{"podSelector": {}}]}, {"ports": [{"port": "http"}]}] {
		not is_open({"ingress": [rule]})
	}
}

test_every_address_and_every_namespace_are_open if {
	every peer in [{"ipBlock": {"cidr": "0.0.0.0/0"}}, {"ipBlock": {"cidr": "::/0", "except": []}}, {"namespaceSelector": {}}, {"namespaceSelector": {}, "podSelector": {}}] {
		is_open({"ingress": [{"from": [peer]}]})
		is_open({"egress": [{"to": [{"podSelector": {}}, peer]}]})
		not is_open({"ingress": [{"from": [peer], "ports": [{"port": 443}]}]})
	}
	every peer in [{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["10.0.0.0/8"]}}, {"ipBlock": {"cidr": "10.0.0.0/8"}}, {"namespaceSelector": {"matchLabels": {"a": "b"}}}, {"namespaceSelector": {}, "podSelector": {"matchLabels": {"a": "b"}}}, {"podSelector": {}}] {
		not is_open({"ingress": [{"from": [peer]}]})
	}
}

test_a_direction_that_is_not_limited_has_no_rules if {
	not is_open({"policyTypes": ["Egress"], "ingress": [{}]})
	is_open({"policyTypes": ["Egress"], "egress": [{}]})
	is_open({"policyTypes": ["Ingress"], "ingress": [{}], "egress": [{}]})
}

test_no_rules_allow_nothing if {
	every spec in [{}, {"ingress": []}, {"policyTypes": ["Ingress", "Egress"]}, {"egress": null}] {
		not is_open(spec)
	}
}
