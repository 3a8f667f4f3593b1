package bylaw.ingress_no_wildcard_host_test

import data.bylaw.ingress_no_wildcard_host as policy

review(group, kind, spec, related) := {
	"review": {"kind": {"group": group, "version": "v1", "kind": kind}, "name": "x", "namespace": "shop", "object": {"spec": spec}},
	"related": related,
	"parameters": {},
}

ingress(spec) := review("networking.k8s.io", "Ingress", spec, {})

test_hosts_of_an_ingress_are_in_full if {
	policy.violation == set() with input as ingress({"rules": [{"host": "a.example.com"}, {"host": "b.example.com"}]})
	every host in ["*.example.com", "*", "", null, 5, []] {
		count(policy.violation) == 1 with input as ingress({"rules": [{"host": "a.example.com"}, {"host": host}]})
	}
	every spec in [{}, {"rules": []}, {"rules": null}, {"defaultBackend": {}}] {
		count(policy.violation) == 1 with input as ingress(spec)
	}
}

gateway(listeners) := review("gateway.networking.k8s.io", "Gateway", {"listeners": listeners}, {})

test_listeners_name_their_host if {
	policy.violation == set() with input as gateway([{"protocol": "HTTPS", "hostname": "a.example.com"}])
	every host in ["*.example.com", null, "", 5] {
		count(policy.violation) == 1 with input as gateway([{"protocol": "HTTPS", "hostname": host}])
	}
	policy.violation == set() with input as gateway([{"protocol": "TCP"}])
	count(policy.not_applicable) == 1 with input as gateway([{"protocol": "UDP"}])
}

route(hosts, related) := review("gateway.networking.k8s.io", "HTTPRoute", {"hostnames": hosts, "parentRefs": [{"name": "edge"}]}, related)

edge(host) := {"gateways": [{"metadata": {"name": "edge"}, "spec": {"listeners": [{"protocol": "HTTPS", "hostname": host}]}}]}

test_a_route_without_hosts_is_judged_by_its_listeners if {
	policy.violation == set() with input as route([], edge("a.example.com"))
	count(policy.violation) == 1 with input as route([], edge("*.example.com"))
	count(policy.violation) == 1 with input as route([], edge(null))
	unknown := policy.violation with input as route([], {})
	[contains(f.message, "was not posted") | some f in unknown] == [true]
}

test_hosts_of_a_route_are_in_full if {
	policy.violation == set() with input as route(["a.example.com"], {})
	count(policy.violation) == 1 with input as route(["a.example.com", "*.example.com"], edge("a.example.com"))
}
