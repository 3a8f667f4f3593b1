package bylaw.probe_lifecycle_host_test

import data.bylaw.probe_lifecycle_host as policy

pod(spec, parameters) := {
	"review": {"kind": {"group": "", "version": "v1", "kind": "Pod"}, "name": "x", "object": {"spec": spec}},
	"parameters": object.union(
		{"strict_upstream": false, "version": "", "exclude_containers": [], "exclude_images": []},
		parameters,
	),
}

one(container, parameters) := pod({"containers": [object.union({"name": "app"}, container)]}, parameters)

asking(host) := {"httpGet": {"path": "/", "port": 80, "host": host}}

test_every_probe_and_hook_is_looked_at if {
	every probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
		findings := policy.violation with input as one({probe: asking("10.0.0.1")}, {})
		[f.path | some f in findings] == [concat("", ["spec.containers[0].", probe, ".httpGet.host"])]
		count(policy.violation) == 1 with input as one({probe: {"tcpSocket": {"port": 80, "host": "x"}}}, {})
	}
	every hook in ["postStart", "preStop"] {
		findings := policy.violation with input as one({"lifecycle": {hook: asking("10.0.0.1")}}, {})
		[f.path | some f in findings] == [concat("", ["spec.containers[0].lifecycle.", hook, ".httpGet.host"])]
		count(policy.violation) == 1 with input as one({"lifecycle": {hook: {"tcpSocket": {"port": 80, "host": "x"}}}}, {})
	}
}

test_no_host_passes if {
	every probe in [null, {}, asking(""), asking(null), {"exec": {"command": ["true"]}}, {"grpc": {"port": 1}}, "x", []] {
		policy.violation == set() with input as one({"livenessProbe": probe, "lifecycle": {"preStop": probe}}, {})
	}
	policy.violation == set() with input as one({"lifecycle": null}, {})
}

test_wrong_types_are_findings if {
	every host in [1, true, [], {}] {
		count(policy.violation) == 1 with input as one({"livenessProbe": asking(host)}, {})
	}
}

test_the_fix_removes_the_host if {
	findings := policy.violation with input as one({"lifecycle": {"preStop": asking("10.0.0.1")}}, {})
	[f.fix | some f in findings] == [[{"op": "remove", "path": "/spec/containers/0/lifecycle/preStop/httpGet/host"}]]
}

test_strictly_it_begins_with_its_version if {
	every version, found in {"1.33": 0, "1.34": 1, "latest": 1, "": 1} {
		count(policy.violation) == found with input as one({"livenessProbe": asking("x")}, {"strict_upstream": true, "version": version})
		count(policy.violation) == 1 with input as one({"livenessProbe": asking("x")}, {"version": version})
	}
}

test_ephemeral_containers_are_looked_at_strictly_alone if {
	spec := {"containers": [{"name": "app"}], "ephemeralContainers": [{"name": "debugger", "livenessProbe": asking("x")}]}
	policy.violation == set() with input as pod(spec, {})
	findings := policy.violation with input as pod(spec, {"strict_upstream": true})
	count(findings) == 1
	every finding in findings {
		not finding.fix
	}
}
