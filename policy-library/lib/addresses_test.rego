package lib.addresses_test

import data.lib.addresses

test_ranges_and_addresses_are_well_formed if {
	every range in ["10.0.0.0/8", "10.1.2.3", "0.0.0.0/0", "2001:db8::/32", "2001:db8::1", "::/0"] {
		addresses.well_formed(range)
	}
	every range in ["", "10.0.0.0/33", "10.0.0", "shop.example.com", "10.0.0.0/x", 10, null, true, []] {
		not addresses.well_formed(range)
	}
}

test_a_range_holds_what_is_below_it if {
	addresses.within_any(["10.0.0.0/8"], "10.1.0.0/16")
	addresses.within_any(["192.0.2.1", "10.0.0.0/8"], "192.0.2.1")
	addresses.within_any(["2001:db8::/32"], "2001:db8:1::/48")
	not addresses.within_any(["10.1.0.0/16"], "10.0.0.0/8")
	not addresses.within_any([], "10.0.0.0/8")
	not addresses.within_any(["10.0.0.0/8"], "2001:db8::1")
}

test_everything_is_everything_however_written if {
	every range in ["0.0.0.0/0", "::/0", "10.0.0.0/0", "0::/0"] {
		addresses.everything(range)
	}
	not addresses.everything("0.0.0.0/1")
}
