package bylaw.single_instance_volume_test

import data.bylaw.single_instance_volume as policy

deployment(spec, claims) := {
	"review": {
		"kind": {"group": "apps", "version": "v1", "kind": "Deployment"},
		"name": "wiki",
		"object": {"spec": object.union(
			{"template": {"spec": {"containers": [], "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "wiki"}}]}}},
			spec,
		)},
	},
	"related": {"claims": [{"metadata": {"name": "wiki"}, "spec": {"accessModes": claims}}]},
	"parameters": {},
}

paths(spec, modes) := {finding.path | some finding in findings} if findings := policy.violation with input as deployment(spec, modes)

test_what_several_nodes_can_hold_is_left_alone if {
	every modes in [["ReadWriteMany"], ["ReadOnlyMany"], ["ReadWriteOnce", "ReadWriteMany"]] {
		paths({"replicas": 3}, modes) == set()
		paths({}, modes) == set()
	}
}

test_one_node_holds_it_once if {
	every modes in [["ReadWriteOnce"], ["ReadWriteOncePod"], [], null] {
		paths({"replicas": 2}, modes) == {"spec.replicas"}
		paths({"replicas": 1}, modes) == {"spec.strategy.type"}
		paths({}, modes) == {"spec.strategy.type"}
	}
}

test_the_old_pod_may_go_first_in_two_ways if {
	paths({"strategy": {"type": "Recreate"}}, ["ReadWriteOnce"]) == set()
	every surge in [0, "0%"] {
		paths({"strategy": {"rollingUpdate": {"maxSurge": surge, "maxUnavailable": 1}}}, ["ReadWriteOnce"]) == set()
	}
	every surge in [1, "25%", null] {
		paths({"strategy": {"rollingUpdate": {"maxSurge": surge}}}, ["ReadWriteOnce"]) == {"spec.strategy.type"}
	}
	paths({"replicas": 2, "strategy": {"type": "Recreate"}}, ["ReadWriteOnce"]) == {"spec.replicas"}
}

test_an_unknown_claim_is_assumed_to_be_for_one_node if {
	unknown := object.union(deployment({"replicas": 2}, []), {"related": {"claims": []}})
	findings := policy.violation with input as unknown
	[contains(f.message, "ReadWriteOnce was assumed") | some f in findings] == [true]
	count(policy.violation) == 1 with input as json.remove(unknown, ["related"])
}

test_the_fix_replaces_the_strategy_as_a_whole if {
	findings := policy.violation with input as deployment({"strategy": {"rollingUpdate": {"maxSurge": 1}}}, ["ReadWriteOnce"])
	[f.fix | some f in findings] == [[{"op": "add", "path": "/spec/strategy", "value": {"type": "Recreate"}}]]
}

test_a_number_that_is_none_is_a_finding if {
	every value in ["1", true, []] {
		paths({"replicas": value}, ["ReadWriteOnce"]) == {"spec.replicas"}
	}
}
