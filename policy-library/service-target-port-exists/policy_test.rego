package bylaw.service_target_port_exists_test

import data.bylaw.service_target_port_exists as policy

service(port, ports) := {
	"review": {
		"kind": {"group": "", "version": "v1", "kind": "Service"},
		"name": "web",
		"object": {"spec": {"selector": {"app": "web"}, "ports": [port]}},
	},
	"related": {"workloads": [{
		"kind": "Deployment",
		"metadata": {"name": "web"},
		"spec": {"template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"ports": ports}]}}},
	}]},
	"parameters": {},
}

declared := [{"name": "http", "containerPort": 8080}, {"name": "dns", "containerPort": 53, "protocol": "UDP"}]

passes(port) if policy.violation == set() with input as service(port, declared)

test_names_and_numbers_lead_to_declared_ports if {
	passes({"port": 80, "targetPort": "http"})
	passes({"port": 80, "targetPort": 8080})
	passes({"port": 8080})
	passes({"port": 8080, "targetPort": 0})
	passes({"port": 53, "targetPort": "dns", "protocol": "UDP"})
	passes({"port": 80, "targetPort": "8080"})
	not passes({"port": 80})
	not passes({"port": 80, "targetPort": "web"})
	not passes({"port": 80, "targetPort": 8081})
	not passes({"port": 53, "targetPort": "dns"})
}

test_who_declares_nothing_may_listen_anywhere_but_has_no_names if {
	policy.violation == set() with input as service({"port": 80, "targetPort": 8080}, null)
	count(policy.violation) == 1 with input as service({"port": 80, "targetPort": "http"}, null)
}

test_a_service_that_selects_nothing_is_the_matter_of_another if {
	other := object.union(service({"port": 80}, declared), {"related": {"workloads": []}})
	policy.violation == set() with input as other
	count(policy.not_applicable) == 1 with input as other
}

test_unknown_workloads_are_no_missing_ones if {
	unknown := json.remove(service({"port": 80}, declared), ["related"])
	policy.violation == set() with input as unknown
	count(policy.skipped) == 1 with input as unknown
}

young := {"context": {"creation_timestamp": "2026-11-24T10:00:00Z", "now": "2026-11-24T10:01:00Z"}}

test_the_young_wait_for_what_is_missing_only if {
	policy.violation == set() with input as object.union(service({"port": 80}, declared), young)
	count(policy.skipped) == 1 with input as object.union(service({"port": 80}, declared), young)
	policy.skipped == set() with input as object.union(service({"port": 8080}, declared), young)
}

test_wrong_types_are_findings if {
	every target in [true, [], {}] {
		not passes({"port": 80, "targetPort": target})
	}
}
