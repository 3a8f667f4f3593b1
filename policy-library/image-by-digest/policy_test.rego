package bylaw.image_by_digest_test

import data.bylaw.image_by_digest as policy

digest := "sha256:4c1a8f4d1e6b0c5d2f7a9b3e8d6c5b4a39281706f5e4d3c2b1a0f9e8d7c6b5a4"

pod(spec) := {
	"review": {"kind": {"group": "", "version": "v1", "kind": "Pod"}, "name": "x", "object": {"spec": spec}},
	"parameters": {"exclude_containers": [], "exclude_images": []},
}

image(reference) := pod({"containers": [{"name": "app", "image": reference}]})

test_a_digest_is_enough_with_or_without_a_tag if {
	every name in ["nginx", "nginx:1.27.0", "localhost:5000/app", "registry.example.com/shop/app:latest"] {
		policy.violation == set() with input as image($"{name}@{digest}")
		count(policy.violation) == 1 with input as image(name)
	}
}

test_a_digest_that_is_none_is_not_enough if {
	every reference in ["nginx@sha256:abc", "nginx@", "nginx@latest", "nginx@sha256:"] {
		count(policy.violation) == 1 with input as image(reference)
	}
}

test_volumes_are_images_too if {
	spec := {"containers": [], "volumes": [{"name": "a", "image": {"reference": "m:1"}}, {"name": "b", "image": {"reference": $"m@{digest}"}}]}
	findings := policy.violation with input as pod(spec)
	{f.path | some f in findings} == {"spec.volumes[0].image.reference"}
}

test_wrong_types_are_findings if {
	every reference in [1.27, true, null, [], {}] {
		count(policy.violation) == 1 with input as image(reference)
	}
}
