# METADATA
# title: Images are pulled when they have to be
# description: |
#   An image that names a fixed version has the `imagePullPolicy` in `required`; one by the tag `latest`, or without a
#   tag, has Always, since a node may hold an older one under that name. Unset is what Kubernetes makes of it: Always for
#   `latest` and for none, else IfNotPresent. A reference that can't be read fails. Looks at all containers, also init,
#   sidecar and ephemeral ones.
# custom:
#   category: operational-excellence
#   severity: low
#   kinds: ["@pod-spec"]
#   container_lists: [containers, initContainers, sidecars, ephemeralContainers]
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       required:
#         type: string
#         enum: [IfNotPresent, Always, Never]
#         default: IfNotPresent
#         description: >-
#           What images need that name a fixed version. Always asks the registry at each start, so that who runs a pod
#           has to have the right to its image; Never takes only what is on the node.
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
#     Leave it out, and name a fixed version; or say what is required:
#
#     ```yaml
#     containers:
#       - name: app
#         image: registry.example.com/shop/app:1.4.2
#         imagePullPolicy: IfNotPresent
#     ```
#   standards: []
#   related: []
#   admission: deny
#   expand: false
package bylaw.image_pull_policy

import data.lib.fixes
import data.lib.pods

violation contains object.union(fix(entry, wanted), {
	"path": $"{entry.path}.imagePullPolicy",
	"found": found,
	"expected": wanted,
	"message": $"{pods.label(entry)} has the imagePullPolicy {found} for {described(image)}; set it to {wanted}.",
	"container": entry.name,
}) if {
	some entry in pods.selected(pods.containers, input.parameters)
	image := pods.parsed_images[entry.path]
	wanted := wanted_for(image)
	found := effective(entry.container, image)
	found != wanted
}

violation contains {
	"path": $"{entry.path}.image",
	"found": object.get(entry.container, "image", null),
	"expected": "an image reference that can be read",
	"message": $"{pods.label(entry)} has an image reference that can't be read, so nobody knows when it is pulled; write it as registry/name:tag or registry/name@digest.",
	"container": entry.name,
} if {
	some entry in pods.selected(pods.containers, input.parameters)
	not pods.parsed_images[entry.path]
}

not_applicable contains reason if some reason in pods.not_judged(pods.containers, input.parameters)

# Without a digest the tag latest, which none means too, may be another image tomorrow.
mutable(image) if {
	image.digest == ""
	image.tag in {"", "latest"}
}

wanted_for(image) := "Always" if mutable(image)

else := input.parameters.required

effective(container, _) := container.imagePullPolicy if not object.get(container, "imagePullPolicy", null) in {null, ""}

else := "Always" if container_default_is_always(container)

else := "IfNotPresent"

# The API server goes by the tag, also beside a digest.
container_default_is_always(container) if {
	segments := split(split(container.image, "@")[0], "/")
	endswith(segments[count(segments) - 1], ":latest")
}

container_default_is_always(container) if {
	not contains(container.image, "@")
	segments := split(container.image, "/")
	not contains(segments[count(segments) - 1], ":")
}

described(image) := "an image that may be another tomorrow" if mutable(image)

else := "an image that names its version"

fix(entry, wanted) := {"fix": fixes.put(entry.pointer, entry.container, ["imagePullPolicy"], wanted)}
