package bylaw.ingress_host_unique_test

import data.bylaw.ingress_host_unique as policy

review(group, kind, spec, related, context) := {
	"review": {"kind": {"group": group, "version": "v1", "kind": kind}, "name": "shop", "namespace": "shop", "object": {"spec": spec}},
	"related": related,
	"context": context,
	"parameters": {},
}

rule(host, paths) := {"host": host, "http": {"paths": [{"path": path, "pathType": "Prefix"} | some path in paths]}}

ingress(spec, rivals) := review("networking.k8s.io", "Ingress", object.union({"rules": [rule("a.example.com", ["/"])]}, spec), {"rivals": rivals}, {})

rival(namespace, spec) := {"kind": "Ingress", "metadata": {"name": "other", "namespace": namespace}, "spec": spec}

clash(spec, other) if count(policy.violation) == 1 with input as ingress(spec, [other])

test_another_namespace_may_not_have_the_host_at_all if {
	clash({}, rival("data", {"rules": [rule("a.example.com", ["/other"])]}))
	not clash({}, rival("data", {"rules": [rule("b.example.com", ["/"])]}))
}

test_within_a_namespace_paths_may_be_shared_out if {
	clash({}, rival("shop", {"rules": [rule("a.example.com", ["/"])]}))
	not clash({}, rival("shop", {"rules": [rule("a.example.com", ["/api"])]}))
	not clash({"rules": [{"host": "a.example.com"}]}, rival("shop", {"rules": [rule("a.example.com", ["/api"])]}))
	clash({"rules": [{"host": "a.example.com"}]}, rival("shop", {"rules": [{"host": "a.example.com"}]}))
}

test_classes_go_to_different_controllers if {
	theirs := {"ingressClassName": "internal", "rules": [rule("a.example.com", ["/"])]}
	not clash({"ingressClassName": "public"}, rival("data", theirs))
	clash({"ingressClassName": "internal"}, rival("data", theirs))
	clash({}, rival("data", theirs))
	annotated := object.union(rival("data", {"rules": [rule("a.example.com", ["/"])]}), {"metadata": {"annotations": {"kubernetes.io/ingress.class": "public"}}})
	not clash({"ingressClassName": "internal"}, annotated)
	clash({"ingressClassName": "public"}, annotated)
}

route(spec, rivals) := review("gateway.networking.k8s.io", "HTTPRoute", object.union({"hostnames": ["a.example.com"], "parentRefs": [{"name": "edge", "namespace": "infra"}]}, spec), {"rivals": rivals}, {})

other_route(namespace, spec) := {
	"kind": "HTTPRoute",
	"metadata": {"name": "other", "namespace": namespace},
	"spec": object.union({"hostnames": ["a.example.com"], "parentRefs": [{"name": "edge", "namespace": "infra"}]}, spec),
}

routes_clash(spec, other) if count(policy.violation) == 1 with input as route(spec, [other])

test_routes_meet_on_a_listener if {
	routes_clash({}, other_route("data", {}))
	not routes_clash({"parentRefs": [{"name": "edge", "namespace": "infra", "sectionName": "http"}]}, other_route("data", {"parentRefs": [{"name": "edge", "namespace": "infra", "sectionName": "https"}]}))
	routes_clash({"parentRefs": [{"name": "edge", "namespace": "infra", "sectionName": "http"}]}, other_route("data", {}))
	not routes_clash({}, other_route("data", {"parentRefs": [{"name": "edge"}]}))
	not routes_clash({}, other_route("data", {"hostnames": ["b.example.com"]}))
}

match(path) := {"rules": [{"matches": [{"path": {"type": "PathPrefix", "value": path}}]}]}

test_routes_of_a_namespace_share_out_matches if {
	routes_clash(match("/"), other_route("shop", {"rules": [{}]}))
	not routes_clash(match("/a"), other_route("shop", match("/b")))
	routes_clash(match("/a"), other_route("shop", match("/a")))
	not routes_clash(match("/a"), other_route("shop", {"rules": [{"matches": [{"path": {"type": "PathPrefix", "value": "/a"}, "method": "POST"}]}]}))
}

test_an_ingress_and_a_route_are_not_compared if {
	not clash({}, other_route("data", {}))
}

young := {"creation_timestamp": "2026-11-24T10:00:00Z", "now": "2026-11-24T10:01:00Z"}

test_the_young_wait_where_they_collide if {
	spec := {"rules": [rule("a.example.com", ["/"])]}
	policy.violation == set() with input as review("networking.k8s.io", "Ingress", spec, {"rivals": [rival("data", spec)]}, young)
	count(policy.skipped) == 1 with input as review("networking.k8s.io", "Ingress", spec, {"rivals": [rival("data", spec)]}, young)
	policy.skipped == set() with input as review("networking.k8s.io", "Ingress", spec, {"rivals": []}, young)
	count(policy.skipped) == 1 with input as review("networking.k8s.io", "Ingress", spec, {}, young)
}

test_who_names_no_host_shares_none if {
	policy.not_applicable == {"it names no host"} with input as review("networking.k8s.io", "Ingress", {"rules": [{}]}, {}, {})
	policy.skipped == set() with input as review("networking.k8s.io", "Ingress", {"rules": [{}]}, {}, {})
}
