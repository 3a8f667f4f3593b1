package bylaw.no_runtime_socket_mount_test

import data.bylaw.no_runtime_socket_mount as policy

parameters := {"exclude_containers": [], "exclude_images": []}

pod(spec) := {
	"review": {"kind": {"group": "", "version": "v1", "kind": "Pod"}, "name": "x", "object": {"spec": spec}},
	"parameters": parameters,
}

mounted(path, mount) := pod({
	"volumes": [{"name": "v", "hostPath": {"path": path}}],
	"containers": [{"name": "app", "volumeMounts": [object.union({"name": "v", "mountPath": "/x"}, mount)]}],
})

test_every_runtime_has_its_socket if {
	every path in [
		"/var/run/docker.sock", "/run/docker.sock", "/run/containerd/containerd.sock", "/var/run/crio/crio.sock",
		"/run/podman/podman.sock", "/run/k3s/containerd/containerd.sock", "/run/k0s/containerd.sock",
		"/var/run/cri-dockerd.sock", "/var/run/dockershim.sock", "/var/snap/microk8s/common/run/containerd.sock",
		"/elsewhere/docker.sock", `\\.\pipe\docker_engine`, `\\.\pipe\containerd-containerd`, "/run//docker.sock/",
	] {
		findings := policy.violation with input as mounted(path, {"readOnly": true})
		{f.found | some f in findings} == {path}
	}
}

test_so_have_the_folders_above_it if {
	every path in ["/", "/run", "/var/run", "/var/run/", "/run/containerd", "/run/k3s", "/run/crio/"] {
		count(policy.violation) == 1 with input as mounted(path, {})
	}
}

test_other_files_and_folders_are_none if {
	every path in [
		"/var", "/var/log", "/run/containerd/io.containerd.runtime.v2.task", "/run/systemd", "/run/xtables.lock",
		"/var/lib/docker", "/etc/docker.sock.d", "/docker", "/var/runtime",
	] {
		policy.violation == set() with input as mounted(path, {})
	}
}

test_a_sub_path_leads_further_down if {
	policy.violation == set() with input as mounted("/", {"subPath": "etc/ssl"})
	count(policy.violation) == 1 with input as mounted("/", {"subPath": "run"})
	count(policy.violation) == 1 with input as mounted("/var", {"subPath": "run/docker.sock"})
	count(policy.violation) == 1 with input as mounted("/run", {"subPathExpr": "$(NAME)"})
}

test_a_volume_that_nobody_mounts_is_judged_too if {
	findings := policy.violation with input as pod({"volumes": [{"name": "v", "hostPath": {"path": "/run/docker.sock"}}], "containers": [{"name": "app"}]})
	[f.path | some f in findings] == ["spec.volumes[0].hostPath.path"]
}

test_one_volume_is_one_finding_however_often_it_is_mounted if {
	mount := {"name": "v", "mountPath": "/x"}
	count(policy.violation) == 1 with input as pod({
		"volumes": [{"name": "v", "hostPath": {"path": "/run"}}],
		"containers": [{"name": "a", "volumeMounts": [mount, mount]}, {"name": "b", "volumeMounts": [mount]}],
	})
}

test_wrong_types_break_nothing if {
	every source in ["/run/docker.sock", [], {"path": 5}, {"path": null}, {}] {
		spec := {"volumes": [{"name": "v", "hostPath": source}], "containers": [{"name": "a"}]}
		count(policy.violation) <= 1 with input as pod(spec)
	}
}
