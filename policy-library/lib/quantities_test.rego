package lib.quantities_test

import data.lib.quantities

one := 1000000000

test_equal_amounts_are_equal if {
	every pair in [
		["1Gi", "1024Mi"], ["500m", "0.5"], ["0.5", 0.5], ["1", 1], ["1k", "1000"], ["1e3", "1000"], ["1E3", "1k"],
		["1E", "1000P"], ["0.1", "100m"], ["1.5Gi", "1536Mi"], ["+1", "1"], ["1.", "1"], [".5", "500m"], ["007", "7"],
		["1e-3", "1m"], ["1e+3", 1000], ["0", "0Gi"], ["1000000000n", "1"], ["1000000u", 1], ["12E2", "1200"],
		["1Ei", "1024Pi"], ["0.100", "0.1"], ["1Ti", "1024Gi"], ["1M", "1000k"],
	] {
		quantities.parse(pair[0]) == quantities.parse(pair[1])
	}
}

test_amounts_are_in_billionths if {
	quantities.parse("1") == one
	quantities.parse("128Mi") == 134217728 * one
	quantities.parse("-2") == -2 * one
}

test_less_than_the_smallest_step_is_rounded_up if {
	quantities.parse("0.1n") == 1
	quantities.parse("1e-30") == 1
}

test_a_huge_exponent_is_huge if {
	quantities.parse("1e400") > quantities.parse("1Ei")
}

test_what_is_malformed_is_no_quantity if {
	every text in [
		"", " ", "1 Gi", " 1", "1GiB", "Gi", "1ki", "1K", "1mi", "--1", "1-", "1..2", "1.2.3", ".", "-", "+", "e3", "1e", "1e+", "1ee3",
		"1e1.5", "one", "1g", "1x5", null, true, ["1"], {"value": "1"},
	] {
		not quantities.parse(text)
	}
}

test_zero_and_less_are_not_positive if {
	not quantities.positive("0")
	not quantities.positive("0.0Mi")
	not quantities.positive(0)
	not quantities.positive("-1")
	quantities.positive("1m")
	quantities.positive(0.1)
}
