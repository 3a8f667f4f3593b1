# Image references, read as container runtimes read them.
package lib.images

import data.lib.globs

lower_case_and_digits := "abcdefghijklmnopqrstuvwxyz0123456789"

tag_characters := "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"

hexadecimal := "0123456789abcdefABCDEF"

# Other names of Docker Hub.
docker_hub := {"docker.io", "index.docker.io", "registry-1.docker.io"}

# parse(reference): {registry, repository, name, tag, digest} of a well-formed reference, undefined otherwise.
# `nginx` is docker.io/library/nginx. tag and digest are "" where the reference has none; name is registry/repository.
# Grammar: github.com/distribution/reference.
parse(reference) := {
	"registry": registry,
	"repository": repository,
	"name": $"{registry}/{repository}",
	"tag": tag,
	"digest": digest,
} if {
	is_string(reference)
	[tagged, digest] := split_digest(reference)
	[path, tag] := split_tag(tagged)
	[host, rest] := split_host(path)
	registry := registry_name(host)
	every component in split(rest, "/") {
		well_formed_component(component)
	}
	repository := repository_name(registry, rest)
	count(repository) < 256
}

parse_or_null(reference) := image if image := parse(reference)

else := null

# full(image): the reference with everything that was left out: docker.io/library/nginx:latest.
full(image) := $"{image.name}@{image.digest}" if {
	image.tag == ""
	image.digest != ""
} else := $"{image.name}:{image.tag}@{image.digest}" if {
	image.digest != ""
} else := $"{image.name}:{effective_tag(image)}"

# effective_tag(image): the tag that is pulled where there is no digest.
effective_tag(image) := "latest" if image.tag == ""

else := image.tag

# matches_any(patterns, reference): a pattern matches the reference as written, in full (docker.io/library/nginx:1.27),
# or without its tag and digest (docker.io/library/nginx).
matches_any(patterns, reference) if globs.any_reference(patterns, reference)

matches_any(patterns, reference) if {
	count(patterns) > 0
	image := parse(reference)
	some form in [image.name, full(image)]
	globs.any_reference(patterns, form)
}

split_digest(reference) := [reference, ""] if not contains(reference, "@")

split_digest(reference) := [parts[0], parts[1]] if {
	parts := split(reference, "@")
	count(parts) == 2
	well_formed_digest(parts[1])
}

split_tag(reference) := [reference, ""] if not contains(last_segment(reference), ":")

split_tag(reference) := [substring(reference, 0, (count(reference) - count(tag)) - 1), tag] if {
	parts := split(last_segment(reference), ":")
	count(parts) == 2
	tag := parts[1]
	well_formed_tag(tag)
}

last_segment(reference) := segments[count(segments) - 1] if segments := split(reference, "/")

# The first segment is a host if it holds a dot or a port, is localhost, or has capitals; else the host is Docker Hub.
split_host(path) := [segments[0], substring(path, count(segments[0]) + 1, -1)] if {
	segments := split(path, "/")
	count(segments) > 1
	looks_like_host(segments[0])
} else := ["docker.io", path]

looks_like_host(segment) if contains(segment, ".")

looks_like_host(segment) if contains(segment, ":")

looks_like_host(segment) if segment == "localhost"

looks_like_host(segment) if lower(segment) != segment

registry_name(host) := "docker.io" if docker_hub[lower(host)]

else := lower(host) if well_formed_host(host)

# A host name or an IPv6 address in brackets, perhaps with a port.
well_formed_host(host) if {
	startswith(host, "[")
	[address, port] := split(substring(host, 1, -1), "]")
	address != ""
	trim(lower(address), "0123456789abcdef:.") == ""
	well_formed_port_suffix(port)
}

well_formed_host(host) if {
	domain := split(host, ":")[0]
	well_formed_domain(domain)
	well_formed_port_suffix(trim_prefix(host, domain))
}

well_formed_domain(domain) if {
	every label in split(domain, ".") {
		trim(lower(label), $"{lower_case_and_digits}-") == ""
		label != ""
		trim(label, "-") == label
	}
}

well_formed_port_suffix("")

well_formed_port_suffix(suffix) if {
	startswith(suffix, ":")
	suffix != ":"
	trim(substring(suffix, 1, -1), "0123456789") == ""
}

repository_name(registry, path) := $"library/{path}" if {
	registry == "docker.io"
	not contains(path, "/")
} else := path

# Lower-case letters and digits, with `.`, `_`, `__` or a run of `-` between them.
well_formed_component(component) if {
	trim(component, $"{lower_case_and_digits}._-") == ""
	component != ""
	trim(component, "._-") == component
	separated := replace(replace(component, "__", "_"), "_", ".")
	not contains(separated, "..")
	not contains(separated, ".-")
	not contains(separated, "-.")
}

well_formed_tag(tag) if {
	tag != ""
	count(tag) <= 128
	trim(tag, tag_characters) == ""
	not startswith(tag, ".")
	not startswith(tag, "-")
}

well_formed_digest(digest) if {
	parts := split(digest, ":")
	count(parts) == 2
	parts[0] != ""
	trim(lower(parts[0]), $"{lower_case_and_digits}+._-") == ""
	count(parts[1]) >= 32
	trim(parts[1], hexadecimal) == ""
}
