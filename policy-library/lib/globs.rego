# Patterns in parameters. `*` stands for any run of characters; in image references `*` stays within one segment
# between slashes and `**` crosses them; `*` alone is every reference.
package lib.globs

# any_text(patterns, text): one of the patterns matches the whole text.
any_text(patterns, text) if {
	some pattern in patterns
	text_matches(pattern, text)
}

text_matches(pattern, text) if pattern == text

text_matches(pattern, text) if {
	contains(pattern, "*")
	glob.match(pattern, null, text)
}

# any_reference(patterns, reference): one of the patterns matches the whole image reference.
any_reference(patterns, reference) if {
	some pattern in patterns
	reference_matches(pattern, reference)
}

reference_matches("*", _)

reference_matches(pattern, reference) if pattern == reference

reference_matches(pattern, reference) if {
	contains(pattern, "*")
	glob.match(pattern, ["/"], reference)
}
