package bylaw.load_balancer_selector_test

import data.bylaw.load_balancer_selector as policy

defaults := {
	"allowed_selectors": [{"key": "k8s-app", "values": []}],
	"internal_annotations": [{"key": "internal", "values": ["true"]}],
	"include_node_port": false,
}

service(annotations, spec, parameters) := {
	"review": {
		"kind": {"group": "", "version": "v1", "kind": "Service"},
		"name": "web",
		"object": {"metadata": {"annotations": annotations}, "spec": spec},
	},
	"parameters": object.union(defaults, parameters),
}

public(selector, entries) := service({}, {"type": "LoadBalancer", "selector": selector}, {"allowed_selectors": entries})

test_an_entry_approves_its_own_values_only if {
	every entries in [[{"key": "k8s-app", "values": ["a"]}], [{"key": "k8s-app", "values": ["b"]}, {"key": "k8s-app", "values": ["a"]}]] {
		policy.violation == set() with input as public({"k8s-app": "a"}, entries)
		count(policy.violation) == 1 with input as public({"k8s-app": "c"}, entries)
		count(policy.violation) == 1 with input as public({"app": "a"}, entries)
	}
}

test_an_empty_list_approves_none if {
	every entries in [[], [{"key": "k8s-app", "values": []}], [{"key": "k8s-app"}]] {
		count(policy.violation) == 1 with input as public({"k8s-app": "a"}, entries)
		count(policy.violation) == 1 with input as public({"k8s-app": ""}, entries)
	}
}

test_a_star_is_every_value_and_every_key if {
	policy.violation == set() with input as public({"k8s-app": "a"}, [{"key": "k8s-app", "values": ["*"]}])
	policy.violation == set() with input as public({"app": "a"}, [{"key": "*", "values": ["a"]}])
	count(policy.violation) == 1 with input as public({}, [{"key": "*", "values": ["*"]}])
}

test_an_empty_selector_fails_in_each_spelling if {
	every selector in [null, {}, [], ""] {
		count(policy.violation) == 1 with input as public(selector, [{"key": "k8s-app", "values": ["*"]}])
	}
}

test_the_place_is_the_label_that_would_do_with_another_value if {
	entries := [{"key": "a", "values": ["1"]}, {"key": "example.com/b", "values": ["1"]}]
	findings := policy.violation with input as public({"example.com/b": "2"}, entries)
	{f.path | some f in findings} == {`spec.selector["example.com/b"]`}
	none := policy.violation with input as public({"c": "2"}, entries)
	{f.path | some f in none} == {"spec.selector"}
}

test_two_entries_of_one_key_are_one_finding if {
	entries := [{"key": "k8s-app", "values": ["a"]}, {"key": "k8s-*", "values": ["b"]}]
	count(policy.violation) == 1 with input as public({"k8s-app": "c", "k8s-tier": "d"}, entries)
}

test_only_the_values_of_an_annotation_make_it_internal if {
	spec := {"type": "LoadBalancer", "selector": {"app": "web"}}
	policy.violation == set() with input as service({"internal": "true"}, spec, {})
	every annotations in [{"internal": "false"}, {"internal": ""}, {"internal": "True"}, {"other": "true"}, {}, null] {
		count(policy.violation) == 1 with input as service(annotations, spec, {})
		policy.not_applicable == set() with input as service(annotations, spec, {})
	}
}

test_services_within_the_cluster_are_left_alone if {
	every type in [null, "", "ClusterIP", "ExternalName", "NodePort"] {
		input_ := service({}, {"type": type, "selector": {}}, {})
		policy.violation == set() with input as input_
		count(policy.not_applicable) == 1 with input as input_
	}
}

test_no_annotation_makes_a_node_port_internal if {
	included := {"include_node_port": true}
	input_ := service({"internal": "true"}, {"type": "NodePort", "selector": {}}, included)
	count(policy.violation) == 1 with input as input_
	policy.not_applicable == set() with input as input_
}
