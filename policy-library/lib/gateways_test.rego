package lib.gateways_test

import data.lib.gateways

route(spec) := {"review": {
	"kind": {"group": "gateway.networking.k8s.io", "version": "v1", "kind": "HTTPRoute"},
	"name": "shop",
	"namespace": "shop",
	"object": {"spec": spec},
}}

gateway := {
	"metadata": {"name": "edge", "namespace": "infra"},
	"spec": {"listeners": [
		{"name": "http", "port": 80, "protocol": "HTTP"},
		{"name": "https", "port": 443, "protocol": "HTTPS", "hostname": "*.example.com"},
	]},
}

names(reference, spec) := {listener.name | some listener in found} if {
	found := gateways.attached(reference, [gateway]) with input as route(spec)
}

edge := {"name": "edge", "namespace": "infra"}

test_a_reference_narrows_by_section_and_port if {
	names(edge, {}) == {"http", "https"}
	names(object.union(edge, {"sectionName": "https"}), {}) == {"https"}
	names(object.union(edge, {"port": 80}), {}) == {"http"}
	names(object.union(edge, {"sectionName": "other"}), {}) == set()
}

test_hosts_have_to_meet if {
	names(edge, {"hostnames": ["shop.example.com"]}) == {"http", "https"}
	names(edge, {"hostnames": ["shop.example.org"]}) == {"http"}
	names(edge, {"hostnames": ["*.example.com"]}) == {"http", "https"}
}

test_a_gateway_elsewhere_is_another if {
	not names({"name": "edge"}, {})
	not names({"name": "other", "namespace": "infra"}, {})
}

test_only_gateways_are_parents if {
	parents := gateways.parents with input as route({"parentRefs": [{"name": "a"}, {"name": "b", "kind": "Service", "group": ""}]})
	[parent.path | some parent in parents] == ["spec.parentRefs[0]"]
}

test_only_redirects_to_https_count if {
	to_https := {"filters": [{"type": "RequestRedirect", "requestRedirect": {"scheme": "https"}}]}
	gateways.only_redirects with input as route({"rules": [to_https]})
	not gateways.only_redirects with input as route({"rules": [to_https, {}]})
	not gateways.only_redirects with input as route({"rules": []})
	not gateways.only_redirects with input as route({})
}
