# METADATA
# title: Updates replace pods a few at a time
# description: |
#   A Deployment is updated by `RollingUpdate`, a DaemonSet too, and no more than `max_unavailable` of its pods are gone
#   at once. `Recreate` stops all of them before the first new one starts; `OnDelete` updates nothing until somebody
#   deletes pods, so that nodes run different versions. Unset, a Deployment's limit is 25% and a DaemonSet's 1. A number
#   is held against a percentage by the Deployment's replicas; how many pods a DaemonSet has is not known, and more than
#   one at a time is then skipped. With one copy or none there are no few at a time: that is the matter of
#   replicas-minimum. A Deployment that mounts a claim may be recreated, since two of its pods can't always hold it.
# custom:
#   category: reliability
#   severity: low
#   kinds: [Deployment, DaemonSet]
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       max_unavailable:
#         type: [string, integer]
#         minimum: 0
#         pattern: "^(100|[1-9]?[0-9])%$"
#         default: 50%
#         description: >-
#           How many pods may be gone at once during an update: a number, or a share such as `25%`.
#   remediation: |
#     Replace a few pods at a time, and start new ones before old ones end:
#
#     ```yaml
#     spec:
#       strategy: # of a DaemonSet: updateStrategy
#         type: RollingUpdate
#         rollingUpdate:
#           maxUnavailable: 25%
#           maxSurge: 25%
#     ```
#   standards: []
#   related: []
#   admission: deny
#   expand: false
package bylaw.rolling_update_strategy

import data.lib.fixes
import data.lib.objects
import data.lib.pods
import data.lib.shares

violation contains {
	"path": $"spec.{field}.type",
	"found": type,
	"expected": "RollingUpdate",
	"message": $"This {objects.kind} is updated by {type}, {harm(type)}; use RollingUpdate.",
	"fix": fixes.put("", input.review.object, ["spec", field, "type"], "RollingUpdate"),
} if {
	type != "RollingUpdate"
	not claims_excuse
}

violation contains {
	"path": $"spec.{field}.rollingUpdate.maxUnavailable",
	"found": gone,
	"expected": $"at most {input.parameters.max_unavailable}",
	"message": $"This {objects.kind} may lose {gone}{of_all} of its pods at once during an update; set maxUnavailable to at most {input.parameters.max_unavailable}.",
} if {
	type == "RollingUpdate"
	not within
	not undecided
}

skipped contains $"it may lose {gone} pods at once during an update, and how many there are is not known" if {
	type == "RollingUpdate"
	undecided
}

not_applicable contains "it is recreated because its pods hold a claim that two of them can't always share" if claims_excuse

field := "updateStrategy" if objects.kind == "DaemonSet"

else := "strategy"

strategy := objects.object_or_empty(object.get(input.review.object, ["spec", field], null))

type := "RollingUpdate" if object.get(strategy, "type", null) in {null, ""}

else := strategy.type

harm("Recreate") := "which stops all of its pods before the first new one starts"

harm("OnDelete") := "which replaces nothing until somebody deletes its pods"

harm(other) := "which is no strategy" if not other in {"Recreate", "OnDelete"}

claims_excuse if {
	type == "Recreate"
	some volume in pods.spec.volumes
	object.get(objects.object_or_empty(volume), "persistentVolumeClaim", null) != null
}

gone := default_gone if object.get(strategy, ["rollingUpdate", "maxUnavailable"], null) == null

else := strategy.rollingUpdate.maxUnavailable

default_gone := 1 if objects.kind == "DaemonSet"

else := "25%"

share := shares.parse(gone)

limit := shares.parse(input.parameters.max_unavailable)

within if share.number <= limit.number

within if share.percent <= limit.percent

# One pod at a time is as careful as a number can be.
within if {
	share.number <= 1
	limit.percent > 0
	objects.kind == "DaemonSet"
}

within if {
	share.number == 0
	limit.percent
}

within if {
	share.percent == 0
	limit.number >= 0
}

within if {
	share.number
	limit.percent
	replicas <= 1
}

within if {
	share.number
	limit.percent > 0
	replicas > 1
	share.number * 100 <= limit.percent * replicas
}

within if {
	share.percent
	limit.number >= 0
	replicas
	shares.rounded_down(share, replicas) <= limit.number
}

# The API server's default is 1.
replicas := 1 if {
	objects.kind != "DaemonSet"
	object.get(input.review.object, ["spec", "replicas"], null) == null
}

replicas := input.review.object.spec.replicas if {
	objects.kind != "DaemonSet"
	is_number(input.review.object.spec.replicas)
}

undecided if {
	not within
	objects.kind == "DaemonSet"
	share.number
	limit.percent > 0
}

undecided if {
	not within
	objects.kind == "DaemonSet"
	share.percent
	limit.number > 0
}

of_all := $" of {replicas}" if {
	share.number
	replicas > 1
} else := ""
