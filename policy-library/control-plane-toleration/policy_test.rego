package bylaw.control_plane_toleration_test

import data.bylaw.control_plane_toleration as policy

pod(tolerations) := {"review": {
	"kind": {"group": "", "version": "v1", "kind": "Pod"},
	"name": "x",
	"object": {"spec": {"tolerations": tolerations}},
}}

key := "node-role.kubernetes.io/control-plane"

test_the_taints_of_the_control_plane_fail if {
	every toleration in [
		{"key": key}, {"key": key, "operator": "Exists"}, {"key": key, "operator": "Equal", "value": ""},
		{"key": key, "effect": "NoSchedule"}, {"key": key, "effect": "NoExecute"}, {"key": key, "effect": null},
		{"key": "node-role.kubernetes.io/master", "effect": "NoSchedule"},
		{"key": "node-role.kubernetes.io/controlplane", "value": "true"},
	] {
		count(policy.violation) == 1 with input as pod([toleration])
	}
}

test_so_does_everything_at_once if {
	every toleration in [
		{"operator": "Exists"}, {"key": "", "operator": "Exists"}, {"key": null, "operator": "Exists", "effect": ""},
		{"operator": "Exists", "effect": "NoSchedule"},
	] {
		count(policy.violation) == 1 with input as pod([toleration])
	}
}

test_others_pass if {
	every toleration in [
		{"key": key, "effect": "PreferNoSchedule"}, {"operator": "Exists", "effect": "NoExecute"},
		{"operator": "Exists", "effect": "PreferNoSchedule"}, {"key": "gpu", "operator": "Exists"}, {}, null, "x",
		{"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute"}, {"operator": "Equal"},
	] {
		policy.violation == set() with input as pod([toleration])
	}
	every tolerations in [null, [], "x", {}] {
		policy.violation == set() with input as pod(tolerations)
	}
}

test_each_toleration_is_a_finding_of_its_own if {
	findings := policy.violation with input as pod([{"key": "gpu"}, {"key": key}, {"operator": "Exists"}])
	{f.path | some f in findings} == {"spec.tolerations[1]", "spec.tolerations[2]"}
}
