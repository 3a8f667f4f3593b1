package bylaw.liveness_probe_test

import data.bylaw.liveness_probe as policy

none := {"exclude_containers": [], "exclude_images": []}

review(group, kind, object) := {"review": {"kind": {"group": group, "version": "v1", "kind": kind}, "name": "x", "object": object}, "parameters": none}

pod(spec) := review("", "Pod", {"spec": spec})

probe(value) := pod({"containers": [{"name": "app", "livenessProbe": value}]})

test_each_handler_alone_is_enough if {
	every value in [
		{"httpGet": {"port": 80}}, {"tcpSocket": {"port": 80}}, {"grpc": {"port": 80}}, {"exec": {"command": ["true"]}},
	] {
		policy.violation == set() with input as probe(value)
	}
}

test_an_empty_or_wrong_handler_is_none if {
	every value in [{"httpGet": {}}, {"httpGet": "/"}, {"exec": null}, {"other": {"port": 80}}, {}, [], "/", 80, true, false] {
		count(policy.violation) == 1 with input as probe(value)
	}
}

test_no_fix_is_offered if {
	findings := policy.violation with input as probe(null)
	count(findings) == 1
	every finding in findings {
		not finding.fix
	}
}

test_only_regular_containers_are_asked if {
	policy.violation == set() with input as pod({
		"initContainers": [{"name": "a"}, {"name": "b", "restartPolicy": "Always"}],
		"ephemeralContainers": [{"name": "c"}],
		"containers": [{"name": "d", "livenessProbe": {"grpc": {"port": 1}}}],
	})
}

test_what_runs_to_its_end_is_not_applicable if {
	template := {"spec": {"template": {"spec": {"containers": [{"name": "app"}]}}}}
	every kind in [["batch", "Job"], ["serving.knative.dev", "Service"]] {
		policy.violation == set() with input as review(kind[0], kind[1], template)
		count(policy.not_applicable) == 1 with input as review(kind[0], kind[1], template)
	}
	policy.violation == set() with input as pod({"restartPolicy": "OnFailure", "containers": [{"name": "app"}]})
}

test_a_pod_that_is_restarted_always_is_judged if {
	count(policy.violation) == 1 with input as pod({"restartPolicy": "Always", "containers": [{"name": "app"}]})
	count(policy.violation) == 1 with input as pod({"containers": [{"name": "app"}]})
}
