package bylaw.ingress_class_approved_test

import data.bylaw.ingress_class_approved as policy

ingress(metadata, spec, allowed) := {
	"review": {
		"kind": {"group": "networking.k8s.io", "version": "v1", "kind": "Ingress"},
		"name": "x",
		"object": {"metadata": metadata, "spec": spec},
	},
	"parameters": {"allowed": allowed},
}

test_the_field_wins_over_the_annotation if {
	old := {"annotations": {"kubernetes.io/ingress.class": "nginx"}}
	policy.violation == set() with input as ingress(old, {}, ["nginx"])
	policy.violation == set() with input as ingress(old, {"ingressClassName": ""}, ["nginx"])
	count(policy.violation) == 1 with input as ingress(old, {"ingressClassName": "haproxy"}, ["nginx"])
	policy.violation == set() with input as ingress(old, {"ingressClassName": "haproxy"}, ["haproxy"])
}

test_an_unnamed_class_is_not_approved if {
	every class in [null, ""] {
		count(policy.violation) == 1 with input as ingress({}, {"ingressClassName": class}, ["*"])
	}
	policy.violation == set() with input as ingress({}, {"ingressClassName": "internal-eu"}, ["nginx", "internal-*"])
}

test_nothing_is_judged_without_parameters if {
	policy.violation == set() with input as ingress({}, {}, [])
	policy.skipped == {"needs parameters: allowed is empty"} with input as ingress({}, {}, [])
}

test_a_fix_is_offered_where_one_class_is_approved if {
	one := policy.violation with input as ingress({}, {}, ["nginx"])
	[f.fix | some f in one] == [[{"op": "add", "path": "/spec/ingressClassName", "value": "nginx"}]]
	every allowed in [["nginx", "haproxy"], ["internal-*"]] {
		none := policy.violation with input as ingress({}, {}, allowed)
		[f | some f in none; f.fix] == []
	}
}

test_wrong_types_are_findings if {
	every class in [5, true, [], {}] {
		count(policy.violation) == 1 with input as ingress({}, {"ingressClassName": class}, ["*"])
	}
}
