# METADATA
# title: Limits stay close to requests
# description: |
#   A container's limit of CPU is at most `cpu` times its request, its limit of memory at most `memory` times. The
#   scheduler goes by requests: where limits are many times as much, the pods of a node together may use what the node
#   doesn't have, and some are killed or starve. A container that lacks one side is not judged (a limit alone is the
#   request too), and nothing is where no container has both. Ephemeral containers can't have resources.
# custom:
#   category: resources
#   severity: low
#   kinds: ["@pod-spec"]
#   container_lists: [containers, initContainers, sidecars]
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       cpu:
#         type: number
#         minimum: 0
#         default: 0
#         description: >-
#           How many times its request of CPU a limit may be, at the most; 0 leaves CPU alone.
#       memory:
#         type: number
#         minimum: 0
#         default: 0
#         description: >-
#           The same of memory, as in 1.5; 0 leaves memory alone.
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
#     Bring both sides together: raise the request to what the container really uses, or lower the limit:
#
#     ```yaml
#     containers:
#       - name: app
#         resources:
#           requests: { cpu: 250m, memory: 256Mi }
#           limits: { cpu: 500m, memory: 256Mi }
#     ```
#
#     Memory can't be taken back from a program, so that both sides are best the same there.
#   standards:
#     - { framework: iso-27001-2022, section: A.8.6 }
#   related: []
#   admission: deny
#   expand: false
package bylaw.limit_request_ratio

import data.lib.pods
import data.lib.quantities
import data.lib.resources

violation contains {
	"path": $"{entry.path}.resources.limits.{name}",
	"found": pair.limit,
	"expected": $"at most {input.parameters[name]} times the request of {pair.request}",
	"message": $"{pods.label(entry)} may use {pair.limit} of {words[name]}, which is more than {input.parameters[name]} times its request of {pair.request}; raise the request or lower the limit.",
	"container": entry.name,
} if {
	some entry in judged
	some name in asked
	pair := both(entry, name)
	not fits(pair, input.parameters[name])
}

skipped contains "needs parameters: cpu and memory are 0" if count(asked) == 0

not_applicable contains reason if some reason in pods.not_judged(pods.lasting_containers, input.parameters)

not_applicable contains $"no container has both a request and a limit of {concat(" or ", asked)}" if {
	count(asked) > 0
	count(judged) > 0
	not any_pair
}

words := {"cpu": "CPU", "memory": "memory"}

asked contains name if {
	some name in ["cpu", "memory"]
	input.parameters[name] > 0
}

judged := pods.selected(pods.lasting_containers, input.parameters)

any_pair if {
	some entry in judged
	some name in asked
	both(entry, name)
}

# both(entry, name): {request, limit} of a container; undefined if it lacks one.
both(entry, name) := {"request": request, "limit": limit} if {
	request := resources.amount(entry.container, "requests", name)
	request != null
	limit := resources.amount(entry.container, "limits", name)
	limit != null
}

fits(pair, ratio) if quantities.parse(pair.limit) <= quantities.parse(pair.request) * ratio
