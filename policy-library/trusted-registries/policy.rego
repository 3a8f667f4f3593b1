# METADATA
# title: Images come from trusted registries
# description: |
#   Every image comes from a registry, or from a path in one, that `registries` lists, and from none that `denied` lists.
#   An image without a registry comes from Docker Hub, unless `unqualified` is `fail`: then every image has to name its
#   registry. Looks at all containers, also init, sidecar and ephemeral ones, and at images that are mounted as volumes.
#   A reference that can't be read fails. While both lists are empty nothing is judged.
# custom:
#   category: operational-excellence
#   severity: high
#   kinds: ["@pod-spec"]
#   container_lists: [containers, initContainers, sidecars, ephemeralContainers]
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       registries:
#         type: array
#         items: { type: string, pattern: "^[A-Za-z0-9._/:@*\\[\\]+-]+$" }
#         default: []
#         description: >-
#           Where images may come from: a registry (`registry.example.com`, `localhost:5000`), a path in one with all
#           that is below it (`registry.example.com/shop`, not `…/shopping`), or an exact reference
#           (`docker.io/library/nginx:1.27`). `*` stays within one part between slashes, as in `*.example.com/base`,
#           `**` crosses them, and `*` alone trusts every registry. An empty list trusts all that `denied` leaves.
#       denied:
#         type: array
#         items: { type: string, pattern: "^[A-Za-z0-9._/:@*\\[\\]+-]+$" }
#         default: []
#         description: >-
#           Where images may not come from, written like `registries`; it wins over them.
#       unqualified:
#         type: string
#         enum: [docker.io, fail]
#         default: docker.io
#         description: >-
#           What to make of an image that names no registry, such as `nginx`: `docker.io` judges it as one of Docker Hub,
#           where most runtimes look; `fail` refuses it, since a runtime may look elsewhere.
#       exclude_containers:
#         type: array
#         items: { type: string, pattern: "^[A-Za-z0-9*-]+$" }
#         default: []
#         description: >-
#           Names of containers that are not judged; `*` stands for any run of characters, as in `istio-*`.
#       exclude_images:
#         type: array
#         items: { type: string, pattern: "^[A-Za-z0-9._/:@*+-]+$" }
#         default: []
#         description: >-
#           Image references whose containers are not judged, compared with the reference as written, in full
#           (`docker.io/library/nginx:1.27`) and without tag and digest (`docker.io/library/nginx`). `*` stays within
#           one part between slashes, `**` crosses them, as in `registry.example.com/platform/**`.
#   remediation: |
#     Use the image from a registry that your organization trusts, with the registry written out:
#
#     ```yaml
#     containers:
#       - name: app
#         image: registry.example.com/shop/app:1.4.2
#     ```
#
#     An image of somebody else's is copied there first, by a pipeline that scans it, or through a cache of the
#     upstream registry.
#   standards:
#     - { framework: iso-27001-2022, section: A.5.21 }
#   related: []
#   admission: deny
#   expand: false
package bylaw.trusted_registries

import data.lib.images
import data.lib.origins
import data.lib.pods

violation contains {
	"path": $"{entry.path}.image",
	"found": reference,
	"expected": expected,
	"message": $"{pods.label(entry)} {wrong}; {advice}.",
	"container": entry.name,
} if {
	not needs_parameters
	some entry in pods.selected(pods.containers, input.parameters)
	reference := object.get(entry.container, "image", null)
	wrong := fault(reference, object.get(pods.parsed_images, entry.path, null))
}

violation contains {
	"path": volume.path,
	"found": volume.reference,
	"expected": expected,
	"message": $"Volume \"{volume.name}\" {wrong}; {advice}.",
} if {
	not needs_parameters
	some volume in pods.volume_images
	not images.matches_any(input.parameters.exclude_images, volume.reference)
	wrong := fault(volume.reference, images.parse_or_null(volume.reference))
}

skipped contains "needs parameters: registries and denied are empty" if needs_parameters

not_applicable contains reason if some reason in pods.not_judged(pods.containers, input.parameters)

needs_parameters if {
	count(input.parameters.registries) == 0
	count(input.parameters.denied) == 0
}

any_trusted if count(input.parameters.registries) == 0

# fault(reference, image): what is wrong with a reference, as the end of a sentence; undefined if nothing is. image is
# the parsed reference, null where it can't be parsed.
fault(reference, image) := "names no image" if reference in {null, ""}

else := "has an image reference that can't be read" if image == null

else := $"doesn't say which registry {reference} comes from" if {
	input.parameters.unqualified == "fail"
	not origins.names_registry(reference)
} else := $"uses {image.name}, which is denied ({entry})" if {
	entry := origins.first(input.parameters.denied, image)
} else := $"uses {image.name}, which comes from no trusted registry" if {
	not any_trusted
	not origins.first(input.parameters.registries, image)
}

expected := $"an image from none of {denied}" if any_trusted

else := $"an image from {trusted}" if count(input.parameters.denied) == 0

else := $"an image from {trusted}, but from none of {denied}"

trusted := concat(" or ", input.parameters.registries)

denied := concat(", ", input.parameters.denied)

advice := $"use {expected}"
