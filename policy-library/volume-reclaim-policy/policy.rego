# METADATA
# title: Volumes outlive their claims
# description: |
#   What becomes of a volume when its claim is deleted is one of `allowed`: `persistentVolumeReclaimPolicy` of a
#   PersistentVolume, which is Retain where it is unset, and `reclaimPolicy` of a StorageClass for the volumes it makes,
#   which is Delete where it is unset. By default only Retain is allowed, so that deleting a claim by mistake doesn't
#   delete the data.
# custom:
#   category: operational-excellence
#   severity: low
#   kinds: [core/PersistentVolume, storage.k8s.io/StorageClass]
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       allowed:
#         type: array
#         items: { type: string, enum: [Retain, Delete, Recycle] }
#         minItems: 1
#         default: [Retain]
#         description: What may become of volumes.
#   remediation: |
#     Keep the volume:
#
#     ```yaml
#     apiVersion: storage.k8s.io/v1
#     kind: StorageClass
#     metadata: { name: databases }
#     provisioner: ebs.csi.aws.com
#     reclaimPolicy: Retain
#     ```
#
#     A StorageClass can't be changed: make another for what has to be kept. The policy of a volume that is there can:
#     `kubectl patch pv <name> -p '{"spec":{"persistentVolumeReclaimPolicy":"Retain"}}'`.
#   standards: []
#   related: []
#   admission: deny
#   expand: false
package bylaw.volume_reclaim_policy

import data.lib.fixes
import data.lib.objects

violation contains object.union(fix, {
	"path": concat(".", keys),
	"found": found,
	"expected": expected,
	"message": $"{objects.kind} \"{input.review.name}\" {consequence}; set {concat(".", keys)} to {expected}.",
}) if {
	not found in input.parameters.allowed
}

keys := ["reclaimPolicy"] if objects.kind == "StorageClass"

else := ["spec", "persistentVolumeReclaimPolicy"]

# The API server's defaults differ.
found := unset if object.get(input.review.object, keys, null) in {null, ""}

else := object.get(input.review.object, keys, null)

unset := "Delete" if objects.kind == "StorageClass"

else := "Retain"

expected := concat(" or ", input.parameters.allowed)

consequence := $"{does[objects.kind]} {found}, which is not allowed" if not found in {"Delete", "Recycle"}

else := $"{does[objects.kind]} {found}, so the data is gone with the claim"

does := {"StorageClass": "makes volumes with the reclaim policy", "PersistentVolume": "has the reclaim policy"}

# The one policy that is allowed.
fix := {"fix": fixes.put("", input.review.object, keys, input.parameters.allowed[0])} if {
	count(input.parameters.allowed) == 1
} else := {}
