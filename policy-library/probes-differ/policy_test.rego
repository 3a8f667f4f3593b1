package bylaw.probes_differ_test

import data.bylaw.probes_differ as policy

pod(container) := {
	"review": {
		"kind": {"group": "", "version": "v1", "kind": "Pod"},
		"name": "x",
		"object": {"spec": {"containers": [object.union({"name": "app"}, container)]}},
	},
	"parameters": {"exclude_containers": [], "exclude_images": []},
}

both(liveness, readiness) := pod({
	"livenessProbe": liveness,
	"readinessProbe": readiness,
	"ports": [{"name": "http", "containerPort": 8080}],
})

alike(liveness, readiness) if count(policy.violation) == 1 with input as both(liveness, readiness)

test_defaults_are_filled_in if {
	alike({"httpGet": {"port": 8080}}, {"httpGet": {"port": 8080, "path": "/", "scheme": "HTTP", "host": ""}})
	alike({"httpGet": {"port": "http"}}, {"httpGet": {"port": 8080, "httpHeaders": null}})
	alike({"tcpSocket": {"port": 8080}}, {"tcpSocket": {"port": "http"}, "periodSeconds": 10, "failureThreshold": 3})
	alike({"grpc": {"port": 1}}, {"grpc": {"port": 1, "service": ""}})
	alike({"exec": {"command": ["true"]}}, {"exec": {"command": ["true"]}})
}

test_what_differs_is_another_question if {
	not alike({"httpGet": {"port": 8080, "path": "/a"}}, {"httpGet": {"port": 8080, "path": "/b"}})
	not alike({"httpGet": {"port": 8080}}, {"tcpSocket": {"port": 8080}})
	not alike({"httpGet": {"port": 8080}}, {"httpGet": {"port": 8081}})
	not alike({"httpGet": {"port": 8080}}, {"httpGet": {"port": 8080, "scheme": "HTTPS"}})
	not alike({"grpc": {"port": 1, "service": "live"}}, {"grpc": {"port": 1}})
	not alike({"exec": {"command": ["a"]}}, {"exec": {"command": ["b"]}})
}

test_patience_is_period_times_threshold if {
	same := {"tcpSocket": {"port": 1}}
	not alike(object.union(same, {"failureThreshold": 4}), same)
	not alike(object.union(same, {"periodSeconds": 11}), same)
	not alike(same, object.union(same, {"periodSeconds": 5}))
	alike(object.union(same, {"periodSeconds": 15, "failureThreshold": 2}), same)
	alike(same, object.union(same, {"failureThreshold": 9}))
	alike(object.union(same, {"failureThreshold": 0}), same)
}

test_one_probe_alone_differs_from_none if {
	policy.violation == set() with input as pod({"livenessProbe": {"tcpSocket": {"port": 1}}})
	not alike(null, null)
	not alike({}, {})
}

test_wrong_types_are_findings if {
	same := {"tcpSocket": {"port": 1}}
	every value in ["9", true, [], {}] {
		alike(object.union(same, {"failureThreshold": value}), same)
		alike(same, object.union(same, {"periodSeconds": value}))
	}
}
