package bylaw.owner_contact_test

import data.bylaw.owner_contact as policy

namespace(name, metadata, keys) := {
	"review": {"kind": {"group": "", "version": "v1", "kind": "Namespace"}, "name": name, "object": {"metadata": metadata}},
	"parameters": {"keys": keys},
}

passes(metadata, keys) if policy.violation == set() with input as namespace("shop", metadata, keys)

test_labels_and_annotations_count if {
	passes({"labels": {"owner": "shop"}, "annotations": {"contact": "x@example.com"}}, ["owner", "contact"])
	passes({"labels": {"example.com/owner": "shop"}}, ["owner"])
	passes({"labels": {"owner": ""}, "annotations": {"owner": "shop"}}, ["owner"])
	passes({"annotations": {"contact": {"$masked": "url-password"}}}, ["contact"])
}

test_each_key_is_needed_with_a_value if {
	every metadata in [{}, {"labels": {"owner": ""}}, {"labels": {"owner": null}}, {"labels": {"owners": "x"}}, {"labels": "owner"}, {"annotations": {"co-owner": "x"}}] {
		not passes(metadata, ["owner"])
	}
	findings := policy.violation with input as namespace("shop", {}, ["owner", "contact"])
	count(findings) == 2
}

test_a_prefix_that_is_asked_for_has_to_be_there if {
	not passes({"labels": {"owner": "shop"}}, ["example.com/owner"])
	passes({"labels": {"example.com/owner": "shop"}}, ["example.com/owner"])
}

test_kubernetes_own_namespaces_are_exempt if {
	every name in ["default", "kube-system", "kube-public", "kube-node-lease"] {
		policy.violation == set() with input as namespace(name, {}, ["owner"])
		count(policy.not_applicable) == 1 with input as namespace(name, {}, ["owner"])
	}
}
