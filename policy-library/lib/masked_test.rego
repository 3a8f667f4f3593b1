package lib.masked_test

import data.lib.masked

test_what_was_masked_is_a_secret_whatever_found_it if {
	masked.reason("A", {"$masked": "secret-name"}, []) == "its name says so"
	masked.reason("A", {"$masked": "jwt"}, []) == "it holds a JSON Web Token"
	masked.reason("A", {"$masked": "of-a-later-version"}, []) == "it looks like one"
}

test_anything_else_is_none if {
	every value in ["", "hunter2", null, 1, true, [], {}, {"$masked": 1}, {"masked": "jwt"}] {
		not masked.reason("PASSWORD", value, [])
	}
}

test_a_pattern_is_looked_for_in_name_and_value if {
	masked.reason("CARD_PIN", "0000", ["_PIN$"]) == "it matches _PIN$"
	masked.reason("A", "acme-0123", ["x", "^acme-"]) == "it matches ^acme-"
	not masked.reason("PINS", "b", ["_PIN$", "^acme-"])
}

test_a_reference_and_nothing_are_no_secret if {
	every value in ["", "$(CARD_PIN)", null, 5] {
		not masked.reason("CARD_PIN", value, ["."])
	}
}

test_a_pattern_that_cannot_be_read_matches_nothing if {
	not masked.reason("CARD_PIN", "0000", ["("])
	masked.reason("CARD_PIN", "0000", ["(", "PIN"]) == "it matches PIN"
	masked.unreadable(["(", "PIN", "*"]) == {"(", "*"}
}
