package bylaw.no_default_namespace_test

import data.bylaw.no_default_namespace as policy

parameters := {"approved_namespaces": [], "unset": "default"}

settings(metadata, review) := {
	"review": object.union(
		{
			"kind": {"group": "", "version": "v1", "kind": "ConfigMap"},
			"name": "settings",
			"object": {"metadata": metadata},
		},
		review,
	),
	"parameters": parameters,
}

test_the_namespace_of_the_request_counts_where_none_is_named if {
	policy.violation == set() with input as settings({}, {"namespace": "shop"})
	findings := policy.violation with input as settings({}, {"namespace": "default"})
	{f.found | some f in findings} == {"default"}
}

test_a_named_namespace_wins_over_that_of_the_request if {
	count(policy.violation) == 1 with input as settings({"namespace": "default"}, {"namespace": "shop"})
}

test_ignore_leaves_alone_only_what_would_be_assumed if {
	ignore := {"parameters": {"unset": "ignore", "approved_namespaces": ["shop"]}}
	policy.violation == set() with input as object.union(settings({}, {"namespace": "default"}), ignore)
	count(policy.not_applicable) == 1 with input as object.union(settings({}, {"namespace": "default"}), ignore)
	count(policy.violation) == 1 with input as object.union(settings({}, {"namespace": "scratch"}), ignore)
	count(policy.violation) == 1 with input as object.union(settings({"namespace": "default"}, {"namespace": "default"}), ignore)
}

test_namespaces_are_approved_by_name_or_pattern if {
	approved := {"parameters": {"approved_namespaces": ["shop", "team-*"]}}
	every name in ["shop", "team-a"] {
		policy.violation == set() with input as object.union(settings({"namespace": name}, {}), approved)
	}
	every name in ["default", "shops", "team"] {
		count(policy.violation) == 1 with input as object.union(settings({"namespace": name}, {}), approved)
	}
}

named(group, kind, name, namespace) := {
	"review": {
		"kind": {"group": group, "version": "v1", "kind": kind},
		"name": name,
		"namespace": namespace,
		"object": {"metadata": {"name": name, "namespace": namespace}},
	},
	"parameters": parameters,
}

test_only_the_objects_of_kubernetes_itself_are_exempt if {
	every item in [
		["", "Service", "kubernetes-2"], ["", "Endpoints", "web"], ["discovery.k8s.io", "EndpointSlice", "web-x"],
		["", "ServiceAccount", "builder"], ["", "ConfigMap", "kube-root-ca"], ["", "Secret", "default"],
		["serving.knative.dev", "Service", "kubernetes"], ["example.com", "Event", "x"],
	] {
		count(policy.violation) == 1 with input as named(item[0], item[1], item[2], "default")
	}
}

test_a_service_called_kubernetes_elsewhere_is_not_exempt if {
	approved := {"parameters": {"approved_namespaces": ["shop"]}}
	count(policy.violation) == 1 with input as object.union(named("", "Service", "kubernetes", "scratch"), approved)
	policy.violation == set() with input as object.union(named("", "ServiceAccount", "default", "scratch"), approved)
	policy.violation == set() with input as object.union(named("", "ConfigMap", "kube-root-ca.crt", "scratch"), approved)
}

test_a_kind_without_namespace_is_not_applicable_and_an_unknown_one_skipped if {
	node := {"review": {"kind": {"group": "", "version": "v1", "kind": "Node"}, "name": "n", "object": {}}, "parameters": parameters}
	policy.violation == set() with input as node
	policy.not_applicable == {"Node belongs to no namespace"} with input as node
	policy.skipped == set() with input as node
	custom := {"review": {"kind": {"group": "a.example.com", "version": "v1", "kind": "Thing"}, "name": "t", "object": {}}, "parameters": parameters}
	policy.violation == set() with input as custom
	count(policy.skipped) == 1 with input as custom
	policy.not_applicable == set() with input as custom
}

test_wrong_types_are_findings if {
	count(policy.violation) == 1 with input as settings({"namespace": 12}, {})
	count(policy.violation) == 1 with input as settings({"namespace": ["shop"]}, {})
}

test_the_message_names_the_namespace_of_the_request if {
	unapproved := object.union(settings({}, {"namespace": "scratch"}), {"parameters": {"approved_namespaces": ["shop"]}})
	findings := policy.violation with input as unapproved
	{f.message | some f in findings} == {"This ConfigMap is put in the namespace scratch, which is not approved; use one of shop."}
}
