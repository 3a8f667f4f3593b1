package bylaw.ingress_backend_exists_test

import data.bylaw.ingress_backend_exists as policy

ingress(service, related, context) := {
	"review": {
		"kind": {"group": "networking.k8s.io", "version": "v1", "kind": "Ingress"},
		"name": "x",
		"namespace": "shop",
		"object": {"spec": {"rules": [{"http": {"paths": [{"backend": {"service": service}}]}}]}},
	},
	"related": related,
	"context": context,
	"parameters": {},
}

web := {"path_backends": [{"metadata": {"name": "web", "namespace": "shop"}, "spec": {"ports": [{"name": "http", "port": 80}, {"port": 81}]}}]}

paths(service) := {finding.path | some finding in findings} if findings := policy.violation with input as ingress(service, web, {})

test_name_and_port_have_to_agree if {
	every port in [{"number": 80}, {"name": "http"}, {"number": 81}, null, {}] {
		paths({"name": "web", "port": port}) == set()
	}
	paths({"name": "web", "port": {"number": 8080}}) == {"spec.rules[0].http.paths[0].backend.service.port.number"}
	paths({"name": "web", "port": {"name": "https"}}) == {"spec.rules[0].http.paths[0].backend.service.port.name"}
	paths({"name": "api", "port": {"number": 80}}) == {"spec.rules[0].http.paths[0].backend.service.name"}
}

test_a_service_elsewhere_is_another if {
	elsewhere := {"path_backends": [{"metadata": {"name": "web", "namespace": "data"}, "spec": {"ports": [{"port": 80}]}}]}
	count(policy.violation) == 1 with input as ingress({"name": "web", "port": {"number": 80}}, elsewhere, {})
}

test_an_alias_has_any_port if {
	alias := {"path_backends": [{"metadata": {"name": "web", "namespace": "shop"}, "spec": {"type": "ExternalName"}}]}
	policy.violation == set() with input as ingress({"name": "web", "port": {"number": 8443}}, alias, {})
}

test_what_an_annotation_says_is_no_service if {
	paths({"name": "ssl-redirect", "port": {"name": "use-annotation"}}) == set()
}

test_the_older_version_is_read_too if {
	older := {
		"review": {
			"kind": {"group": "extensions", "version": "v1beta1", "kind": "Ingress"},
			"name": "x",
			"namespace": "shop",
			"object": {"spec": {"backend": {"serviceName": "web", "servicePort": 81}, "rules": [{"http": {"paths": [{"backend": {"serviceName": "gone", "servicePort": 80}}]}}]}},
		},
		"related": {"older_default_backend": web.path_backends, "older_path_backends": []},
		"parameters": {},
	}
	findings := policy.violation with input as older
	{f.path | some f in findings} == {"spec.rules[0].http.paths[0].backend.serviceName"}
}

route(reference, related) := {
	"review": {
		"kind": {"group": "gateway.networking.k8s.io", "version": "v1", "kind": "HTTPRoute"},
		"name": "x",
		"namespace": "shop",
		"object": {"spec": {"rules": [{"backendRefs": [reference]}]}},
	},
	"related": related,
	"parameters": {},
}

test_a_route_may_send_to_another_namespace if {
	elsewhere := {"route_backends": [{"metadata": {"name": "web", "namespace": "data"}, "spec": {"ports": [{"port": 80}]}}]}
	policy.violation == set() with input as route({"name": "web", "namespace": "data", "port": 80}, elsewhere)
	count(policy.violation) == 1 with input as route({"name": "web", "port": 80}, elsewhere)
	policy.violation == set() with input as route({"group": "multicluster.x-k8s.io", "kind": "ServiceImport", "name": "gone", "port": 80}, elsewhere)
}

young := {"creation_timestamp": "2026-11-24T10:00:00Z", "now": "2026-11-24T10:01:00Z"}

test_the_young_wait_for_what_is_missing_only if {
	missing := {"name": "api", "port": {"number": 80}}
	policy.violation == set() with input as ingress(missing, web, young)
	count(policy.skipped) == 1 with input as ingress(missing, web, young)
	policy.skipped == set() with input as ingress({"name": "web"}, web, young)
}

test_unknown_services_are_no_missing_ones if {
	policy.violation == set() with input as ingress({"name": "web"}, {}, {})
	count(policy.skipped) == 1 with input as ingress({"name": "web"}, {}, {})
}
