package lib.globs_test

import data.lib.globs

test_a_star_is_any_run_of_characters_of_a_name if {
	globs.any_text(["istio-*"], "istio-proxy")
	globs.any_text(["x", "*"], "a/b.c")
	globs.any_text(["*-init"], "db-init")
	globs.any_text(["a*c"], "ac")
}

test_a_name_is_matched_as_a_whole if {
	not globs.any_text(["istio"], "istio-proxy")
	not globs.any_text(["istio-*"], "my-istio-proxy")
	not globs.any_text([], "istio-proxy")
}

test_two_stars_cross_segments_of_a_reference if {
	globs.any_reference(["registry.example.com/**"], "registry.example.com/a/b:1.0")
	globs.any_reference(["registry.example.com/*/b:*"], "registry.example.com/a/b:1.0")
}

test_one_star_does_not if {
	not globs.any_reference(["registry.example.com/*"], "registry.example.com/a/b:1.0")
	not globs.any_reference(["*.example.com/app"], "registry.example.com/x/app")
}

test_a_star_alone_is_every_reference if {
	globs.any_reference(["*"], "registry.example.com/a/b:1.0")
}
