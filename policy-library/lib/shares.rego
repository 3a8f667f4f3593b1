# Numbers of pods as Kubernetes takes them in updates and disruption budgets: 2, or a share such as "25%".
package lib.shares

digits := "0123456789"

# parse(value): {number} or {percent}; undefined if it is neither.
parse(value) := {"number": value} if {
	is_number(value)
	value >= 0
	floor(value) == value
}

parse(value) := {"percent": to_number(trimmed(value))} if {
	is_string(value)
	endswith(value, "%")
	value != "%"
	trim(trim_suffix(value, "%"), digits) == ""
}

# A text of digits without a sign counts as the number that it says.
parse(value) := {"number": to_number(trimmed(value))} if {
	is_string(value)
	value != ""
	trim(value, digits) == ""
}

trimmed(text) := "0" if {
	trim_left(trim_suffix(text, "%"), "0") == ""
} else := trim_left(trim_suffix(text, "%"), "0")

# rounded_up(share, total), rounded_down(share, total): so many of that many pods.
rounded_up(share, _) := share.number

rounded_up(share, total) := ceil((share.percent * total) / 100)

rounded_down(share, _) := share.number

rounded_down(share, total) := floor((share.percent * total) / 100)

is_zero(share) if object.get(share, "number", null) == 0

is_zero(share) if object.get(share, "percent", null) == 0
