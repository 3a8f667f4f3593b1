package bylaw.no_node_port_test

import data.bylaw.no_node_port as policy

service(spec) := {
	"review": {"kind": {"group": "", "version": "v1", "kind": "Service"}, "name": "web", "object": {"spec": spec}},
	"parameters": {},
}

test_only_a_node_port_fails if {
	count(policy.violation) == 1 with input as service({"type": "NodePort"})
	every type in [null, "", "ClusterIP", "LoadBalancer", "ExternalName"] {
		policy.violation == set() with input as service({"type": type, "ports": [{"port": 80}]})
	}
}

test_the_fix_takes_away_what_belongs_to_it if {
	findings := policy.violation with input as service({
		"type": "NodePort",
		"externalTrafficPolicy": "Local",
		"ports": [{"port": 80}, {"port": 443, "nodePort": 30443}],
	})
	[f.fix | some f in findings] == [[
		{"op": "replace", "path": "/spec/type", "value": "ClusterIP"},
		{"op": "remove", "path": "/spec/ports/1/nodePort"},
		{"op": "remove", "path": "/spec/externalTrafficPolicy"},
	]]
}
