# METADATA
# title: Environment variables are set once
# description: |
#   No container sets an environment variable twice in `env`: the last one wins, and tools that merge manifests may drop
#   the other. Variables of `envFrom` are meant to be overridden and don't count.
# custom:
#   category: operational-excellence
#   severity: low
#   kinds: ["@pod-spec"]
#   container_lists: [containers, initContainers, sidecars]
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
#     Keep the one that is meant:
#
#     ```yaml
#     env:
#       - { name: LOG_LEVEL, value: info }
#     ```
#   standards: []
#   related: []
#   admission: deny
#   expand: false
package bylaw.duplicate_env_names

import data.lib.fixes
import data.lib.pods

violation contains object.union(fix(entry, twice), {
	"path": $"{entry.path}.env[{twice.at}].name",
	"found": twice.name,
	"expected": "a name that env has once",
	"message": $"{pods.label(entry)} sets {twice.name} again in env[{twice.at}], which wins over env[{twice.before}]; keep one of them.",
	"container": entry.name,
}) if {
	some entry in pods.selected(pods.lasting_containers, input.parameters)
	some twice in repeated(entry)
}

not_applicable contains reason if some reason in pods.not_judged(pods.lasting_containers, input.parameters)

# repeated(entry): each variable that was set before, with both places.
repeated(entry) := [{"name": name, "at": places[i], "before": places[i - 1]} |
	some name, places in places_of(entry.container)
	count(places) > 1
	some i, _ in places
	i > 0
]

places_of(container) := {name: places |
	some variable in container.env
	name := variable.name
	is_string(name)
	places := [i | some i, other in container.env; other.name == name]
}

# The same thing said twice, and nothing else in the container that would move.
fix(entry, twice) := {"fix": fixes.drop(entry.pointer, ["env", twice.at])} if {
	entry.container.env[twice.at] == entry.container.env[twice.before]
	count(repeated(entry)) == 1
} else := {}
