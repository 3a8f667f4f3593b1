# METADATA
# title: Images are named by their digest
# description: |
#   Every image is named by its digest: a tag can be moved to another image, a digest is the image's content. Looks at
#   all containers, also init, sidecar and ephemeral ones, and at images that are mounted as volumes. A reference that
#   can't be read fails.
# custom:
#   category: operational-excellence
#   severity: info
#   kinds: ["@pod-spec"]
#   container_lists: [containers, initContainers, sidecars, ephemeralContainers]
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
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
#     Let the build write the digest beside the tag:
#
#     ```yaml
#     containers:
#       - name: app
#         image: registry.example.com/shop/app:1.4.2@sha256:4c1a8f4d1e6b0c5d2f7a9b3e8d6c5b4a39281706f5e4d3c2b1a0f9e8d7c6b5a4
#     ```
#
#     `docker buildx imagetools inspect <image>` and `crane digest <image>` tell it; Renovate and the like keep it new.
#   standards:
#     - { framework: iso-27001-2022, section: A.8.9 }
#   related: []
#   admission: deny
#   expand: false
package bylaw.image_by_digest

import data.lib.images
import data.lib.pods

violation contains {
	"path": $"{entry.path}.image",
	"found": reference,
	"expected": expected,
	"message": $"{pods.label(entry)} {wrong}; write it as name:tag@sha256:<digest>.",
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
	"message": $"Volume \"{volume.name}\" {wrong}; write it as name:tag@sha256:<digest>.",
} if {
	some volume in pods.volume_images
	not images.matches_any(input.parameters.exclude_images, volume.reference)
	wrong := fault(volume.reference, images.parse_or_null(volume.reference))
}

not_applicable contains reason if some reason in pods.not_judged(pods.containers, input.parameters)

expected := "an image with a digest"

# fault(reference, image): what is wrong with a reference, as part of a sentence; undefined if nothing is. image is the
# parsed reference, null where it can't be parsed.
fault(reference, image) := "names no image" if reference in {null, ""}

else := "has an image reference that can't be read" if image == null

else := "names its image without a digest" if {
	image.digest == ""
	image.tag == ""
} else := $"names its image by the tag {image.tag} alone, which can be moved" if {
	image.digest == ""
}
