package lib.settling_test

import data.lib.settling

at(made, now) := {"context": {"creation_timestamp": made, "now": now}}

test_less_than_five_minutes_is_young if {
	settling.reason with input as at("2026-11-24T10:00:00Z", "2026-11-24T10:04:59.999Z")
	settling.reason with input as at("2026-11-24T10:00:00Z", "2026-11-24T09:59:00Z")
	not settling.reason with input as at("2026-11-24T10:00:00Z", "2026-11-24T10:05:00Z")
}

test_without_both_times_nothing_waits if {
	every context in [{}, {"now": "2026-11-24T10:00:00Z"}, {"creation_timestamp": "2026-11-24T10:00:00Z"}] {
		not settling.reason with input as {"context": context}
	}
	not settling.reason with input as {}
}
