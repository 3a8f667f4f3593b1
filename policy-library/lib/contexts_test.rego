package lib.contexts_test

import data.lib.contexts
import data.lib.pods

pod(pod_context, contexts_) := {"review": {
	"kind": {"group": "", "version": "v1", "kind": "Pod"},
	"name": "x",
	"object": {"spec": {
		"securityContext": pod_context,
		"containers": [{"name": $"c{i}", "securityContext": context} | some i, context in contexts_],
	}},
}}

shown(places) := [[place.path, place.value, place.label] | some place in places]

test_what_holds_for_each_container_is_a_place if {
	input_ := pod({"procMount": "A"}, [{}, {"procMount": "B"}, null])
	places := contexts.places(pods.containers, "procMount", false) with input as input_
	shown(places) == [
		["spec.securityContext.procMount", "A", "Container \"c0\""],
		["spec.containers[1].securityContext.procMount", "B", "Container \"c1\""],
		["spec.securityContext.procMount", "A", "Container \"c2\""],
	]
}

test_strictly_all_that_is_written_is_a_place if {
	input_ := pod({"procMount": "A"}, [{}, {"procMount": "B"}, {"procMount": null}])
	places := contexts.places(pods.containers, "procMount", true) with input as input_
	shown(places) == [
		["spec.securityContext.procMount", "A", "This Pod"],
		["spec.containers[1].securityContext.procMount", "B", "Container \"c1\""],
	]
	[place.owner | some place in places] == [{}, {"container": "c1"}]
}

test_nothing_written_is_no_place if {
	every strict in [true, false] {
		contexts.places(pods.containers, "procMount", strict) == [] with input as pod(null, [{}, null])
	}
	count(contexts.unset(pods.containers, "procMount")) == 2 with input as pod(null, [{}, null])
	count(contexts.unset(pods.containers, "procMount")) == 0 with input as pod({"procMount": "A"}, [{}, null])
}

test_a_pod_whose_containers_are_all_left_out_has_no_place if {
	contexts.places([], "procMount", true) == [] with input as pod({"procMount": "A"}, [{}])
}

test_fixes_are_written_where_the_place_lies if {
	input_ := pod({"procMount": "A"}, [{"procMount": "B"}])
	places := contexts.places(pods.containers, "procMount", true) with input as input_
	dropped := [contexts.drop(place, ["procMount"]).fix[0].path | some place in places] with input as input_
	dropped == ["/spec/securityContext/procMount", "/spec/containers/0/securityContext/procMount"]
	put := [contexts.put(place, ["procMount"], "C").fix[0] | some place in places] with input as input_
	put == [
		{"op": "add", "path": "/spec/securityContext/procMount", "value": "C"},
		{"op": "add", "path": "/spec/containers/0/securityContext/procMount", "value": "C"},
	]
}
