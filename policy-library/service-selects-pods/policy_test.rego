package bylaw.service_selects_pods_test

import data.bylaw.service_selects_pods as policy

service(spec, related, context) := {
	"review": {"kind": {"group": "", "version": "v1", "kind": "Service"}, "name": "web", "object": {"spec": spec}},
	"related": related,
	"context": context,
	"parameters": {},
}

deployment(labels) := {"workloads": [{"kind": "Deployment", "metadata": {"name": "web", "labels": {"team": "shop"}}, "spec": {"template": {"metadata": {"labels": labels}}}}]}

passes(selector, related) if policy.violation == set() with input as service({"selector": selector}, related, {})

test_all_labels_of_the_selector_are_on_the_pods if {
	passes({"app": "web"}, deployment({"app": "web", "tier": "front"}))
	passes({"app": "web", "tier": "front"}, deployment({"app": "web", "tier": "front"}))
	not passes({"app": "web", "tier": "back"}, deployment({"app": "web", "tier": "front"}))
	not passes({"app": "web"}, deployment({}))
	not passes({"app": "web"}, {"workloads": []})
}

test_the_labels_of_the_workload_itself_do_not_count if {
	not passes({"team": "shop"}, deployment({"app": "web"}))
}

test_a_pod_of_a_stateful_set_has_its_name_as_a_label if {
	passes({"app": "db", "statefulset.kubernetes.io/pod-name": "db-0"}, {"workloads": [{"kind": "StatefulSet", "metadata": {"name": "db"}, "spec": {"template": {"metadata": {"labels": {"app": "db"}}}}}]})
}

test_others_are_left_alone if {
	every spec in [{}, {"selector": null}, {"selector": {}}, {"type": "ExternalName", "selector": {"app": "web"}}] {
		policy.violation == set() with input as service(spec, {"workloads": []}, {})
		count(policy.not_applicable) == 1 with input as service(spec, {"workloads": []}, {})
		policy.skipped == set() with input as service(spec, {}, {})
	}
}

test_unknown_workloads_are_no_missing_ones if {
	passes({"app": "web"}, {})
	count(policy.skipped) == 1 with input as service({"selector": {"app": "web"}}, {}, {})
}

test_an_operator_may_make_them if {
	operated := {"workloads": [], "operated": [{"kind": "Prometheus", "metadata": {"name": "k8s"}}]}
	passes({"app": "web"}, operated)
	count(policy.skipped) == 1 with input as service({"selector": {"app": "web"}}, operated, {})
}

young := {"creation_timestamp": "2026-11-24T10:00:00Z", "now": "2026-11-24T10:01:00Z"}

test_the_young_wait_for_what_is_missing_only if {
	policy.violation == set() with input as service({"selector": {"app": "web"}}, {"workloads": []}, young)
	count(policy.skipped) == 1 with input as service({"selector": {"app": "web"}}, {"workloads": []}, young)
	policy.skipped == set() with input as service({"selector": {"app": "web"}}, deployment({"app": "web"}), young)
}
