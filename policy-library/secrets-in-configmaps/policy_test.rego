package bylaw.secrets_in_configmaps_test

import data.bylaw.secrets_in_configmaps as policy

config(content, patterns) := {
	"review": {"kind": {"group": "", "version": "v1", "kind": "ConfigMap"}, "name": "settings", "object": content},
	"parameters": {"patterns": patterns},
}

test_what_was_masked_is_a_finding_without_its_value if {
	content := {"data": {"a": "b", "db.password": {"$masked": "secret-name"}}, "binaryData": {"key": {"$masked": "private-key"}}}
	findings := policy.violation with input as config(content, [])
	{f.path | some f in findings} == {`data["db.password"]`, "binaryData.key"}
	every finding in findings {
		finding.sensitive == true
		not finding.found
	}
}

test_a_pattern_is_looked_for_in_keys_and_texts if {
	every data_ in [{"card.pin": "0000"}, {"a": "x\nlicence: acme-1\n"}] {
		policy.violation == set() with input as config({"data": data_}, [])
		count(policy.violation) == 1 with input as config({"data": data_}, [`\.pin$`, "(?m)^licence: acme-"])
	}
}

test_of_binary_data_only_the_keys_are_looked_at if {
	content := {"binaryData": {"card.pin": "AAAA", "b": "AAAA"}}
	findings := policy.violation with input as config(content, ["pin", "A+"])
	{f.path | some f in findings} == {`binaryData["card.pin"]`}
}

test_nothing_and_wrong_types_hold_no_secret if {
	every content in [{}, {"data": null}, {"data": "password"}, {"data": ["password"]}, {"data": {"password": 5}}] {
		policy.violation == set() with input as config(content, [])
	}
}

test_an_unreadable_pattern_is_told if {
	policy.skipped == {"the pattern ( is not a regular expression"} with input as config({"data": {"a": "b"}}, ["("])
}
