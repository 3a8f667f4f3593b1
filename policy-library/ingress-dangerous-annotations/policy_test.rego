package bylaw.ingress_dangerous_annotations_test

import data.bylaw.ingress_dangerous_annotations as policy

ingress(annotations, denied) := {
	"review": {
		"kind": {"group": "networking.k8s.io", "version": "v1", "kind": "Ingress"},
		"name": "x",
		"object": {"metadata": {"annotations": annotations}, "spec": {}},
	},
	"parameters": {"denied": denied},
}

snippets := ["*/*-snippet"]

test_denied_keys_are_found_by_pattern if {
	every key in ["nginx.ingress.kubernetes.io/server-snippet", "nginx.ingress.kubernetes.io/configuration-snippet", "a/b-snippet"] {
		count(policy.violation) == 1 with input as ingress({key: "return 200;"}, snippets)
	}
	every key in ["nginx.ingress.kubernetes.io/rewrite-target", "server-snippet", "a/snippet-of-mine"] {
		policy.violation == set() with input as ingress({key: "return 200;"}, snippets)
	}
}

test_an_empty_value_does_nothing if {
	every value in [null, ""] {
		policy.violation == set() with input as ingress({"a/b-snippet": value}, snippets)
	}
}

test_an_empty_list_denies_none if {
	policy.violation == set() with input as ingress({"a/b-snippet": "x"}, [])
}

test_the_fix_removes_it if {
	findings := policy.violation with input as ingress({"a/b-snippet": "x"}, snippets)
	[f.fix | some f in findings] == [[{"op": "remove", "path": "/metadata/annotations/a~1b-snippet"}]]
}

test_wrong_types_are_findings_or_no_annotations if {
	every value in [5, true, [], {"$masked": "url-password"}] {
		count(policy.violation) == 1 with input as ingress({"a/b-snippet": value}, snippets)
	}
	every annotations in [null, [], "x"] {
		policy.violation == set() with input as ingress(annotations, snippets)
	}
}
