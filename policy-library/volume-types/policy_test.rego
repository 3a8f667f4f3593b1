package bylaw.volume_types_test

import data.bylaw.volume_types as policy

default_types := ["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected", "secret"]

pod(items, parameters) := {
	"review": {
		"kind": {"group": "", "version": "v1", "kind": "Pod"},
		"name": "x",
		"object": {"spec": {"volumes": items, "containers": [{"name": "app"}]}},
	},
	"parameters": object.union({"allowed": default_types, "strict_upstream": false}, parameters),
}

of_type(type, parameters) := pod([{"name": "v", type: {}}], parameters)

test_the_default_types_pass if {
	every type in default_types {
		policy.violation == set() with input as of_type(type, {})
		policy.violation == set() with input as of_type(type, {"strict_upstream": true})
	}
}

test_other_types_fail_by_their_name if {
	every type in ["hostPath", "nfs", "iscsi", "rbd", "gitRepo", "awsElasticBlockStore", "somethingNew"] {
		findings := policy.violation with input as of_type(type, {})
		[[f.path, f.found] | some f in findings] == [[concat(".", ["spec.volumes[0]", type]), type]]
		policy.violation == set() with input as of_type(type, {"allowed": ["*"]})
		count(policy.violation) == 1 with input as of_type(type, {"strict_upstream": true})
	}
}

test_no_type_is_an_empty_dir if {
	every items in [[{"name": "v"}], [{"name": "v", "nfs": null}]] {
		policy.violation == set() with input as pod(items, {})
		policy.violation == set() with input as pod(items, {"strict_upstream": true})
		count(policy.violation) == 1 with input as pod(items, {"allowed": ["secret"]})
	}
}

test_of_several_types_each_has_to_be_allowed_but_strictly_one if {
	both := [{"name": "v", "nfs": {}, "emptyDir": {}}]
	count(policy.violation) == 1 with input as pod(both, {})
	policy.violation == set() with input as pod(both, {"strict_upstream": true})
}

test_no_volumes_pass if {
	every items in [null, []] {
		policy.violation == set() with input as pod(items, {})
		policy.violation == set() with input as pod(items, {"strict_upstream": true})
	}
}

test_an_empty_list_allows_none if {
	findings := policy.violation with input as of_type("secret", {"allowed": []})
	{f.message | some f in findings} == {"Volume \"v\" is of type secret, which is not allowed; use one that is allowed."}
}
