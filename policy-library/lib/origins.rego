# Where images come from, compared with lists of registries, of paths in them, and of single images.
package lib.origins

import data.lib.globs
import data.lib.images

# first(entries, image): the first entry that covers a parsed image; undefined if none does. An entry is a registry
# (registry.example.com), a path in one (registry.example.com/shop, with all that is below it), or an exact reference
# with a tag or a digest; `*` stays within one part between slashes, `**` crosses them, and `*` alone covers everything.
first(entries, image) := covering[0] if {
	count(entries) > 0
	written := forms(image)
	covering := [entry |
		some entry in entries
		covers(entry, written)
	]
}

# names_registry(reference): the reference says which registry it comes from.
names_registry(reference) if {
	segments := split(reference, "/")
	count(segments) > 1
	images.looks_like_host(segments[0])
}

covers(entry, written) if {
	some meaning in meanings(entry)
	globs.any_reference([meaning], written[_])
}

# forms(image): the registry, each path down to the image, and the references that pull it.
forms(image) := array.concat(
	[concat("/", array.slice(segments, 0, length)) | some length in numbers.range(1, count(segments))],
	references(image),
) if {
	segments := split(image.name, "/")
}

# A digest alone fixes what is pulled; a tag beside it changes nothing.
references(image) := [images.full(image)] if image.digest == ""

else := [images.full(image), $"{image.name}@{image.digest}"]

# meanings(entry): what an entry may be: a registry with or without a path, and an image, so that `docker.io/nginx` is
# the user nginx of Docker Hub as well as its official image. A lone host name is no image.
meanings(entry) := {located(entry)} | {reference |
	not is_host(entry)
	image := images.parse(entry)
	reference := image_form(image)
}

is_host(entry) if {
	not contains(entry, "/")
	images.looks_like_host(split(entry, ":")[0])
}

located(entry) := concat("/", array.concat([host_form(segments[0])], array.slice(segments, 1, count(segments)))) if {
	segments := split(trim_suffix(entry, "/"), "/")
}

host_form(host) := "docker.io" if images.docker_hub[lower(host)]

else := lower(host)

image_form(image) := image.name if {
	image.tag == ""
	image.digest == ""
} else := images.full(image)
