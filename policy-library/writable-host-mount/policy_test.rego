package bylaw.writable_host_mount_test

import data.bylaw.writable_host_mount as policy

pod(list, mount) := {
	"review": {"kind": {"group": "", "version": "v1", "kind": "Pod"}, "name": "x", "object": {"spec": {
		"volumes": [{"name": "a", "emptyDir": {}}, {"name": "b", "hostPath": {"path": "/b"}}],
		list: [{"name": "app", "volumeMounts": [{"name": "a", "mountPath": "/a"}, mount]}],
	}}},
	"parameters": {"exclude_containers": [], "exclude_images": []},
}

test_only_true_is_read_only if {
	policy.violation == set() with input as pod("containers", {"name": "b", "readOnly": true})
	every value in [false, null, "true", 1, [], {}] {
		count(policy.violation) == 1 with input as pod("containers", {"name": "b", "readOnly": value})
	}
	count(policy.violation) == 1 with input as pod("containers", {"name": "b"})
}

test_other_volumes_are_the_pods_own if {
	every mount in [{"name": "a"}, {"name": "c"}, {}, {"name": null}] {
		policy.violation == set() with input as pod("containers", mount)
	}
}

test_the_fix_writes_into_the_mount if {
	findings := policy.violation with input as pod("initContainers", {"name": "b"})
	[[f.path, f.fix] | some f in findings] == [[
		"spec.initContainers[0].volumeMounts[1].readOnly",
		[{"op": "add", "path": "/spec/initContainers/0/volumeMounts/1/readOnly", "value": true}],
	]]
}

test_an_ephemeral_container_gets_no_fix if {
	findings := policy.violation with input as pod("ephemeralContainers", {"name": "b"})
	count(findings) == 1
	every finding in findings {
		not finding.fix
	}
}
