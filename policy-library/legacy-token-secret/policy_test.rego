package bylaw.legacy_token_secret_test

import data.bylaw.legacy_token_secret as policy

secret(content) := {"review": {"kind": {"group": "", "version": "v1", "kind": "Secret"}, "name": "token", "object": content}}

token(metadata) := secret({"metadata": metadata, "type": "kubernetes.io/service-account-token"})

test_only_that_type_fails if {
	count(policy.violation) == 1 with input as token({})
	every type in [null, "", "Opaque", "bootstrap.kubernetes.io/token", "kubernetes.io/tls", 5] {
		policy.violation == set() with input as secret({"type": type})
	}
	policy.violation == set() with input as secret({})
}

test_the_message_names_the_account_where_the_secret_does if {
	named := policy.violation with input as token({"annotations": {"kubernetes.io/service-account.name": "app"}})
	{f.message | some f in named} == {"Secret \"token\" holds a token of ServiceAccount \"app\" that never expires; use tokens that do, and delete it."}
	every metadata in [{}, null, {"annotations": null}] {
		unnamed := policy.violation with input as token(metadata)
		{f.message | some f in unnamed} == {"Secret \"token\" holds a token of a ServiceAccount that never expires; use tokens that do, and delete it."}
	}
}
