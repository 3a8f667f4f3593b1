# METADATA
# title: Volume claims name an approved StorageClass
# description: |
#   Every PersistentVolumeClaim, and every claim that a StatefulSet makes for its pods, names a StorageClass of `allowed`
#   (`storageClassName`; the older annotation `volume.beta.kubernetes.io/storage-class` wins over it, as it does for
#   Kubernetes). A claim that names none gets whatever is the default of its cluster at that moment, and fails; the empty
#   name stands for volumes without a class and passes where `allowed` holds it.
# custom:
#   category: resources
#   severity: low
#   kinds: [core/PersistentVolumeClaim, apps/StatefulSet]
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       allowed:
#         type: array
#         items: { type: string, pattern: "^[a-z0-9.*-]*$" }
#         default: []
#         description: >-
#           Names of StorageClasses; `*` stands for any run of characters, as in `standard-*`. The empty text allows
#           claims on volumes that have no class.
#   remediation: |
#     Name a class that the site has approved, for its price, its backups and its encryption:
#
#     ```yaml
#     spec:
#       storageClassName: standard-encrypted
#       accessModes: [ReadWriteOnce]
#       resources:
#         requests: { storage: 20Gi }
#     ```
#
#     The class of a claim can't be changed: copy the data into a new claim.
#   standards: []
#   related: []
#   admission: deny
#   expand: false
package bylaw.storage_class_approved

import data.lib.claims
import data.lib.fixes
import data.lib.globs
import data.lib.paths

violation contains object.union(fix_for(claim, said), {
	"path": $"{claim.path}{said.path}",
	"found": said.value,
	"expected": expected,
	"message": $"{claim.label} {fault(said.value)}; name {expected}.",
}) if {
	not needs_parameters
	some claim in claims.claims
	said := class_of(claim.holder)
	not approved(said.value)
}

skipped contains "needs parameters: allowed is empty" if needs_parameters

not_applicable contains claims.none

needs_parameters if count(input.parameters.allowed) == 0

older := "volume.beta.kubernetes.io/storage-class"

# class_of(holder): the class of a claim as {path, value}; value is null where it names none.
class_of(holder) := {"path": paths.member("metadata.annotations", older), "value": value} if {
	value := holder.metadata.annotations[older]
	value != null
} else := {"path": "spec.storageClassName", "value": object.get(holder, ["spec", "storageClassName"], null)}

approved(value) if {
	is_string(value)
	globs.any_text(input.parameters.allowed, value)
}

expected := concat(" or ", [shown(name) | some name in input.parameters.allowed])

shown(name) := "the empty name" if name == ""

else := name

fault(value) := "names no StorageClass, so that it gets what is the default of its cluster" if {
	value == null
} else := "asks for a volume without a StorageClass, which is not approved" if {
	value == ""
} else := $"names the StorageClass {value}, which is not approved"

# A class can be written for the author only where one alone is approved.
fix_for(claim, said) := {"fix": fixes.put(claim.pointer, claim.holder, ["spec", "storageClassName"], only)} if {
	said.path == "spec.storageClassName"
	[only] := input.parameters.allowed
	not contains(only, "*")
} else := {}
