package bylaw.pod_anti_affinity_test

import data.bylaw.pod_anti_affinity as policy

defaults := {
	"min_replicas": 2,
	"required_only": false,
	"topology_keys": ["kubernetes.io/hostname", "topology.kubernetes.io/zone"],
	"accept_spread": true,
}

workload(kind, replicas, spec) := {
	"review": {
		"kind": {"group": "apps", "version": "v1", "kind": kind},
		"name": "web",
		"namespace": "shop",
		"object": {
			"metadata": {"name": "web"},
			"spec": {"replicas": replicas, "template": {"metadata": {"labels": {"app": "web"}}, "spec": spec}},
		},
	},
	"parameters": defaults,
}

own := {"topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": {"app": "web"}}}

required(terms) := {"affinity": {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}}}

preferred(terms) := {"affinity": {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": items}}} if {
	items := [{"weight": 1, "podAffinityTerm": term} | some term in terms]
}

spread(constraints) := {"topologySpreadConstraints": constraints}

apart(spec) := workload("Deployment", 2, spec)

with_parameters(input_, parameters) := object.union(input_, {"parameters": parameters})

test_one_good_rule_is_enough if {
	bad := {"topologyKey": "rack"}
	every spec in [
		required([bad, own]), preferred([bad, own]), spread([bad, object.union(own, {"whenUnsatisfiable": "DoNotSchedule"})]),
		object.union(required([bad]), spread([object.union(own, {"whenUnsatisfiable": "ScheduleAnyway"})])),
	] {
		policy.violation == set() with input as apart(spec)
		policy.skipped == set() with input as apart(spec)
		policy.not_applicable == set() with input as apart(spec)
	}
}

test_a_workload_has_one_finding_however_many_rules_are_wrong if {
	bad := {"topologyKey": "rack", "whenUnsatisfiable": "DoNotSchedule"}
	count(policy.violation) == 1 with input as apart(object.union(required([bad, bad]), spread([bad])))
}

test_required_only_leaves_preferences_out if {
	strict := {"required_only": true}
	anyway := object.union(own, {"whenUnsatisfiable": "ScheduleAnyway"})
	every spec in [preferred([own]), spread([anyway])] {
		policy.violation == set() with input as apart(spec)
		count(policy.violation) == 1 with input as with_parameters(apart(spec), strict)
	}
	policy.violation == set() with input as with_parameters(apart(required([own])), strict)
}

test_spread_is_accepted_only_by_parameter if {
	spec := spread([object.union(own, {"whenUnsatisfiable": "DoNotSchedule"})])
	count(policy.violation) == 1 with input as with_parameters(apart(spec), {"accept_spread": false})
	policy.violation == set() with input as with_parameters(apart(required([own])), {"accept_spread": false})
}

test_topology_keys_are_compared_as_a_whole if {
	every key in ["kubernetes.io/host", "kubernetes.io/hostname2", "Kubernetes.io/hostname", "hostname", "", null, 5, {}] {
		count(policy.violation) == 1 with input as apart(required([object.union(own, {"topologyKey": key})]))
	}
}

test_a_star_is_every_topology_key_but_none if {
	any_key := {"topology_keys": ["*"]}
	policy.violation == set() with input as with_parameters(apart(required([object.union(own, {"topologyKey": "rack"})])), any_key)
	count(policy.violation) == 1 with input as with_parameters(apart(required([object.union(own, {"topologyKey": ""})])), any_key)
}

test_wrong_types_don_t_pass if {
	every term in [null, "x", [], {"topologyKey": "kubernetes.io/hostname", "labelSelector": "app=web"}] {
		count(policy.violation) == 1 with input as apart(required([term]))
		count(policy.violation) == 1 with input as apart(preferred([term]))
		count(policy.violation) == 1 with input as apart(spread([term]))
	}
	count(policy.violation) == 1 with input as apart(object.union(required([own]), {"affinity": "x"}))
}

test_a_number_of_replicas_that_is_none_is_judged if {
	every value in ["2", true, [], {}] {
		count(policy.violation) == 1 with input as workload("Deployment", value, {})
		policy.violation == set() with input as workload("Deployment", value, required([own]))
	}
}

hpa(spec) := {"related": {"horizontal_pod_autoscalers": [{
	"metadata": {"name": "hpa"},
	"spec": object.union(spec, {"scaleTargetRef": {"kind": "Deployment", "name": "web"}}),
}]}}

test_the_autoscaler_s_minimum_counts_and_not_replicas if {
	count(policy.violation) == 1 with input as object.union(workload("Deployment", 1, {}), hpa({"minReplicas": 2}))
	count(policy.violation) == 1 with input as object.union(workload("Deployment", null, {}), hpa({"minReplicas": 2}))
	lowered := object.union(workload("Deployment", 9, {}), hpa({}))
	policy.violation == set() with input as lowered
	count(policy.not_applicable) == 1 with input as lowered
}

test_unset_replicas_are_not_applicable_whatever_the_minimum if {
	every minimum in [0, 1, 2] {
		input_ := with_parameters(workload("Deployment", null, {}), {"min_replicas": minimum})
		policy.violation == set() with input as input_
		count(policy.not_applicable) == 1 with input as input_
	}
}

test_an_object_without_namespace_lives_in_default if {
	term := object.union(own, {"namespaces": ["default"]})
	without := json.remove(apart(required([term])), ["review/namespace"])
	policy.violation == set() with input as without
	count(policy.violation) == 1 with input as apart(required([term]))
}

test_unknown_labels_of_the_namespace_are_not_guessed if {
	term := object.union(own, {"namespaceSelector": {"matchLabels": {"team": "x"}}})
	policy.violation == set() with input as apart(required([term]))
	count(policy.skipped) == 1 with input as apart(required([term]))
	policy.skipped == set() with input as apart(required([term, own]))
	known := object.union(apart(required([term])), {"context": {"namespace_labels": {"team": "y"}}})
	count(policy.violation) == 1 with input as known
	policy.skipped == set() with input as known
}

test_a_stateful_set_s_own_labels_tell_its_copies_apart if {
	by_name := object.union(own, {"matchLabelKeys": ["statefulset.kubernetes.io/pod-name"]})
	count(policy.violation) == 1 with input as workload("StatefulSet", 2, required([by_name]))
	by_version := object.union(own, {"matchLabelKeys": ["controller-revision-hash"]})
	policy.violation == set() with input as workload("StatefulSet", 2, required([by_version]))
}

test_another_version_is_not_a_copy if {
	versions := object.union(own, {"mismatchLabelKeys": ["pod-template-hash"]})
	count(policy.violation) == 1 with input as workload("Deployment", 2, required([versions]))
}

test_no_fix_is_offered if {
	findings := policy.violation with input as apart({})
	every finding in findings {
		not finding.fix
	}
	count(findings) == 1
}

test_empty_topology_keys_are_skipped_where_the_policy_applies if {
	none := {"topology_keys": []}
	policy.violation == set() with input as with_parameters(apart({}), none)
	count(policy.skipped) == 1 with input as with_parameters(apart({}), none)
	policy.skipped == set() with input as with_parameters(workload("Deployment", 1, {}), none)
}
