package bylaw.no_external_ips_test

import data.bylaw.no_external_ips as policy

service(ips, allowed) := {
	"review": {"kind": {"group": "", "version": "v1", "kind": "Service"}, "name": "web", "object": {"spec": {"externalIPs": ips}}},
	"parameters": {"allowed": allowed},
}

test_none_is_fine if {
	every ips in [null, []] {
		policy.violation == set() with input as service(ips, [])
	}
}

test_addresses_are_allowed_alone_and_by_range if {
	allowed := ["203.0.113.7", "198.51.100.0/24", "2001:db8::/32"]
	policy.violation == set() with input as service(["203.0.113.7", "198.51.100.9", "2001:db8::9"], allowed)
	count(policy.violation) == 2 with input as service(["203.0.113.8", "198.51.101.9", "198.51.100.1"], allowed)
}

test_the_fix_removes_them_where_none_may_stay if {
	all_of_them := policy.violation with input as service(["10.0.0.1", "10.0.0.2"], [])
	{f.fix | some f in all_of_them} == {[{"op": "remove", "path": "/spec/externalIPs"}]}
	some_of_them := policy.violation with input as service(["10.0.0.1", "10.0.0.2"], ["10.0.0.1"])
	[f | some f in some_of_them; f.fix] == []
}

test_wrong_types_are_findings if {
	every address in ["here", "", 5, true, null, {}] {
		count(policy.violation) == 1 with input as service([address], ["0.0.0.0/0"])
	}
}
