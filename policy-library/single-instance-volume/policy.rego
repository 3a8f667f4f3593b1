# METADATA
# title: A volume for one node is mounted by one pod
# description: |
#   A Deployment that mounts a claim which only one node can hold (ReadWriteOnce or ReadWriteOncePod) has one copy, and
#   ends it before it starts the next: `strategy` Recreate, or a rolling update without surge. Else a second pod on
#   another node waits for the volume for ever, and so does an update. A claim that is not known is taken for
#   ReadWriteOnce, and the finding says so.
# custom:
#   category: reliability
#   severity: medium
#   kinds: [apps/Deployment]
#   parameters: { type: object, additionalProperties: false, properties: {} }
#   remediation: |
#     For one copy, let the old pod go first:
#
#     ```yaml
#     spec:
#       replicas: 1
#       strategy:
#         type: Recreate
#     ```
#
#     For several, give each a volume of its own with a StatefulSet and `volumeClaimTemplates`, or use a claim with the
#     access mode ReadWriteMany where the storage has it.
#   standards: []
#   related:
#     - name: claims
#       kind: core/PersistentVolumeClaim
#       select: ref(spec.template.spec.volumes[].persistentVolumeClaim.claimName)
#       fields: [metadata.name, spec.accessModes]
#       need: refines
#   admission: deny
#   expand: false
package bylaw.single_instance_volume

import data.lib.objects
import data.lib.pods
import data.lib.replicas
import data.lib.shares

violation contains {
	"path": "spec.replicas",
	"found": replicas.written,
	"expected": "1, or a claim that several nodes can hold",
	"message": $"This Deployment runs with {replicas.counted(replicas.written)} that mount claim \"{claim.name}\" {claim.mode}; use a StatefulSet, a claim with ReadWriteMany, or one replica.",
} if {
	several
	some claim in claims
}

violation contains {
	"path": "spec.strategy.type",
	"found": type,
	"expected": "Recreate",
	"message": $"This Deployment starts a new pod before the old one lets go of claim \"{claim.name}\" {claim.mode}; set strategy.type to Recreate.",
	"fix": [{"op": "add", "path": "/spec/strategy", "value": {"type": "Recreate"}}],
} if {
	not several
	type != "Recreate"
	not without_surge
	some claim in claims
}

not_applicable contains pods.no_pod_spec

several if {
	is_number(replicas.written)
	replicas.written > 1
}

several if not is_number(replicas.written)

strategy := objects.object_or_empty(object.get(input.review.object, ["spec", "strategy"], null))

type := "RollingUpdate" if object.get(strategy, "type", null) in {null, ""}

else := strategy.type

# Then an old pod ends before a new one is started.
without_surge if shares.is_zero(shares.parse(strategy.rollingUpdate.maxSurge))

# The mounted claims that one node alone can hold, each with what is known of its access mode.
claims contains {"name": name, "mode": mode} if {
	some volume in pods.spec.volumes
	name := volume.persistentVolumeClaim.claimName
	mode := mode_of(name)
}

# mode_of(name): undefined where several nodes can hold the claim.
mode_of(name) := "(its access mode is not known: the claim was not posted, and ReadWriteOnce was assumed)" if {
	not known_modes[name]
} else := $"({concat(", ", sort(known_modes[name]))}), which one node holds at a time" if {
	count(known_modes[name] & {"ReadWriteMany", "ReadOnlyMany"}) == 0
}

known_modes[claim.metadata.name] := {mode | some mode in claim.spec.accessModes} if some claim in input.related.claims
