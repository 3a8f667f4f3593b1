package bylaw.required_labels_test

import data.bylaw.required_labels as policy

defaults := {"labels": [{"key": "owner"}], "kinds": ["StatefulSet"], "where": "object"}

review(group, kind, object) := {"review": {"kind": {"group": group, "version": "v1", "kind": kind}, "name": "x", "object": object}}

set_(labels, parameters) := object.union(
	review("apps", "StatefulSet", {"metadata": {"labels": labels}, "spec": {"template": {"spec": {"containers": []}}}}),
	{"parameters": object.union(defaults, parameters)},
)

test_any_value_that_is_not_empty_will_do_without_a_pattern if {
	policy.violation == set() with input as set_({"owner": "jane"}, {})
	every value in [null, "", 5, true, []] {
		count(policy.violation) == 1 with input as set_({"owner": value}, {})
	}
}

test_labels_of_the_wrong_type_are_missing if {
	every labels in [null, [], "owner=jane", {}] {
		count(policy.violation) == 1 with input as set_(labels, {})
	}
	every manifest in [{}, {"metadata": null}, {"metadata": "x"}] {
		count(policy.violation) == 1 with input as object.union(review("apps", "StatefulSet", manifest), {"parameters": defaults})
	}
}

test_a_pattern_matches_as_a_whole if {
	pattern := {"labels": [{"key": "tier", "pattern": "gold|silver"}]}
	policy.violation == set() with input as set_({"tier": "silver"}, pattern)
	every value in ["silvery", "old gold", "GOLD", ""] {
		count(policy.violation) == 1 with input as set_({"tier": value}, pattern)
	}
}

test_kinds_are_chosen_by_name_group_and_pattern if {
	every kinds in [["StatefulSet"], ["apps/StatefulSet"], ["*"], ["apps/*"], ["Deployment", "Stateful*"]] {
		count(policy.violation) == 1 with input as set_({}, {"kinds": kinds})
	}
	every kinds in [["Deployment"], ["extensions/StatefulSet"], ["core/*"], ["statefulset"], ["apps*"]] {
		policy.violation == set() with input as set_({}, {"kinds": kinds})
		count(policy.not_applicable) == 1 with input as set_({}, {"kinds": kinds})
	}
}

test_the_core_group_has_a_name if {
	count(policy.violation) == 1 with input as object.union(review("", "Secret", {}), {"parameters": object.union(defaults, {"kinds": ["core/Secret"]})})
}

test_the_template_of_a_cron_job_is_deep_inside if {
	cron_job := review("batch", "CronJob", {"spec": {"jobTemplate": {"spec": {"template": {"spec": {"containers": []}}}}}})
	findings := policy.violation with input as object.union(cron_job, {"parameters": object.union(defaults, {"kinds": ["*"], "where": "pod_template"})})
	{f.path | some f in findings} == {"spec.jobTemplate.spec.template.metadata.labels.owner"}
}

test_both_places_without_a_template_is_the_object_alone if {
	config := object.union(review("", "ConfigMap", {}), {"parameters": object.union(defaults, {"kinds": ["*"], "where": "both"})})
	count(policy.violation) == 1 with input as config
	policy.not_applicable == set() with input as config
}

test_a_bad_pattern_skips_only_where_no_other_label_fails if {
	bad := {"labels": [{"key": "owner", "pattern": "("}, {"key": "team"}]}
	findings := policy.violation with input as set_({"owner": "jane"}, bad)
	{f.path | some f in findings} == {"metadata.labels.team"}
	count(policy.skipped) == 1 with input as set_({"owner": "jane", "team": "a"}, bad)
}

test_an_empty_value_fails_whatever_the_pattern if {
	count(policy.violation) == 1 with input as set_({"owner": ""}, {"labels": [{"key": "owner", "pattern": ".*"}]})
}

test_a_bad_pattern_is_told_only_where_it_would_be_used if {
	input_ := set_({"owner": "jane"}, {"labels": [{"key": "owner", "pattern": "("}], "kinds": ["Deployment"]})
	policy.skipped == set() with input as input_
	count(policy.not_applicable) == 1 with input as input_
}

test_a_pod_is_its_own_template if {
	pod := object.union(review("", "Pod", {"spec": {"containers": []}}), {"parameters": object.union(defaults, {"kinds": ["Pod"], "where": "pod_template"})})
	findings := policy.violation with input as pod
	{f.path | some f in findings} == {"metadata.labels.owner"}
}

test_a_template_of_something_else_is_no_pod_template if {
	machine := review("kubevirt.io", "VirtualMachine", {"spec": {"template": {"metadata": {}, "spec": {"domain": {}}}}})
	asked := object.union(machine, {"parameters": object.union(defaults, {"kinds": ["*"], "where": "pod_template"})})
	policy.violation == set() with input as asked
	policy.not_applicable == {"VirtualMachine has no pod template"} with input as asked
}

test_no_other_reason_is_given_for_a_kind_that_is_not_asked if {
	config := object.union(review("", "ConfigMap", {}), {"parameters": object.union(defaults, {"where": "pod_template"})})
	policy.not_applicable == {"labels are required of StatefulSet, not of ConfigMap"} with input as config
}
