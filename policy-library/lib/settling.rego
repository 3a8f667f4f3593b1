# Objects that were just made: what belongs to them, or makes room for them, may come in the next moments.
package lib.settling

# For so long policies about presence and uniqueness wait.
minutes := 5

# Why such a policy waits; undefined where nobody says when the object was made, as in CI. The platform gives both times
# as RFC 3339 texts: normalised objects don't hold their creationTimestamp.
reason := $"it was made less than {minutes} minutes ago" if {
	made := time.parse_rfc3339_ns(input.context.creation_timestamp)
	now := time.parse_rfc3339_ns(input.context.now)
	now - made < (minutes * 60) * 1000000000
}
