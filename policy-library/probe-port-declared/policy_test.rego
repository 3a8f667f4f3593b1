package bylaw.probe_port_declared_test

import data.bylaw.probe_port_declared as policy

pod(ports, probe) := {
	"review": {
		"kind": {"group": "", "version": "v1", "kind": "Pod"},
		"name": "x",
		"object": {"spec": {"containers": [{"name": "app", "ports": ports, "livenessProbe": probe}]}},
	},
	"parameters": {"exclude_containers": [], "exclude_images": []},
}

ports := [{"name": "http", "containerPort": 80}, {"name": "dns", "containerPort": 53, "protocol": "UDP"}]

passes(probe) if policy.violation == set() with input as pod(ports, probe)

test_names_and_numbers_will_do if {
	every name in ["httpGet", "tcpSocket"] {
		passes({name: {"port": "http"}})
		passes({name: {"port": 80}})
		not passes({name: {"port": "web"}})
		not passes({name: {"port": 8080}})
	}
	passes({"grpc": {"port": 80}})
	not passes({"grpc": {"port": 81}})
}

test_a_probe_speaks_tcp if {
	not passes({"tcpSocket": {"port": 53}})
	count(policy.violation) == 1 with input as pod([{"containerPort": 53, "protocol": "UDP"}], {"grpc": {"port": 53}})
}

test_commands_and_other_hosts_use_no_port_of_the_container if {
	passes({"exec": {"command": ["true"]}})
	passes({"httpGet": {"port": 8080, "host": "example.com"}})
	not passes({"httpGet": {"port": 8080, "host": "127.0.0.1"}})
	passes(null)
	passes({})
}

test_ports_that_are_no_list_declare_nothing if {
	every value in [null, [], {}, "80"] {
		count(policy.violation) == 1 with input as pod(value, {"tcpSocket": {"port": 80}})
	}
}

test_wrong_types_are_findings if {
	every port in [true, [], {}, "80"] {
		not passes({"tcpSocket": {"port": port}})
	}
	not passes({"httpGet": {"path": "/"}})
}
