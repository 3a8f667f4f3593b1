package bylaw.volume_claim_size_test

import data.bylaw.volume_claim_size as policy

claim(spec, max_size) := {
	"review": {
		"kind": {"group": "", "version": "v1", "kind": "PersistentVolumeClaim"},
		"name": "data",
		"object": {"spec": spec},
	},
	"parameters": {"max": max_size},
}

size(amount, max_size) := claim({"resources": {"requests": {"storage": amount}}}, max_size)

test_the_maximum_itself_passes_in_any_spelling if {
	every pair in [["100Gi", "100Gi"], ["102400Mi", "100Gi"], [1073741824, "1Gi"], ["1Ti", 1099511627776], ["1e3", "1k"], [0, "1Gi"]] {
		policy.violation == set() with input as size(pair[0], pair[1])
	}
	every pair in [["101Gi", "100Gi"], ["1Ti", "1023Gi"], [1073741825, "1Gi"], ["1G", 999999999]] {
		count(policy.violation) == 1 with input as size(pair[0], pair[1])
	}
}

test_nothing_said_and_nonsense_fail if {
	every amount in [null, "", "1GB", true, [], {}] {
		count(policy.violation) == 1 with input as size(amount, "1Gi")
	}
	every spec in [null, {}, {"resources": null}, {"resources": {"limits": {"storage": "1Mi"}}}] {
		count(policy.violation) == 1 with input as claim(spec, "1Gi")
	}
}

test_each_claim_of_a_stateful_set_is_judged if {
	templates := [
		{"metadata": {"name": "a"}, "spec": {"resources": {"requests": {"storage": "1Gi"}}}},
		{"metadata": {"name": "b"}, "spec": {"resources": {"requests": {"storage": "3Gi"}}}},
	]
	findings := policy.violation with input as {
		"review": {
			"kind": {"group": "apps", "version": "v1", "kind": "StatefulSet"},
			"name": "db",
			"object": {"spec": {"volumeClaimTemplates": templates}},
		},
		"parameters": {"max": "2Gi"},
	}
	{f.path | some f in findings} == {"spec.volumeClaimTemplates[1].spec.resources.requests.storage"}
}

test_nothing_is_judged_without_a_maximum if {
	policy.violation == set() with input as size("9Ti", "")
	policy.skipped == {"needs parameters: max is not set"} with input as size("9Ti", "")
	policy.skipped == set() with input as size("9Ti", "10Ti")
}
