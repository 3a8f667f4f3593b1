package bylaw.no_naked_pods_test

import data.bylaw.no_naked_pods as policy

pod(metadata) := {
	"review": {"kind": {"group": "", "version": "v1", "kind": "Pod"}, "name": "web", "object": {"metadata": metadata, "spec": {}}},
	"parameters": {},
}

test_an_owner_has_to_control_it if {
	owner := {"kind": "ReplicaSet", "name": "web-1", "uid": "u"}
	policy.violation == set() with input as pod({"ownerReferences": [owner, object.union(owner, {"controller": true})]})
	every owners in [null, [], [owner], [object.union(owner, {"controller": false})], [object.union(owner, {"controller": "true"})], "web"] {
		count(policy.violation) == 1 with input as pod({"ownerReferences": owners})
	}
}

test_only_a_hook_of_helm_is_exempt if {
	policy.violation == set() with input as pod({"annotations": {"helm.sh/hook": "test"}})
	count(policy.not_applicable) == 1 with input as pod({"annotations": {"helm.sh/hook": "pre-install,post-install"}})
	every annotations in [null, {}, {"helm.sh/hook": ""}, {"helm.sh/chart": "web"}, []] {
		count(policy.violation) == 1 with input as pod({"annotations": annotations})
	}
}
