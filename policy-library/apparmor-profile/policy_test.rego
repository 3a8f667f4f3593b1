package bylaw.apparmor_profile_test

import data.bylaw.apparmor_profile as policy

defaults := {
	"allowed": ["RuntimeDefault", "Localhost"],
	"strict_upstream": false,
	"exclude_containers": [],
	"exclude_images": [],
}

pod(annotations, spec, parameters) := {
	"review": {
		"kind": {"group": "", "version": "v1", "kind": "Pod"},
		"name": "x",
		"object": {"metadata": {"annotations": annotations}, "spec": spec},
	},
	"parameters": object.union(defaults, parameters),
}

container(pod_profile, profile, parameters) := pod(
	{},
	{
		"securityContext": {"appArmorProfile": pod_profile},
		"containers": [{"name": "app", "securityContext": {"appArmorProfile": profile}}],
	},
	parameters,
)

annotated(name, value, spec, parameters) := pod({$"container.apparmor.security.beta.kubernetes.io/{name}": value}, spec, parameters)

runtime := {"type": "RuntimeDefault"}

unconfined := {"type": "Unconfined"}

strict := {"strict_upstream": true}

plain := {"containers": [{"name": "app"}]}

test_what_holds_for_the_container_is_judged if {
	every good in [[null, null], [runtime, null], [unconfined, runtime], [null, {"type": "Localhost", "localhostProfile": "p"}]] {
		policy.violation == set() with input as container(good[0], good[1], {})
	}
	every bad in [[unconfined, null], [runtime, unconfined], [null, {}], [null, "RuntimeDefault"]] {
		count(policy.violation) == 1 with input as container(bad[0], bad[1], {})
	}
}

test_strictly_a_bad_profile_of_the_pod_fails_though_it_is_overridden if {
	findings := policy.violation with input as container(unconfined, runtime, strict)
	{f.path | some f in findings} == {"spec.securityContext.appArmorProfile.type"}
	policy.violation == set() with input as container(runtime, null, strict)
}

test_an_annotation_counts_for_a_container_that_says_nothing if {
	every value in ["unconfined", "docker-default", "Localhost/x", "localhost"] {
		count(policy.violation) == 1 with input as annotated("app", value, plain, {})
	}
	every value in ["runtime/default", "localhost/custom", ""] {
		policy.violation == set() with input as annotated("app", value, plain, {})
	}
	said := {"containers": [{"name": "app", "securityContext": {"appArmorProfile": runtime}}]}
	policy.violation == set() with input as annotated("app", "unconfined", said, {})
	policy.violation == set() with input as annotated("other", "unconfined", plain, {})
}

test_an_annotation_wins_over_the_pod if {
	spec := object.union(plain, {"securityContext": {"appArmorProfile": unconfined}})
	policy.violation == set() with input as annotated("app", "runtime/default", spec, {})
	findings := policy.violation with input as annotated("app", "unconfined", spec, {})
	{f.path | some f in findings} == {"metadata.annotations[\"container.apparmor.security.beta.kubernetes.io/app\"]"}
}

test_strictly_every_annotation_counts if {
	said := {"containers": [{"name": "app", "securityContext": {"appArmorProfile": runtime}}]}
	every name in ["app", "other"] {
		count(policy.violation) == 1 with input as annotated(name, "unconfined", said, strict)
	}
	policy.violation == set() with input as annotated("other", "", said, strict)
}

test_the_fixes_are_written_where_the_profile_stands if {
	field := policy.violation with input as container(unconfined, null, {})
	[f.fix | some f in field] == [[{"op": "add", "path": "/spec/securityContext/appArmorProfile", "value": runtime}]]
	annotation := policy.violation with input as annotated("app", "unconfined", plain, {})
	[f.fix | some f in annotation] == [[{
		"op": "remove",
		"path": "/metadata/annotations/container.apparmor.security.beta.kubernetes.io~1app",
	}]]
}

test_no_profile_is_guessed if {
	findings := policy.violation with input as container(unconfined, null, {"allowed": ["Localhost"]})
	count(findings) == 1
	every finding in findings {
		not finding.fix
	}
}

test_windows_is_judged_strictly_alone if {
	spec := {"os": {"name": "windows"}, "containers": [{"name": "app", "securityContext": {"appArmorProfile": unconfined}}]}
	policy.violation == set() with input as pod({}, spec, {})
	count(policy.not_applicable) == 1 with input as pod({}, spec, {})
	count(policy.violation) == 1 with input as pod({}, spec, strict)
}
