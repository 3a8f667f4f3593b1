package lib.accounts_test

import data.lib.accounts

pod(metadata, spec) := {"review": {
	"kind": {"group": "", "version": "v1", "kind": "Pod"},
	"name": "x",
	"object": {"metadata": metadata, "spec": spec},
}}

test_nothing_said_is_the_default_account if {
	every spec in [{}, {"serviceAccountName": null}, {"serviceAccountName": ""}, {"serviceAccount": ""}] {
		accounts.name == "default" with input as pod({}, spec)
		accounts.field == "serviceAccountName" with input as pod({}, spec)
	}
}

test_the_older_name_counts_where_the_newer_one_is_unset if {
	accounts.name == "a" with input as pod({}, {"serviceAccount": "a"})
	accounts.field == "serviceAccount" with input as pod({}, {"serviceAccount": "a", "serviceAccountName": ""})
	accounts.name == "b" with input as pod({}, {"serviceAccount": "a", "serviceAccountName": "b"})
	accounts.field == "serviceAccountName" with input as pod({}, {"serviceAccount": "a", "serviceAccountName": "b"})
}

test_a_mirror_pod_has_none if {
	accounts.none with input as pod({"annotations": {"kubernetes.io/config.mirror": "abc"}}, {})
	not accounts.none with input as pod({"annotations": {"other": "abc"}}, {})
	not accounts.none with input as pod({}, {})
	not accounts.none with input as {"review": {
		"kind": {"group": "apps", "version": "v1", "kind": "Deployment"},
		"name": "x",
		"object": {"metadata": {"annotations": {"kubernetes.io/config.mirror": "abc"}}},
	}}
}
