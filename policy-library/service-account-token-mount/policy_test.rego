package bylaw.service_account_token_mount_test

import data.bylaw.service_account_token_mount as policy

pod(spec, related) := {
	"review": {
		"kind": {"group": "", "version": "v1", "kind": "Pod"},
		"name": "x",
		"namespace": "shop",
		"object": {"metadata": {"name": "x"}, "spec": spec},
	},
	"related": related,
	"parameters": {},
}

account(content) := {
	"review": {"kind": {"group": "", "version": "v1", "kind": "ServiceAccount"}, "name": "app", "object": content},
	"related": {},
	"parameters": {},
}

known(name, value) := {"service_accounts": [
	{"metadata": {"name": "other"}, "automountServiceAccountToken": false},
	object.union({"metadata": {"name": name}}, value),
]}

messages(spec, related) := {f.message | some f in findings} if {
	findings := policy.violation with input as pod(spec, related)
}

test_what_the_pod_says_wins if {
	every value in [{"automountServiceAccountToken": true}, {"automountServiceAccountToken": false}, {}] {
		policy.violation == set() with input as pod({"automountServiceAccountToken": false}, known("default", value))
		count(policy.violation) == 1 with input as pod({"automountServiceAccountToken": true}, known("default", value))
	}
}

test_the_account_decides_where_the_pod_says_nothing if {
	every spec in [{}, {"automountServiceAccountToken": null}, {"serviceAccountName": "default"}, {"serviceAccount": "default"}] {
		policy.violation == set() with input as pod(spec, known("default", {"automountServiceAccountToken": false}))
		every value in [{}, {"automountServiceAccountToken": null}, {"automountServiceAccountToken": true}] {
			count(policy.violation) == 1 with input as pod(spec, known("default", value))
		}
	}
	count(policy.violation) == 1 with input as pod({"serviceAccountName": "app"}, known("default", {"automountServiceAccountToken": false}))
}

test_the_message_says_what_was_assumed if {
	messages({}, {}) == {"This Pod gets a token for the Kubernetes API, since it doesn't say otherwise (its ServiceAccount \"default\" is not known); set automountServiceAccountToken to false."}
	messages({"serviceAccountName": "app"}, known("app", {})) == {"This Pod gets a token for the Kubernetes API, since neither it nor its ServiceAccount \"app\" says otherwise; set automountServiceAccountToken to false."}
	messages({}, known("default", {"automountServiceAccountToken": true})) == {"This Pod gets a token for the Kubernetes API, since its ServiceAccount \"default\" says so; set automountServiceAccountToken to false."}
	messages({"automountServiceAccountToken": true}, {}) == {"This Pod gets a token for the Kubernetes API; set automountServiceAccountToken to false."}
}

test_wrong_types_are_findings if {
	every value in ["false", 0, [], {}] {
		count(policy.violation) == 1 with input as pod({"automountServiceAccountToken": value}, {})
		count(policy.violation) == 1 with input as account({"automountServiceAccountToken": value})
	}
}

test_an_account_is_judged_by_itself if {
	policy.violation == set() with input as account({"automountServiceAccountToken": false})
	every content in [{}, {"automountServiceAccountToken": null}, {"automountServiceAccountToken": true}] {
		findings := policy.violation with input as account(content)
		[f.fix | some f in findings] == [[{"op": "add", "path": "/automountServiceAccountToken", "value": false}]]
		policy.not_applicable == set() with input as account(content)
	}
}

test_the_fix_writes_into_the_pod if {
	findings := policy.violation with input as pod({}, {})
	[f.fix | some f in findings] == [[{"op": "add", "path": "/spec/automountServiceAccountToken", "value": false}]]
}

test_a_mirror_pod_gets_none if {
	input_ := {
		"review": {
			"kind": {"group": "", "version": "v1", "kind": "Pod"},
			"name": "x",
			"object": {"metadata": {"annotations": {"kubernetes.io/config.mirror": "0"}}, "spec": {}},
		},
		"related": {},
		"parameters": {},
	}
	policy.violation == set() with input as input_
	count(policy.not_applicable) == 1 with input as input_
}
