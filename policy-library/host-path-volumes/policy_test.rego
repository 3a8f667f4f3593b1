package bylaw.host_path_volumes_test

import data.bylaw.host_path_volumes as policy

defaults := {
	"allowed_paths": [],
	"read_only": true,
	"strict_upstream": false,
	"upstream_level": "restricted",
	"exclude_containers": [],
	"exclude_images": [],
}

pod(spec, parameters) := {
	"review": {"kind": {"group": "", "version": "v1", "kind": "Pod"}, "name": "x", "object": {"spec": spec}},
	"parameters": object.union(defaults, parameters),
}

mounting(path, mount, parameters) := pod(
	{
		"volumes": [{"name": "v", "hostPath": {"path": path}}],
		"containers": [{"name": "app", "volumeMounts": [object.union({"name": "v", "mountPath": "/v"}, mount)]}],
	},
	parameters,
)

reading := {"readOnly": true}

test_a_path_is_allowed_with_all_that_is_below_it if {
	logs := {"allowed_paths": ["/var/log"]}
	every path in ["/var/log", "/var/log/", "/var/log/pods", "//var//log", "/var/./log/x"] {
		policy.violation == set() with input as mounting(path, reading, logs)
	}
	every path in ["/var/logs", "/var", "/", "/var/log/..", "/var/log/../run", "", "/VAR/log"] {
		count(policy.violation) == 1 with input as mounting(path, reading, logs)
	}
}

test_root_and_star_allow_everything_but_a_way_up if {
	every allowed in ["/", "*"] {
		policy.violation == set() with input as mounting("/etc", reading, {"allowed_paths": [allowed]})
		count(policy.violation) == 1 with input as mounting("/etc/../x", reading, {"allowed_paths": [allowed]})
	}
}

test_windows_paths_are_read_too if {
	policy.violation == set() with input as mounting("C:\\logs\\app", reading, {"allowed_paths": ["C:/logs"]})
	count(policy.violation) == 1 with input as mounting("C:\\Windows", reading, {"allowed_paths": ["C:/logs"]})
}

test_what_is_allowed_is_only_for_reading if {
	logs := {"allowed_paths": ["/var/log"]}
	every mount in [{}, {"readOnly": false}, {"readOnly": null}, {"readOnly": "true"}] {
		findings := policy.violation with input as mounting("/var/log", mount, logs)
		[f.fix | some f in findings] == [[{"op": "add", "path": "/spec/containers/0/volumeMounts/0/readOnly", "value": true}]]
		policy.violation == set() with input as mounting("/var/log", mount, object.union(logs, {"read_only": false}))
	}
}

test_what_is_not_allowed_is_one_finding_whoever_mounts_it if {
	findings := policy.violation with input as mounting("/etc", {}, {})
	[[f.path, f.found] | some f in findings] == [["spec.volumes[0].hostPath.path", "/etc"]]
}

test_an_ephemeral_container_gets_no_fix if {
	spec := {
		"volumes": [{"name": "v", "hostPath": {"path": "/var/log"}}],
		"ephemeralContainers": [{"name": "debugger", "volumeMounts": [{"name": "v", "mountPath": "/v"}]}],
	}
	findings := policy.violation with input as pod(spec, {"allowed_paths": ["/var/log"]})
	count(findings) == 1
	every finding in findings {
		not finding.fix
	}
}

test_a_volume_is_left_out_with_all_who_mount_it if {
	spec := {
		"volumes": [{"name": "v", "hostPath": {"path": "/etc"}}],
		"containers": [{"name": "agent", "volumeMounts": [{"name": "v"}]}, {"name": "app"}],
	}
	policy.violation == set() with input as pod(spec, {"exclude_containers": ["agent"]})
	count(policy.violation) == 1 with input as pod(spec, {"exclude_containers": ["app"]})
	shared := object.union(spec, {"containers": [{"name": "agent", "volumeMounts": [{"name": "v"}]}, {"name": "app", "volumeMounts": [{"name": "v"}]}]})
	count(policy.violation) == 1 with input as pod(shared, {"exclude_containers": ["agent"]})
	unmounted := object.union(spec, {"containers": [{"name": "agent"}, {"name": "app"}]})
	count(policy.violation) == 1 with input as pod(unmounted, {"exclude_containers": ["agent"]})
}

test_a_second_type_is_an_excuse_at_the_restricted_level_alone if {
	spec := {"volumes": [{"name": "v", "hostPath": {"path": "/etc"}, "emptyDir": {}}], "containers": [{"name": "app"}]}
	policy.violation == set() with input as pod(spec, {"strict_upstream": true})
	every parameters in [{}, {"strict_upstream": true, "upstream_level": "baseline"}] {
		count(policy.violation) == 1 with input as pod(spec, parameters)
	}
}

test_wrong_types_are_findings if {
	every source in [{}, "/etc", {"path": null}, {"path": 1}, []] {
		spec := {"volumes": [{"name": "v", "hostPath": source}], "containers": [{"name": "app"}]}
		count(policy.violation) == 1 with input as pod(spec, {"allowed_paths": ["*"]})
	}
	every items in [null, "x", [null], ["x"], [{"name": "v", "hostPath": null}]] {
		policy.violation == set() with input as pod({"volumes": items, "containers": [{"name": "app"}]}, {})
	}
}
