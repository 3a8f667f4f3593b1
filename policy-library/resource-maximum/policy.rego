# METADATA
# title: Containers take no more than is allowed
# description: |
#   No container requests more CPU, memory or ephemeral storage than `request` says for it, nor may it use more than
#   `limit` says; an amount that equals the maximum passes. A limit without a request is the request too, since the API
#   server copies it. A container without a limit of its own is judged by that of its pod (`spec.resources`). What is not
#   said at all is the matter of other policies. Ephemeral containers can't have resources and are not judged.
# custom:
#   category: resources
#   severity: medium
#   kinds: ["@pod-spec"]
#   container_lists: [containers, initContainers, sidecars]
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       cpu:
#         type: object
#         additionalProperties: false
#         properties:
#           request: { type: [string, number], pattern: "^[0-9]+([.][0-9]+)?([eE][0-9]+|[numkMGTPE]|[KMGTPE]i)?$" }
#           limit: { type: [string, number], pattern: "^[0-9]+([.][0-9]+)?([eE][0-9]+|[numkMGTPE]|[KMGTPE]i)?$" }
#         default: {}
#         description: >-
#           The most CPU that a container may request and use, as in `{request: "2", limit: "4"}`; what isn't given is
#           not limited.
#       memory:
#         type: object
#         additionalProperties: false
#         properties:
#           request: { type: [string, number], pattern: "^[0-9]+([.][0-9]+)?([eE][0-9]+|[numkMGTPE]|[KMGTPE]i)?$" }
#           limit: { type: [string, number], pattern: "^[0-9]+([.][0-9]+)?([eE][0-9]+|[numkMGTPE]|[KMGTPE]i)?$" }
#         default: {}
#         description: >-
#           The most memory, as in `{request: 4Gi, limit: 8Gi}`.
#       ephemeral_storage:
#         type: object
#         additionalProperties: false
#         properties:
#           request: { type: [string, number], pattern: "^[0-9]+([.][0-9]+)?([eE][0-9]+|[numkMGTPE]|[KMGTPE]i)?$" }
#           limit: { type: [string, number], pattern: "^[0-9]+([.][0-9]+)?([eE][0-9]+|[numkMGTPE]|[KMGTPE]i)?$" }
#         default: {}
#         description: >-
#           The most of the node's disk, as in `{limit: 10Gi}`.
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
#     Ask for what the container uses, as your metrics show it, and stay below the maximum:
#
#     ```yaml
#     containers:
#       - name: app
#         resources:
#           requests: { cpu: 500m, memory: 512Mi }
#           limits: { memory: 1Gi }
#     ```
#
#     A program that needs more is split into several copies, or gets a node of its own and a waiver.
#   standards:
#     - { framework: nsa-cisa-kubernetes-hardening-1.2, section: Resource policies }
#     - { framework: iso-27001-2022, section: A.8.6 }
#   related: []
#   admission: deny
#   expand: false
package bylaw.resource_maximum

import data.lib.pods
import data.lib.quantities
import data.lib.resources

violation contains {
	"path": said.path,
	"found": said.amount,
	"expected": $"at most {maximum}",
	"message": $"{pods.label(entry)} {fault(said, side, name)}; ask for at most {maximum}.",
	"container": entry.name,
} if {
	some entry in pods.selected(pods.lasting_containers, input.parameters)
	some parameter, name in names
	some key, side in sides
	maximum := input.parameters[parameter][key]
	said := effective(entry, side, name)
	not fits(said.amount, maximum)
}

skipped contains "needs parameters: cpu, memory and ephemeral_storage are empty" if {
	every parameter, _ in names {
		count(input.parameters[parameter]) == 0
	}
}

not_applicable contains reason if some reason in pods.not_judged(pods.lasting_containers, input.parameters)

names := {"cpu": "cpu", "memory": "memory", "ephemeral_storage": "ephemeral-storage"}

sides := {"request": "requests", "limit": "limits"}

# effective(entry, side, name): what holds for a container as {path, amount, source}; undefined if nothing does.
effective(entry, side, name) := {"path": $"{entry.path}.resources.{side}.{name}", "amount": amount, "source": "said"} if {
	amount := resources.amount(entry.container, side, name)
	amount != null
} else := {"path": $"{entry.path}.resources.limits.{name}", "amount": amount, "source": "copied"} if {
	side == "requests"
	amount := resources.amount(entry.container, "limits", name)
	amount != null
} else := {"path": $"{pods.spec_path}.resources.limits.{name}", "amount": amount, "source": "pod"} if {
	side == "limits"
	amount := resources.amount(pods.spec, "limits", name)
	amount != null
}

fits(amount, maximum) if quantities.parse(amount) <= quantities.parse(maximum)

words := {"cpu": "CPU", "memory": "memory", "ephemeral-storage": "ephemeral storage"}

fault(said, _, name) := $"gives an amount of {words[name]} that can't be read ({said.amount})" if {
	not quantities.parse(said.amount)
} else := $"requests {said.amount} of {words[name]}, since it has no request and the API server copies its limit" if {
	said.source == "copied"
}

fault(said, "requests", name) := $"requests {said.amount} of {words[name]}" if {
	said.source == "said"
	quantities.parse(said.amount)
}

fault(said, "limits", name) := $"may use {said.amount} of {words[name]}" if {
	said.source == "said"
	quantities.parse(said.amount)
}

fault(said, "limits", name) := $"may use {said.amount} of {words[name]}, which is the limit of its pod" if {
	said.source == "pod"
	quantities.parse(said.amount)
}
