package bylaw.read_only_root_filesystem_test

import data.bylaw.read_only_root_filesystem as policy

pod(spec) := {
	"review": {"kind": {"group": "", "version": "v1", "kind": "Pod"}, "name": "x", "object": {"spec": spec}},
	"parameters": {"exclude_containers": [], "exclude_images": []},
}

context(value) := pod({"containers": [{"name": "app", "securityContext": value}]})

test_only_true_passes if {
	policy.violation == set() with input as context({"readOnlyRootFilesystem": true})
	every value in [null, {}, "x", {"readOnlyRootFilesystem": false}, {"readOnlyRootFilesystem": "true"}, {"readOnlyRootFilesystem": 1}] {
		count(policy.violation) == 1 with input as context(value)
	}
}

test_the_pod_cannot_say_it if {
	count(policy.violation) == 1 with input as pod({
		"securityContext": {"readOnlyRootFilesystem": true},
		"containers": [{"name": "app"}],
	})
}

test_the_fix_writes_it_into_the_container if {
	findings := policy.violation with input as context(null)
	[f.fix | some f in findings] == [[
		{"op": "add", "path": "/spec/containers/0/securityContext", "value": {}},
		{"op": "add", "path": "/spec/containers/0/securityContext/readOnlyRootFilesystem", "value": true},
	]]
}

test_an_ephemeral_container_gets_no_fix if {
	findings := policy.violation with input as pod({"ephemeralContainers": [{"name": "debugger"}]})
	count(findings) == 1
	every finding in findings {
		not finding.fix
	}
}
