package bylaw.trusted_registries_test

import data.bylaw.trusted_registries as policy

defaults := {
	"registries": ["registry.example.com"],
	"denied": [],
	"unqualified": "docker.io",
	"exclude_containers": [],
	"exclude_images": [],
}

pod(spec, parameters) := {
	"review": {"kind": {"group": "", "version": "v1", "kind": "Pod"}, "name": "x", "object": {"spec": spec}},
	"parameters": object.union(defaults, parameters),
}

image(reference, parameters) := pod({"containers": [{"name": "app", "image": reference}]}, parameters)

test_wrong_types_are_findings if {
	every reference in [1.27, true, false, null, [], {}] {
		count(policy.violation) == 1 with input as image(reference, {})
		count(policy.violation) == 1 with input as image(reference, {"registries": ["*"], "unqualified": "fail"})
		count(policy.violation) == 1 with input as image(reference, {"registries": [], "denied": ["quay.io"]})
	}
}

test_one_fault_is_named_for_an_image if {
	findings := policy.violation with input as image("nginx", {"denied": ["docker.io", "nginx"], "unqualified": "fail"})
	count(findings) == 1
}

test_empty_lists_are_skipped_and_nothing_else if {
	every parameters in [{"registries": []}, {"registries": [], "unqualified": "fail"}] {
		policy.violation == set() with input as image("nginx", parameters)
		count(policy.skipped) == 1 with input as image("nginx", parameters)
	}
	policy.skipped == set() with input as image("nginx", {})
	policy.skipped == set() with input as image("nginx", {"registries": [], "denied": ["quay.io"]})
}

test_denied_alone_trusts_the_rest if {
	denied := {"registries": [], "denied": ["docker.io/library"]}
	policy.violation == set() with input as image("quay.io/a/b:1", denied)
	policy.violation == set() with input as image("bitnami/redis", denied)
	count(policy.violation) == 1 with input as image("nginx", denied)
}

test_everything_can_be_denied if {
	count(policy.violation) == 1 with input as image("registry.example.com/app", {"denied": ["*"]})
}

test_an_image_volume_is_no_container if {
	spec := {
		"containers": [{"name": "app", "image": "registry.example.com/app:1"}],
		"volumes": [{"name": "a", "image": {"reference": "m:1"}}, {"name": "b", "image": {"pullPolicy": "Always"}}],
	}
	findings := policy.violation with input as pod(spec, {"exclude_containers": ["app"]})
	{f.path | some f in findings} == {"spec.volumes[0].image.reference", "spec.volumes[1].image.reference"}
	every finding in findings {
		not finding.container
	}
}

test_no_registry_is_guessed_for_a_fix if {
	findings := policy.violation with input as image("nginx", {"unqualified": "fail"})
	every finding in findings {
		not finding.fix
	}
}
