package bylaw.ingress_tls_test

import data.bylaw.ingress_tls as policy

review(group, kind, metadata, spec, related) := {
	"review": {
		"kind": {"group": group, "version": "v1", "kind": kind},
		"name": "x",
		"namespace": "shop",
		"object": {"metadata": metadata, "spec": spec},
	},
	"related": related,
	"parameters": {},
}

ingress(tls, hosts) := review("networking.k8s.io", "Ingress", {}, {"tls": tls, "rules": [{"host": host} | some host in hosts]}, {})

test_a_host_is_covered_by_name_wildcard_or_for_all if {
	every tls in [[{"hosts": ["a.example.com"]}], [{"hosts": ["*.example.com"]}], [{"secretName": "x"}], [{"hosts": []}], [{"hosts": ["b"]}, {"hosts": null}]] {
		policy.violation == set() with input as ingress(tls, ["a.example.com"])
	}
	every tls in [null, [], [{"hosts": ["b.example.com"]}], [{"hosts": ["*.b.example.com"]}], [{"hosts": ["example.com"]}]] {
		count(policy.violation) == 1 with input as ingress(tls, ["a.example.com"])
	}
	count(policy.violation) == 1 with input as ingress([{"hosts": ["*.example.com"]}], ["a.b.example.com"])
}

test_each_uncovered_host_is_a_finding if {
	count(policy.violation) == 2 with input as ingress([{"hosts": ["a"]}], ["a", "b", "c"])
}

test_every_host_needs_an_entry_for_all if {
	every spec in [{}, {"rules": []}, {"rules": null}, {"rules": [{}]}, {"defaultBackend": {}}] {
		count(policy.violation) == 1 with input as review("networking.k8s.io", "Ingress", {}, spec, {})
		policy.violation == set() with input as review("networking.k8s.io", "Ingress", {}, object.union(spec, {"tls": [{"secretName": "x"}]}), {})
	}
}

test_a_certificate_of_the_cloud_counts if {
	rules := {"rules": [{"host": "a"}]}
	cloud := {"annotations": {"alb.ingress.kubernetes.io/certificate-arn": "arn:x"}}
	policy.violation == set() with input as review("networking.k8s.io", "Ingress", cloud, rules, {})
	empty := {"annotations": {"alb.ingress.kubernetes.io/certificate-arn": ""}}
	count(policy.violation) == 1 with input as review("networking.k8s.io", "Ingress", empty, rules, {})
}

gateway(listeners) := review("gateway.networking.k8s.io", "Gateway", {}, {"listeners": listeners}, {})

http(host) := {"name": "http", "port": 80, "protocol": "HTTP", "hostname": host}

https(host) := {"name": "https", "port": 443, "protocol": "HTTPS", "hostname": host}

test_a_plain_listener_needs_a_secure_one_for_its_host if {
	policy.violation == set() with input as gateway([http("a"), https("a")])
	policy.violation == set() with input as gateway([http("a.example.com"), https("*.example.com")])
	policy.violation == set() with input as gateway([http("a"), https(null)])
	count(policy.violation) == 1 with input as gateway([http("a"), https("b")])
	count(policy.violation) == 1 with input as gateway([http(null)])
	count(policy.violation) == 1 with input as gateway([{"name": "odd", "protocol": 5}])
}

test_listeners_without_http_are_left_alone if {
	policy.violation == set() with input as gateway([{"name": "db", "port": 5432, "protocol": "TCP"}])
	count(policy.not_applicable) == 1 with input as gateway([{"name": "db", "port": 5432, "protocol": "TCP"}])
	count(policy.not_applicable) == 1 with input as gateway(null)
}

route(parents, rules, related) := review("gateway.networking.k8s.io", "HTTPRoute", {}, {"parentRefs": parents, "rules": rules}, related)

edge(listeners) := {"gateways": [{"metadata": {"name": "edge"}, "spec": {"listeners": listeners}}]}

test_a_route_is_judged_by_the_listeners_that_it_reaches if {
	every parent in [{"name": "edge"}, {"name": "edge", "sectionName": "https"}, {"name": "edge", "port": 443}] {
		policy.violation == set() with input as route([parent], [{}], edge([http(null), https(null)]))
	}
	every parent in [{"name": "edge", "sectionName": "http"}, {"name": "edge", "port": 80}] {
		count(policy.violation) == 1 with input as route([parent], [{}], edge([http(null), https(null)]))
	}
	count(policy.violation) == 1 with input as route([{"name": "edge"}], [{}], edge([http(null)]))
}

test_a_redirect_may_be_plain if {
	redirect := {"filters": [{"type": "RequestRedirect", "requestRedirect": {"scheme": "https"}}]}
	policy.violation == set() with input as route([{"name": "edge"}], [redirect], edge([http(null)]))
	policy.skipped == set() with input as route([{"name": "edge"}], [redirect], {})
	count(policy.violation) == 1 with input as route([{"name": "edge"}], [redirect, {}], edge([http(null)]))
}

test_an_unknown_gateway_is_judged_by_the_port if {
	count(policy.violation) == 1 with input as route([{"name": "edge", "port": 80}], [{}], {})
	policy.violation == set() with input as route([{"name": "edge", "port": 443}], [{}], {})
	policy.skipped == set() with input as route([{"name": "edge", "port": 443}], [{}], {})
	count(policy.skipped) == 1 with input as route([{"name": "edge"}], [{}], {})
}
