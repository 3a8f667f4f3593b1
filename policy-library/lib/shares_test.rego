package lib.shares_test

import data.lib.shares

test_numbers_and_percentages_are_told_apart if {
	shares.parse(2) == {"number": 2}
	shares.parse(0) == {"number": 0}
	shares.parse("3") == {"number": 3}
	shares.parse("25%") == {"percent": 25}
	shares.parse("0%") == {"percent": 0}
	shares.parse("007%") == {"percent": 7}
}

test_anything_else_is_neither if {
	every value in [null, true, -1, 1.5, "", "%", "-1%", "1.5%", "half", "50 %", "50%%", [], {}] {
		not shares.parse(value)
	}
}

test_shares_are_rounded if {
	shares.rounded_up(shares.parse("50%"), 3) == 2
	shares.rounded_down(shares.parse("50%"), 3) == 1
	shares.rounded_up(shares.parse("1%"), 3) == 1
	shares.rounded_down(shares.parse("25%"), 2) == 0
	shares.rounded_up(shares.parse(4), 3) == 4
}

test_zero_is_zero_in_each_spelling if {
	every value in [0, "0", "0%", "00%"] {
		shares.is_zero(shares.parse(value))
	}
	not shares.is_zero(shares.parse("1%"))
}
