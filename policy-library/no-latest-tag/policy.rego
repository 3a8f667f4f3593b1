# METADATA
# title: Images name a fixed version
# description: |
#   Every image names the version that runs: a tag other than `latest`, or a digest. An image without a tag means
#   `latest`, so what runs can change from one start to the next and nobody can say what ran yesterday. Looks at all
#   containers, also init, sidecar and ephemeral ones, and at images that are mounted as volumes. A reference that
#   can't be read fails.
# custom:
#   category: operational-excellence
#   severity: medium
#   kinds: ["@pod-spec"]
#   container_lists: [containers, initContainers, sidecars, ephemeralContainers]
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       denied_tags:
#         type: array
#         items: { type: string, pattern: "^[A-Za-z0-9_.*-]+$" }
#         default: [latest]
#         description: >-
#           Tags that are not allowed; `*` stands for any run of characters, as in `*-SNAPSHOT`, and alone for every
#           tag, so that only a digest will do.
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
#     Name the version that you tested:
#
#     ```yaml
#     containers:
#       - name: app
#         image: registry.example.com/shop/app:1.4.2
#     ```
#
#     A digest is stricter still, since a tag can be moved: `registry.example.com/shop/app@sha256:…`. Let the build
#     write the version into the manifest rather than a person.
#   standards:
#     - { framework: iso-27001-2022, section: A.8.9 }
#   related: []
#   admission: deny
#   expand: false
package bylaw.no_latest_tag

import data.lib.globs
import data.lib.images
import data.lib.pods

violation contains {
	"path": $"{entry.path}.image",
	"found": reference,
	"expected": expected,
	"message": $"{pods.label(entry)} {wrong}",
	"container": entry.name,
} if {
	some entry in pods.selected(pods.containers, input.parameters)
	reference := object.get(entry.container, "image", null)
	wrong := fault(reference, object.get(pods.parsed_images, entry.path, null))
}

violation contains {
	"path": volume.path,
	"found": volume.reference,
	"expected": expected,
	"message": $"Volume \"{volume.name}\" {wrong}",
} if {
	some volume in pods.volume_images
	not images.matches_any(input.parameters.exclude_images, volume.reference)
	wrong := fault(volume.reference, images.parse_or_null(volume.reference))
}

not_applicable contains reason if some reason in pods.not_judged(pods.containers, input.parameters)

expected := "a fixed tag or a digest"

# fault(reference, image): what is wrong with a reference, as the end of a sentence; undefined if nothing is. image is
# the parsed reference, null where it can't be parsed.
fault(reference, image) := "names no image; write one with a fixed tag or a digest." if reference in {null, ""}

else := "has an image reference that can't be read; write it as registry/name:tag or registry/name@digest." if {
	image == null
} else := "has no image tag, which means latest; write a fixed tag or a digest." if {
	image.tag == ""
	denied(image)
} else := $"uses the image tag {image.tag}, which doesn't fix what runs; write a fixed tag or a digest." if {
	denied(image)
}

denied(image) if {
	image.digest == ""
	globs.any_text(input.parameters.denied_tags, images.effective_tag(image))
}
