package bylaw.load_balancer_source_ranges_test

import data.bylaw.load_balancer_source_ranges as policy

service(annotations, spec, allowed) := {
	"review": {
		"kind": {"group": "", "version": "v1", "kind": "Service"},
		"name": "web",
		"object": {"metadata": {"annotations": annotations}, "spec": object.union({"type": "LoadBalancer"}, spec)},
	},
	"parameters": {"allowed_cidrs": allowed},
}

passes(ranges, allowed) if policy.violation == set() with input as service({}, {"loadBalancerSourceRanges": ranges}, allowed)

test_everybody_is_refused_in_each_spelling if {
	every ranges in [null, [], ["0.0.0.0/0"], ["::/0"], ["203.0.113.0/24", "0.0.0.0/0"], ["1.2.3.4/0"]] {
		not passes(ranges, [])
		not passes(ranges, ["0.0.0.0/0"])
	}
}

test_ranges_lie_within_allowed_ones if {
	passes(["203.0.113.0/28", "203.0.113.99/32"], ["203.0.113.0/24"])
	passes(["2001:db8:1::/48"], ["203.0.113.0/24", "2001:db8::/32"])
	not passes(["203.0.112.0/23"], ["203.0.113.0/24"])
	not passes(["198.51.100.0/24"], ["203.0.113.0/24"])
	passes(["198.51.100.0/24"], [])
}

test_the_annotation_counts_where_the_field_is_empty if {
	annotated := {"service.beta.kubernetes.io/load-balancer-source-ranges": "203.0.113.0/24, 198.51.100.0/24"}
	policy.violation == set() with input as service(annotated, {}, [])
	policy.violation == set() with input as service(annotated, {"loadBalancerSourceRanges": []}, [])
	count(policy.violation) == 1 with input as service(annotated, {}, ["203.0.113.0/24"])
	count(policy.violation) == 1 with input as service(annotated, {"loadBalancerSourceRanges": ["0.0.0.0/0"]}, [])
	count(policy.violation) == 1 with input as service({"service.beta.kubernetes.io/load-balancer-source-ranges": " "}, {}, [])
}

test_wrong_types_are_findings if {
	every range in ["everywhere", "", 5, true, null, {}] {
		not passes([range], [])
	}
}

test_others_are_left_alone if {
	every type in [null, "", "ClusterIP", "NodePort", "ExternalName"] {
		policy.violation == set() with input as service({}, {"type": type}, [])
		count(policy.not_applicable) == 1 with input as service({}, {"type": type}, [])
	}
	internal := {"networking.gke.io/load-balancer-type": "Internal"}
	policy.violation == set() with input as service(internal, {}, [])
	count(policy.violation) == 1 with input as service({"networking.gke.io/load-balancer-type": "External"}, {}, [])
}
