package bylaw.no_secrets_in_env_values_test

import data.bylaw.no_secrets_in_env_values as policy

container(env, patterns) := {
	"review": {
		"kind": {"group": "", "version": "v1", "kind": "Pod"},
		"name": "x",
		"object": {"spec": {"containers": [{"name": "app", "env": env}]}},
	},
	"parameters": {"patterns": patterns, "exclude_containers": [], "exclude_images": []},
}

test_what_was_masked_is_a_finding_without_its_value if {
	findings := policy.violation with input as container([{"name": "A", "value": "b"}, {"name": "P", "value": {"$masked": "secret-name"}}], [])
	{f.path | some f in findings} == {"spec.containers[0].env[1].value"}
	every finding in findings {
		finding.sensitive == true
		not finding.found
		not finding.fix
	}
}

test_values_from_elsewhere_and_nothing_pass if {
	every variable in [
		{"name": "PASSWORD"}, {"name": "PASSWORD", "value": null}, {"name": "PASSWORD", "value": ""},
		{"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": "a", "key": "b"}}}, null, "PASSWORD=a", {},
	] {
		policy.violation == set() with input as container([variable], ["PASS"])
	}
}

test_a_pattern_finds_what_the_masking_does_not_know if {
	every variable in [{"name": "CARD_PIN", "value": "0000"}, {"name": "A", "value": "acme_1"}] {
		policy.violation == set() with input as container([variable], [])
		count(policy.violation) == 1 with input as container([variable], ["_PIN$", "^acme_"])
	}
}

test_an_unreadable_pattern_is_told_where_nothing_else_is_wrong if {
	policy.skipped == {"the pattern ( is not a regular expression"} with input as container([], ["(", "PIN"])
	count(policy.violation) == 1 with input as container([{"name": "CARD_PIN", "value": "0"}], ["(", "PIN"])
}

test_wrong_types_break_nothing if {
	every env in [null, "A=b", {}, [[]], [{"name": 5, "value": 5}]] {
		policy.violation == set() with input as container(env, ["PIN"])
	}
}
