package lib.host_mounts_test

import data.lib.host_mounts

pod(spec) := {"review": {"kind": {"group": "", "version": "v1", "kind": "Pod"}, "name": "x", "object": {"spec": spec}}}

mounted(path, mount) := host_mounts.mounted_folder({"volume": {"path": path}, "mount": mount})

test_only_host_paths_are_volumes_of_the_node if {
	spec := {"volumes": [
		{"name": "a", "emptyDir": {}}, {"name": "b", "hostPath": {"path": "/b"}}, {"name": "c", "hostPath": null},
		{"name": "d", "hostPath": {}}, null, "x",
	]}
	found := host_mounts.volumes with input as pod(spec)
	[[v.name, v.place, v.path] | some v in found] == [
		["b", "spec.volumes[1].hostPath.path", "/b"], ["d", "spec.volumes[3].hostPath.path", ""],
	]
}

test_mounts_are_found_in_every_list if {
	spec := {
		"volumes": [{"name": "a", "emptyDir": {}}, {"name": "b", "hostPath": {"path": "/b"}}],
		"containers": [{"name": "app", "volumeMounts": [{"name": "a"}, {"name": "b"}]}],
		"initContainers": [{"name": "init", "volumeMounts": [{"name": "b"}]}],
		"ephemeralContainers": [{"name": "debugger", "volumeMounts": [{"name": "b"}]}],
	}
	found := host_mounts.mounts with input as pod(spec)
	{m.place | some m in found} == {
		"spec.containers[0].volumeMounts[1]", "spec.initContainers[0].volumeMounts[0]",
		"spec.ephemeralContainers[0].volumeMounts[0]",
	}
}

test_nothing_is_mounted_without_volumes if {
	every volumes in [null, [], "x"] {
		host_mounts.mounts == [] with input as pod({"volumes": volumes, "containers": [{"volumeMounts": [{"name": "b"}]}]})
	}
	host_mounts.volumes == [] with input as pod({})
}

test_a_path_has_one_spelling if {
	every path in ["/run/docker.sock", "/var/run/docker.sock", "//run//docker.sock/", "/./var/run/./docker.sock"] {
		host_mounts.folder(path) == "run/docker.sock"
	}
	host_mounts.folder("/") == ""
	host_mounts.folder("") == ""
	host_mounts.folder("/var/lib") == "var/lib"
	host_mounts.folder(`\\.\pipe\docker_engine`) == "pipe/docker_engine"
}

test_a_sub_path_narrows_and_an_expression_does_not if {
	mounted("/", {}) == ""
	mounted("/", {"subPath": "etc/ssl"}) == "etc/ssl"
	mounted("/var", {"subPath": "run"}) == "run"
	mounted("/", {"subPathExpr": "$(FOLDER)"}) == ""
}
