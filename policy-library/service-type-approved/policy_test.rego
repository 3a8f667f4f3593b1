package bylaw.service_type_approved_test

import data.bylaw.service_type_approved as policy

service(type, allowed) := {
	"review": {"kind": {"group": "", "version": "v1", "kind": "Service"}, "name": "web", "object": {"spec": {"type": type}}},
	"parameters": {"allowed": allowed},
}

test_unset_is_cluster_ip if {
	every type in [null, "", "ClusterIP"] {
		policy.violation == set() with input as service(type, ["ClusterIP"])
		count(policy.violation) == 1 with input as service(type, ["NodePort", "LoadBalancer"])
	}
}

test_types_are_compared_by_case if {
	every type in ["loadbalancer", "Headless", 5, true, [], {}] {
		count(policy.violation) == 1 with input as service(type, ["ClusterIP", "LoadBalancer", "ExternalName", "NodePort"])
	}
}
