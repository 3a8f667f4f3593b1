package bylaw.host_port_unique_test

import data.bylaw.host_port_unique as policy

pod(metadata, ports, related) := {
	"review": {
		"kind": {"group": "", "version": "v1", "kind": "Pod"},
		"name": "x",
		"namespace": "shop",
		"object": {"metadata": metadata, "spec": {"containers": [{"name": "a", "ports": ports}]}},
	},
	"parameters": {"exclude_containers": [], "exclude_images": []},
	"related": related,
}

port(more) := object.union({"containerPort": 80, "hostPort": 9100}, more)

collide(a, b) if count(policy.violation) == 1 with input as pod({}, [port(a), port(b)], {})

rival(kind, name, owner) := {
	"kind": kind,
	"metadata": {"name": name, "namespace": "shop", "ownerReferences": owner},
	"spec": {"containers": [{"ports": [port({})]}], "template": {"spec": {"containers": [{"ports": [port({})]}]}}},
}

owned(kind, name) := [{"kind": kind, "name": name, "controller": true}]

test_unset_is_every_address_and_tcp if {
	collide({}, {})
	collide({}, {"hostIP": "10.0.0.5"})
	collide({"hostIP": ""}, {"hostIP": "0.0.0.0", "protocol": "TCP"})
	collide({"hostIP": "0.0.0.0"}, {"hostIP": "fd00::1", "protocol": ""})
	collide({"hostIP": "10.0.0.5"}, {"hostIP": "10.0.0.5"})
}

test_six_is_every_address_of_its_own if {
	collide({"hostIP": "::"}, {"hostIP": "fd00::1"})
	collide({"hostIP": "::"}, {})
	collide({"hostIP": "FD00::1"}, {"hostIP": "fd00::1"})
	not collide({"hostIP": "::"}, {"hostIP": "10.0.0.5"})
}

test_what_differs_does_not_collide if {
	not collide({"hostIP": "10.0.0.5"}, {"hostIP": "10.0.0.6"})
	not collide({}, {"protocol": "UDP"})
	not collide({}, {"hostPort": 9101})
	not collide({}, {"hostPort": 0})
}

test_one_finding_a_port_however_many_came_before if {
	count(policy.violation) == 2 with input as pod({}, [port({}), port({}), port({})], {})
}

test_known_others_leave_no_assumption if {
	alone := policy.violation with input as pod({}, [port({}), port({})], {})
	known := policy.violation with input as pod({}, [port({}), port({})], {"rivals": []})
	[contains(f.message, "none was posted") | some f in alone] == [true]
	[contains(f.message, "none was posted") | some f in known] == [false]
}

test_a_family_is_followed_to_its_head if {
	family := [rival("ReplicaSet", "web-1", owned("Deployment", "web")), rival("Deployment", "web", []), rival("Pod", "y", owned("ReplicaSet", "web-1"))]
	policy.violation == set() with input as pod({"ownerReferences": owned("ReplicaSet", "web-1")}, [port({})], {"rivals": family})
	findings := policy.violation with input as pod({}, [port({})], {"rivals": family})
	[endswith(f.message, "as does Deployment shop/web; give it another port, or remove hostPort and use a Service.") | some f in findings] == [true]
}

test_owners_in_a_circle_end if {
	circle := [rival("ReplicaSet", "a", owned("ReplicaSet", "b")), rival("ReplicaSet", "b", owned("ReplicaSet", "a"))]
	count(policy.violation) == 1 with input as pod({}, [port({})], {"rivals": circle})
}

test_what_is_scaled_down_by_its_controller_takes_nothing if {
	idle := object.union(rival("ReplicaSet", "old", owned("Deployment", "web")), {"spec": {"replicas": 0}})
	policy.violation == set() with input as pod({}, [port({})], {"rivals": [idle]})
	switched_off := object.union(rival("Deployment", "web", []), {"spec": {"replicas": 0}})
	count(policy.violation) == 1 with input as pod({}, [port({})], {"rivals": [switched_off]})
}

test_the_young_are_held_against_themselves_at_once if {
	young := {"context": {"creation_timestamp": "2026-11-24T10:00:00Z", "now": "2026-11-24T10:01:00Z"}}
	others := {"rivals": [rival("Deployment", "web", [])]}
	policy.violation == set() with input as object.union(pod({}, [port({})], others), young)
	count(policy.skipped) == 1 with input as object.union(pod({}, [port({})], others), young)
	count(policy.violation) == 1 with input as object.union(pod({}, [port({}), port({})], others), young)
	policy.skipped == set() with input as object.union(pod({}, [{"containerPort": 80}], others), young)
}

test_wrong_types_take_nothing if {
	every value in ["9100", true, [], {}] {
		policy.violation == set() with input as pod({}, [port({"hostPort": value}), port({"hostPort": value})], {})
	}
}
