# METADATA
# title: Volume claims are no larger than is allowed
# description: |
#   No PersistentVolumeClaim, and no claim that a StatefulSet makes for each of its pods, asks for more storage than
#   `max`; what equals it passes. A claim can grow later but never shrink, and is paid for whether it is full or not.
# custom:
#   category: resources
#   severity: low
#   kinds: [core/PersistentVolumeClaim, apps/StatefulSet]
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       max:
#         type: [string, number]
#         pattern: "^([0-9]+([.][0-9]+)?([eE][0-9]+|[numkMGTPE]|[KMGTPE]i)?)?$"
#         default: ""
#         description: >-
#           The most that one claim may ask for, as in `100Gi`.
#   remediation: |
#     Ask for what is needed now; where the StorageClass has `allowVolumeExpansion` it grows when more is needed:
#
#     ```yaml
#     spec:
#       accessModes: [ReadWriteOnce]
#       resources:
#         requests: { storage: 20Gi }
#     ```
#
#     Data that is large and seldom read belongs into object storage.
#   standards:
#     - { framework: iso-27001-2022, section: A.8.6 }
#   related: []
#   admission: deny
#   expand: false
package bylaw.volume_claim_size

import data.lib.claims
import data.lib.quantities

violation contains {
	"path": $"{claim.path}spec.resources.requests.storage",
	"found": size,
	"expected": $"at most {input.parameters.max}",
	"message": $"{claim.label} {fault(size)}; ask for at most {input.parameters.max}.",
} if {
	not needs_parameters
	some claim in claims.claims
	size := object.get(claim.holder, ["spec", "resources", "requests", "storage"], null)
	not fits(size)
}

skipped contains "needs parameters: max is not set" if needs_parameters

not_applicable contains claims.none

needs_parameters if input.parameters.max == ""

fits(size) if quantities.parse(size) <= quantities.parse(input.parameters.max)

fault(size) := "doesn't say how much storage it asks for" if size == null

else := $"asks for {size} of storage" if quantities.parse(size)

else := $"asks for an amount of storage that can't be read ({size})"
