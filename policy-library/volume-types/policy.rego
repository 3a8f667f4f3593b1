# METADATA
# title: Volumes are of types that are allowed
# description: |
#   Every volume is of a type that `allowed` lists, by default those that bring data to the pod without reaching into
#   the node or naming a server: the others belong into a PersistentVolume, which the cluster's administrators make. A
#   volume that says no type is an `emptyDir`.
# custom:
#   category: security
#   severity: medium
#   kinds: ["@pod-spec"]
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       allowed:
#         type: array
#         items: { type: string, pattern: "^([a-z][A-Za-z]*|\\*)$" }
#         default: [configMap, csi, downwardAPI, emptyDir, ephemeral, image, persistentVolumeClaim, projected, secret]
#         description: >-
#           Types of volume that are allowed, as a volume names them; `*` allows every one.
#       strict_upstream:
#         type: boolean
#         default: false
#         description: >-
#           Whether to judge as the evaluator of the Pod Security Standards does: a volume that says several types passes
#           with one that is allowed. The API server refuses such a volume.
#   remediation: |
#     Ask for storage by a claim, and let the cluster's administrators say where it lies:
#
#     ```yaml
#     volumes:
#       - name: data
#         persistentVolumeClaim:
#           claimName: data
#     ```
#
#     What was an `nfs`, `iscsi` or `rbd` volume becomes a PersistentVolume of that type, or a StorageClass whose driver
#     makes them. A `gitRepo` becomes an init container that fetches the repository into an `emptyDir`; a `hostPath` is
#     the matter of host-path-volumes too.
#   standards:
#     - { framework: pod-security-standards, section: restricted/volumes }
#     - { framework: cis-kubernetes-1.10, section: 5.7.3 }
#     - { framework: iso-27001-2022, section: A.8.9 }
#   related: []
#   admission: deny
#   expand: false
package bylaw.volume_types

import data.lib.pods
import data.lib.volumes

violation contains {
	"path": $"{volume.path}.{type}",
	"found": type,
	"expected": expected,
	"message": $"Volume \"{volume.name}\" is of type {type}, which is not allowed; use {instead}.",
} if {
	some volume in volumes.all
	types := types_of(volume.volume)
	not good_enough(types)
	some type in types
	not allowed(type)
}

not_applicable contains pods.no_pod_spec

# The API server's default is emptyDir.
types_of(volume) := {"emptyDir"} if volumes.sources(volume) == set()

else := volumes.sources(volume)

allowed(type) if type in input.parameters.allowed

allowed(_) if "*" in input.parameters.allowed

good_enough(types) if {
	input.parameters.strict_upstream
	some type in types
	allowed(type)
}

expected := $"one of {concat(", ", input.parameters.allowed)}" if count(input.parameters.allowed) > 0

else := "no volume"

instead := "a claim" if allowed("persistentVolumeClaim")

else := "one that is allowed"
