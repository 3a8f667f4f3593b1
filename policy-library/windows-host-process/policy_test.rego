package bylaw.windows_host_process_test

import data.bylaw.windows_host_process as policy

pod(spec, strict) := {
	"review": {"kind": {"group": "", "version": "v1", "kind": "Pod"}, "name": "x", "object": {"spec": spec}},
	"parameters": {"strict_upstream": strict, "exclude_containers": [], "exclude_images": []},
}

container(pods_, own, strict) := pod(
	{
		"securityContext": {"windowsOptions": pods_},
		"containers": [{"name": "app", "securityContext": {"windowsOptions": own}}],
	},
	strict,
)

yes := {"hostProcess": true}

no := {"hostProcess": false}

test_what_holds_for_the_container_is_judged if {
	every good in [[null, null], [no, null], [null, no], [yes, no], [{}, {"runAsUserName": "x"}], [{"hostProcess": null}, null]] {
		policy.violation == set() with input as container(good[0], good[1], false)
	}
	every bad in [[yes, null], [null, yes], [no, yes], [yes, {"runAsUserName": "x"}], [yes, {"hostProcess": null}]] {
		count(policy.violation) == 1 with input as container(bad[0], bad[1], false)
	}
}

test_strictly_a_pod_that_says_it_fails_though_it_is_overridden if {
	findings := policy.violation with input as container(yes, no, true)
	[[f.path, f.message] | some f in findings] == [[
		"spec.securityContext.windowsOptions.hostProcess",
		"This Pod is a process of the Windows node it runs on; remove hostProcess, and hostNetwork with it.",
	]]
	count(policy.violation) == 2 with input as container(yes, yes, true)
	policy.violation == set() with input as container(no, no, true)
	policy.violation == set() with input as container({}, null, true)
}

test_wrong_types_are_findings if {
	every value in ["true", "false", 1, {}, []] {
		count(policy.violation) == 1 with input as container(null, {"hostProcess": value}, false)
		count(policy.violation) == 1 with input as container(null, {"hostProcess": value}, true)
	}
}
