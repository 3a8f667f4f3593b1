package bylaw.no_external_name_test

import data.bylaw.no_external_name as policy

service(spec) := {
	"review": {"kind": {"group": "", "version": "v1", "kind": "Service"}, "name": "web", "object": {"spec": spec}},
	"parameters": {},
}

test_only_an_external_name_fails if {
	every name in ["db.example.com", "", null] {
		count(policy.violation) == 1 with input as service({"type": "ExternalName", "externalName": name})
	}
	every type in [null, "", "ClusterIP", "LoadBalancer", "NodePort"] {
		policy.violation == set() with input as service({"type": type, "externalName": "db.example.com"})
	}
}
