# METADATA
# title: Containers keep their AppArmor profile
# description: |
#   No container leaves the AppArmor profile that its runtime gives it, or that the node has for it: a profile's type
#   is one that `allowed` lists, by default `RuntimeDefault` or `Localhost`. What the container says wins over the
#   pod; the annotation `container.apparmor.security.beta.kubernetes.io/<container>` of Kubernetes before 1.30 counts
#   where the container says nothing itself. Unset is the runtime's default, and passes. Windows pods are exempt: the
#   setting is for Linux.
# custom:
#   category: security
#   severity: medium
#   kinds: ["@pod-spec"]
#   container_lists: [containers, initContainers, sidecars, ephemeralContainers]
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       allowed:
#         type: array
#         minItems: 1
#         items: { type: string, enum: [RuntimeDefault, Localhost, Unconfined] }
#         default: [RuntimeDefault, Localhost]
#         description: >-
#           Types of profile that are allowed; in the annotation they are written `runtime/default`, `localhost/…` and
#           `unconfined`.
#       strict_upstream:
#         type: boolean
#         default: false
#         description: >-
#           Whether to judge as the evaluator of the Pod Security Standards does: a pod's own profile has to be
#           allowed though every container has another, so has every such annotation, and Windows pods are judged too.
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
#     Remove the profile, or take the runtime's:
#
#     ```yaml
#     spec:
#       securityContext:
#         appArmorProfile:
#           type: RuntimeDefault
#     ```
#
#     A program that the runtime's profile stands in the way of gets one of its own, loaded on the nodes beforehand:
#
#     ```yaml
#     containers:
#       - name: app
#         securityContext:
#           appArmorProfile:
#             type: Localhost
#             localhostProfile: app-mounts
#     ```
#
#     From Kubernetes 1.30 on, the fields take the place of the annotation.
#   standards:
#     - { framework: pod-security-standards, section: baseline/appArmor }
#     - { framework: cis-kubernetes-1.10, section: 5.7.3 }
#     - { framework: nsa-cisa-kubernetes-hardening-1.2, section: Hardening container environments }
#     - { framework: iso-27001-2022, section: A.8.9 }
#   related: []
#   admission: deny
#   expand: false
package bylaw.apparmor_profile

import data.lib.contexts
import data.lib.fixes
import data.lib.objects
import data.lib.paths
import data.lib.pods

annotation_prefix := "container.apparmor.security.beta.kubernetes.io/"

judged := pods.selected(pods.containers, input.parameters)

violation contains object.union(object.union(place.owner, fix_for(place)), {
	"path": $"{place.path}.type",
	"found": found,
	"expected": choices,
	"message": $"{place.label} {fault(found)}; set appArmorProfile.type to {choices}.",
}) if {
	not exempt
	some place in contexts.places(judged, "appArmorProfile", input.parameters.strict_upstream)
	not annotation_wins(place)
	found := object.get(objects.object_or_empty(place.value), "type", null)
	not found in input.parameters.allowed
}

violation contains object.union(annotation.owner, {
	"path": paths.member($"{metadata_path}.annotations", annotation.key),
	"found": annotation.value,
	"expected": choices,
	"message": $"{annotation.label} {fault(annotation.value)}; remove the annotation.",
	"fix": fixes.drop(metadata_pointer, ["annotations", annotation.key]),
}) if {
	not exempt
	some annotation in counting
	not type_of(annotation.value) in input.parameters.allowed
}

not_applicable contains pods.windows_exempt if exempt

not_applicable contains reason if some reason in pods.not_judged(pods.containers, input.parameters)

exempt if {
	pods.windows
	not input.parameters.strict_upstream
}

choices := concat(" or ", input.parameters.allowed)

fault(null) := "names an AppArmor profile without its type"

fault(type) := $"runs with the AppArmor profile {type}, which is not allowed" if type != null

fix_for(place) := contexts.put(place, ["appArmorProfile"], {"type": "RuntimeDefault"}) if {
	"RuntimeDefault" in input.parameters.allowed
}

else := {}

default annotations := {}

annotations := {key: value |
	some key, value in objects.object_or_empty(objects.object_or_empty(pods.template.metadata).annotations)
	startswith(key, annotation_prefix)
	value != ""
}

# Strictly every annotation counts, else those of containers that say nothing themselves.
counting := [{"key": key, "value": value, "label": $"This {objects.kind}", "owner": {}} |
	count(judged) > 0
	some key, value in annotations
] if input.parameters.strict_upstream

else := [{"key": key, "value": value, "label": pods.label(entry), "owner": {"container": entry.name}} |
	some entry in judged
	object.get(entry.security, "appArmorProfile", null) == null
	key := $"{annotation_prefix}{entry.name}"
	value := annotations[key]
]

# The pod's own profile is for containers that neither a field nor an annotation says anything of.
annotation_wins(place) if {
	not input.parameters.strict_upstream
	contexts.lies_in_pod(place)
	key := $"{annotation_prefix}{place.entry.name}"
	annotations[key]
}

# What can't be read is a type of its own, which no list allows.
type_of(value) := type if type := annotation_types[value]

else := "Localhost" if startswith(value, "localhost/")

else := value

annotation_types := {"runtime/default": "RuntimeDefault", "unconfined": "Unconfined"}

metadata_path := "metadata" if pods.is_pod

else := $"{pods.template_path}.metadata"

metadata_pointer := $"/{replace(metadata_path, ".", "/")}"
