package lib.images_test

import data.lib.images

digest := "sha256:4c1a8f4d1e6b0c5d2f7a9b3e8d6c5b4a39281706f5e4d3c2b1a0f9e8d7c6b5a4"

hexadecimal := trim_prefix(digest, "sha256:")

long_name := concat("", ["a" | some _ in numbers.range(1, 254)])

test_a_bare_name_is_an_official_image_of_docker_hub if {
	images.full(images.parse("nginx")) == "docker.io/library/nginx:latest"
}

test_aliases_of_docker_hub_are_docker_hub if {
	every reference in ["nginx:1", "docker.io/nginx:1", "index.docker.io/library/nginx:1", "registry-1.docker.io/nginx:1"] {
		images.full(images.parse(reference)) == "docker.io/library/nginx:1"
	}
}

test_a_user_of_docker_hub_is_no_registry if {
	images.parse("bitnami/redis:7").name == "docker.io/bitnami/redis"
}

test_a_port_is_no_tag if {
	image := images.parse("host:5000/app")
	image.registry == "host:5000"
	image.repository == "app"
	image.tag == ""
}

test_a_single_part_with_a_colon_has_a_tag if {
	image := images.parse("host:5000")
	image.name == "docker.io/library/host"
	image.tag == "5000"
}

test_localhost_is_a_registry if {
	images.parse("localhost/app").registry == "localhost"
}

test_hosts_are_compared_in_lower_case if {
	images.parse("Registry.Example.com/app:1").registry == "registry.example.com"
}

test_an_address_in_brackets_is_a_registry if {
	images.parse("[2001:db8::1]:5000/team/app:1").registry == "[2001:db8::1]:5000"
	images.parse("[2001:db8::1]/team/app:1").registry == "[2001:db8::1]"
}

test_tag_and_digest_are_both_kept if {
	image := images.parse($"registry.example.com/a/b:1.0@{digest}")
	image.tag == "1.0"
	image.digest == digest
	images.full(image) == $"registry.example.com/a/b:1.0@{digest}"
}

test_a_digest_alone_is_in_the_full_form if {
	images.full(images.parse($"nginx@{digest}")) == $"docker.io/library/nginx@{digest}"
}

test_separators_within_a_part_are_accepted if {
	every reference in ["a.b/c_d/e__f/g---h:1", "my-registry.example.com:443/a/b"] {
		images.parse(reference)
	}
}

test_what_is_malformed_is_not_parsed if {
	every reference in [
		"", " ", " nginx", "nginx ", "NGINX", "a//b", "/a", "a/", "a..b", "a___b", "-a", "a-", "a:", "a:b:c", "a:.b", "a:-b",
		"a@sha256", "a@sha256:123", $"a@{digest}@{digest}", "host:port/app", "host:/app", "-host.com/app", "a b", null, 5,
		"[::1/app", "[::1]5000/app", $"a@:{digest}", "https://example.com/app",
		"x2001:db8::1]/app", "[]:5000/app", "[x:yz]/app", "ho_st.com/app", "h*st.com/app", "a..example.com/app", "a.-b", "a-.b", "a:t+g",
		$"a@{digest}:x", $"a@:{hexadecimal}", $"a@sha/256:{hexadecimal}", "a@sha256:4c1a8f4d1e6b0c5d2f7a9b3e8d6c5bxx",
		$"a/{long_name}",
	] {
		not images.parse(reference)
	}
}

test_a_tag_has_at_most_128_characters if {
	long := concat("", ["a" | some _ in numbers.range(1, 128)])
	images.parse($"a:{long}")
	not images.parse($"a:{long}a")
}

test_patterns_match_as_written_in_full_and_without_tag if {
	every pattern in ["nginx", "docker.io/library/nginx", "docker.io/library/*", "docker.io/**", "docker.io/library/nginx:latest"] {
		images.matches_any([pattern], "nginx")
	}
}

test_patterns_match_references_that_cannot_be_parsed if {
	images.matches_any(["AUTO*"], "AUTO-IMAGE")
}

test_one_star_stays_within_a_segment if {
	not images.matches_any(["registry.example.com/*"], "registry.example.com/a/b:1")
	images.matches_any(["registry.example.com/**"], "registry.example.com/a/b:1")
}

test_a_star_alone_is_everything if {
	images.matches_any(["*"], "registry.example.com/a/b:1")
}

test_no_pattern_matches_nothing if {
	not images.matches_any([], "nginx")
	not images.matches_any(["nginx*"], null)
}

test_localhost_alone_is_a_name if {
	images.parse("localhost").name == "docker.io/library/localhost"
}

test_a_digest_has_at_least_32_digits if {
	images.parse("a@md5:4c1a8f4d1e6b0c5d2f7a9b3e8d6c5b4a").digest == "md5:4c1a8f4d1e6b0c5d2f7a9b3e8d6c5b4a"
}

test_a_repository_has_less_than_256_characters if {
	images.parse(substring($"a/{long_name}", 0, 255))
}
