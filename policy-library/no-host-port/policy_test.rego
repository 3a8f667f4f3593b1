package bylaw.no_host_port_test

import data.bylaw.no_host_port as policy

pod(spec, ranges) := {
	"review": {"kind": {"group": "", "version": "v1", "kind": "Pod"}, "name": "x", "object": {"spec": spec}},
	"parameters": {"allowed_ranges": ranges, "exclude_containers": [], "exclude_images": []},
}

port(value, ranges) := pod({"containers": [{"name": "app", "ports": [value]}]}, ranges)

test_both_ends_of_a_range_are_allowed if {
	ranges := [{"min": 100, "max": 200}]
	every number in [100, 150, 200] {
		policy.violation == set() with input as port({"hostPort": number}, ranges)
	}
	every number in [99, 201] {
		count(policy.violation) == 1 with input as port({"hostPort": number}, ranges)
	}
}

test_a_port_without_protocol_is_tcp if {
	policy.violation == set() with input as port({"hostPort": 5}, [{"min": 1, "max": 9, "protocol": "TCP"}])
	count(policy.violation) == 1 with input as port({"hostPort": 5}, [{"min": 1, "max": 9, "protocol": "UDP"}])
	policy.violation == set() with input as port({"hostPort": 5, "protocol": "UDP"}, [{"min": 1, "max": 9}])
}

test_any_of_several_ranges_will_do if {
	ranges := [{"min": 1, "max": 9, "protocol": "UDP"}, {"min": 20, "max": 29}]
	policy.violation == set() with input as port({"hostPort": 25}, ranges)
	findings := policy.violation with input as port({"hostPort": 15}, ranges)
	{f.expected | some f in findings} == {"no hostPort, or one of 1-9/UDP, 20-29"}
}

test_the_fix_removes_the_port if {
	findings := policy.violation with input as port({"containerPort": 80, "hostPort": 80}, [])
	[f.fix | some f in findings] == [[{"op": "remove", "path": "/spec/containers/0/ports/0/hostPort"}]]
}

under_host_network(host_port) := {
	"hostNetwork": true,
	"containers": [{"name": "app", "ports": [{"containerPort": 80, "hostPort": host_port}]}],
}

test_only_a_filled_in_port_is_left_to_no_host_network if {
	policy.violation == set() with input as pod(under_host_network(80), [])
	count(policy.violation) == 1 with input as pod(under_host_network(81), [])
}

test_wrong_types_are_findings if {
	every value in ["80", true, false, [], {}, -1] {
		count(policy.violation) == 1 with input as port({"containerPort": 80, "hostPort": value}, [{"min": 1, "max": 65535}])
	}
}

strictly(spec) := object.union(pod(spec, []), {"parameters": {"strict_upstream": true}})

test_strictly_a_filled_in_port_fails_too if {
	count(policy.violation) == 1 with input as strictly(under_host_network(80))
	policy.violation == set() with input as strictly({"containers": [{"name": "app", "ports": [{"containerPort": 80, "hostPort": 0}]}]})
}

test_ephemeral_containers_are_looked_at_strictly_alone if {
	spec := {"containers": [{"name": "app"}], "ephemeralContainers": [{"name": "debugger", "ports": [{"hostPort": 80}]}]}
	policy.violation == set() with input as pod(spec, [])
	findings := policy.violation with input as strictly(spec)
	count(findings) == 1
	every finding in findings {
		not finding.fix
	}
}
