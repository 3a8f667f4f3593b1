# IP addresses and CIDR ranges.
package lib.addresses

# well_formed(range): a CIDR range, or an address alone.
well_formed(range) if {
	is_string(range)
	net.cidr_contains(as_range(range), range)
}

# within_any(ranges, range): one of the ranges, or an address that is the same, holds all of it.
within_any(ranges, range) if {
	some outer in ranges
	net.cidr_contains(as_range(outer), range)
}

# everything(range): it holds every address of its family, however it is written.
everything(range) if endswith(range, "/0")

as_range(text) := text if contains(text, "/")

as_range(text) := concat("/", [text, "128"]) if {
	not contains(text, "/")
	contains(text, ":")
}

as_range(text) := concat("/", [text, "32"]) if {
	not contains(text, "/")
	not contains(text, ":")
}
