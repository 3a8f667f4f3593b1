package bylaw.no_default_service_account_test

import data.bylaw.no_default_service_account as policy

pod(spec) := {"review": {"kind": {"group": "", "version": "v1", "kind": "Pod"}, "name": "x", "object": {"spec": spec}}}

test_an_account_of_its_own_passes_in_either_field if {
	every spec in [{"serviceAccountName": "a"}, {"serviceAccount": "a"}, {"serviceAccountName": "a", "serviceAccount": "default"}] {
		policy.violation == set() with input as pod(spec)
	}
}

test_none_and_default_fail if {
	every spec in [
		{}, {"serviceAccountName": null}, {"serviceAccountName": ""}, {"serviceAccountName": "default"},
		{"serviceAccount": "default"}, {"serviceAccountName": "default", "serviceAccount": "a"},
	] {
		count(policy.violation) == 1 with input as pod(spec)
	}
}

test_wrong_types_are_findings if {
	every value in [5, true, false, [], {}] {
		count(policy.violation) == 1 with input as pod({"serviceAccountName": value})
	}
}

test_the_place_is_the_field_that_says_it if {
	findings := policy.violation with input as pod({"serviceAccount": "default"})
	[[f.path, f.found] | some f in findings] == [["spec.serviceAccountName", "default"]]
	unset := policy.violation with input as pod({})
	[[f.path, f.found] | some f in unset] == [["spec.serviceAccountName", null]]
}
