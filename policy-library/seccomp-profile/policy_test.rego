package bylaw.seccomp_profile_test

import data.bylaw.seccomp_profile as policy

defaults := {
	"allowed": ["RuntimeDefault", "Localhost"],
	"allow_unset": false,
	"strict_upstream": false,
	"upstream_level": "restricted",
	"exclude_containers": [],
	"exclude_images": [],
}

pod(spec, parameters) := {
	"review": {"kind": {"group": "", "version": "v1", "kind": "Pod"}, "name": "x", "object": {"spec": spec}},
	"parameters": object.union(defaults, parameters),
}

container(pod_profile, profile, parameters) := pod(
	{
		"securityContext": {"seccompProfile": pod_profile},
		"containers": [{"name": "app", "securityContext": {"seccompProfile": profile}}],
	},
	parameters,
)

runtime := {"type": "RuntimeDefault"}

unconfined := {"type": "Unconfined"}

strict := {"strict_upstream": true}

baseline := {"strict_upstream": true, "upstream_level": "baseline", "allow_unset": true}

test_what_holds_for_the_container_is_judged if {
	every good in [[runtime, null], [null, runtime], [unconfined, runtime], [null, {"type": "Localhost", "localhostProfile": "p.json"}]] {
		policy.violation == set() with input as container(good[0], good[1], {})
	}
	every bad in [[null, null], [unconfined, null], [runtime, unconfined], [runtime, {}], [null, {"type": "runtime/default"}]] {
		count(policy.violation) == 1 with input as container(bad[0], bad[1], {})
	}
}

test_strictly_a_bad_profile_of_the_pod_fails_though_it_is_overridden if {
	findings := policy.violation with input as container(unconfined, runtime, strict)
	[[f.path, object.get(f, "container", "")] | some f in findings] == [["spec.securityContext.seccompProfile.type", ""]]
	policy.violation == set() with input as container(runtime, null, strict)
	count(policy.violation) == 1 with input as container(null, null, strict)
}

test_only_an_unset_profile_is_accepted_as_unset if {
	policy.violation == set() with input as container(null, null, {"allow_unset": true})
	every profile in [{}, unconfined, "RuntimeDefault", 1] {
		count(policy.violation) == 1 with input as container(null, profile, {"allow_unset": true})
	}
}

test_the_fix_replaces_the_whole_profile_where_it_stands if {
	own := policy.violation with input as container(null, object.union(unconfined, {"localhostProfile": "x"}), {})
	[f.fix | some f in own] == [[{"op": "add", "path": "/spec/containers/0/securityContext/seccompProfile", "value": runtime}]]
	pods_ := policy.violation with input as container(unconfined, null, {})
	[f.fix | some f in pods_] == [[{"op": "add", "path": "/spec/securityContext/seccompProfile", "value": runtime}]]
}

test_no_profile_is_guessed if {
	every profiles in [[null, null], [unconfined, null], [null, unconfined]] {
		findings := policy.violation with input as container(profiles[0], profiles[1], {"allowed": ["Localhost"]})
		count(findings) == 1
		every finding in findings {
			not finding.fix
		}
	}
}

test_an_ephemeral_container_gets_no_fix if {
	findings := policy.violation with input as pod({"ephemeralContainers": [{"name": "debugger"}]}, {})
	count(findings) == 1
	every finding in findings {
		not finding.fix
	}
}

test_windows_is_judged_by_the_baseline_alone if {
	spec := {"os": {"name": "windows"}, "containers": [{"name": "app", "securityContext": {"seccompProfile": unconfined}}]}
	every parameters in [{}, strict, {"upstream_level": "baseline"}] {
		policy.violation == set() with input as pod(spec, parameters)
		count(policy.not_applicable) == 1 with input as pod(spec, parameters)
	}
	count(policy.violation) == 1 with input as pod(spec, baseline)
}
