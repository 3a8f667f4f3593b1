package bylaw.privileged_ports_test

import data.bylaw.privileged_ports as policy

port(number, least) := {
	"review": {
		"kind": {"group": "", "version": "v1", "kind": "Pod"},
		"name": "x",
		"object": {"spec": {"containers": [{"name": "app", "ports": [{"containerPort": number}]}]}},
	},
	"parameters": {"min_port": least, "exclude_containers": [], "exclude_images": []},
}

test_the_border_is_included if {
	policy.violation == set() with input as port(1024, 1024)
	policy.violation == set() with input as port(80, 80)
	count(policy.violation) == 1 with input as port(1023, 1024)
}

test_no_port_is_no_low_port if {
	policy.violation == set() with input as port(null, 1024)
}

test_wrong_types_are_findings if {
	every number in ["8080", true, [], {}, -1] {
		count(policy.violation) == 1 with input as port(number, 1024)
	}
}
