package bylaw.volume_reclaim_policy_test

import data.bylaw.volume_reclaim_policy as policy

volume(value, allowed) := {
	"review": {
		"kind": {"group": "", "version": "v1", "kind": "PersistentVolume"},
		"name": "data",
		"object": {"spec": {"persistentVolumeReclaimPolicy": value}},
	},
	"parameters": {"allowed": allowed},
}

class(value, allowed) := {
	"review": {
		"kind": {"group": "storage.k8s.io", "version": "v1", "kind": "StorageClass"},
		"name": "fast",
		"object": {"reclaimPolicy": value},
	},
	"parameters": {"allowed": allowed},
}

test_unset_is_another_for_each_kind if {
	every value in [null, ""] {
		policy.violation == set() with input as volume(value, ["Retain"])
		count(policy.violation) == 1 with input as volume(value, ["Delete"])
		policy.violation == set() with input as class(value, ["Delete"])
		count(policy.violation) == 1 with input as class(value, ["Retain"])
	}
}

test_the_fix_sets_the_only_one if {
	findings := policy.violation with input as class(null, ["Retain"])
	[f.fix | some f in findings] == [[{"op": "add", "path": "/reclaimPolicy", "value": "Retain"}]]
	several := policy.violation with input as volume("Recycle", ["Retain", "Delete"])
	[f | some f in several; f.fix] == []
}

test_wrong_types_are_findings if {
	every value in ["retain", 5, true, [], {}] {
		count(policy.violation) == 1 with input as volume(value, ["Retain", "Delete", "Recycle"])
		count(policy.violation) == 1 with input as class(value, ["Retain", "Delete", "Recycle"])
	}
}
