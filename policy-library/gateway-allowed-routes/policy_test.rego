package bylaw.gateway_allowed_routes_test

import data.bylaw.gateway_allowed_routes as policy

gateway(namespaces) := {
	"review": {
		"kind": {"group": "gateway.networking.k8s.io", "version": "v1", "kind": "Gateway"},
		"name": "edge",
		"object": {"spec": {"listeners": [{"name": "https", "allowedRoutes": {"namespaces": namespaces}}]}},
	},
	"parameters": {},
}

test_unset_is_the_own_namespace if {
	every namespaces in [null, {}, {"from": null}, {"from": "Same"}, {"from": "None"}] {
		policy.violation == set() with input as gateway(namespaces)
	}
}

test_a_selector_selects_something if {
	every selector in [{"matchLabels": {"expose": "edge"}}, {"matchExpressions": [{"key": "expose", "operator": "Exists"}]}] {
		policy.violation == set() with input as gateway({"from": "Selector", "selector": selector})
	}
	every selector in [{}, {"matchLabels": {}}, {"matchExpressions": []}] {
		count(policy.violation) == 1 with input as gateway({"from": "Selector", "selector": selector})
	}
	policy.violation == set() with input as gateway({"from": "Selector", "selector": null})
}

test_wrong_types_are_findings if {
	every from in ["All", "all", 5, true, []] {
		count(policy.violation) == 1 with input as gateway({"from": from})
	}
}

test_no_listeners_are_not_applicable if {
	every listeners in [[], {}] {
		input_ := {"review": {"kind": {"group": "gateway.networking.k8s.io", "version": "v1", "kind": "Gateway"}, "name": "edge", "object": {"spec": {"listeners": listeners}}}, "parameters": {}}
		count(policy.not_applicable) == 1 with input as input_
	}
}
