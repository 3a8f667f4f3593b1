package bylaw.no_latest_tag_test

import data.bylaw.no_latest_tag as policy

parameters := {"denied_tags": ["latest"], "exclude_containers": [], "exclude_images": []}

pod(spec) := {"review": {"kind": {"group": "", "version": "v1", "kind": "Pod"}, "name": "x", "object": {"spec": spec}}, "parameters": parameters}

image(reference) := pod({"containers": [{"name": "app", "image": reference}]})

test_latest_in_any_spelling_of_the_registry_fails if {
	every reference in ["nginx", "docker.io/nginx:latest", "host:5000/app", "host:5000/app:latest", "ghcr.io/a/b/c"] {
		count(policy.violation) == 1 with input as image(reference)
	}
}

test_tags_are_compared_by_case if {
	policy.violation == set() with input as image("nginx:Latest")
}

test_without_latest_among_the_denied_tags_a_missing_tag_is_fine if {
	policy.violation == set() with input as object.union(image("nginx"), {"parameters": {"denied_tags": ["dev"]}})
	count(policy.violation) == 1 with input as object.union(image("nginx:dev"), {"parameters": {"denied_tags": ["dev"]}})
}

test_patterns_deny_tags if {
	snapshots := {"parameters": {"denied_tags": ["*-SNAPSHOT"]}}
	count(policy.violation) == 1 with input as object.union(image("app:1.0-SNAPSHOT"), snapshots)
	policy.violation == set() with input as object.union(image("app:1.0"), snapshots)
}

test_wrong_types_are_findings if {
	every reference in [1.27, true, null, [], {}] {
		count(policy.violation) == 1 with input as image(reference)
	}
}

test_an_image_volume_without_reference_is_a_finding if {
	spec := {"containers": [{"name": "app", "image": "app:1"}], "volumes": [{"name": "models", "image": {"pullPolicy": "Always"}}]}
	findings := policy.violation with input as pod(spec)
	{f.path | some f in findings} == {"spec.volumes[0].image.reference"}
	every finding in findings {
		not finding.container
	}
}
