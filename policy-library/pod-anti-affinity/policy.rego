# METADATA
# title: Copies are kept apart
# description: |
#   A workload with several copies tells the scheduler to keep them apart, so that the loss of one node or one zone
#   doesn't take them all. It passes with a pod anti-affinity term, required or preferred, whose `topologyKey` is listed,
#   whose namespaces include the workload's own and whose `labelSelector` matches the labels of its own pod template; a
#   selector that is missing matches nothing. A topology spread constraint by the same tests will do as well. Judged are
#   workloads with at least `min_replicas` copies: an autoscaler's minimum where one is known, else `spec.replicas`.
#   Where neither is there one copy runs, which replicas-minimum speaks of. A ReplicaSet or ReplicationController that
#   another object controls is not judged.
# custom:
#   category: reliability
#   severity: medium
#   kinds:
#     - Deployment
#     - StatefulSet
#     - ReplicaSet
#     - ReplicationController
#     - apps.openshift.io/DeploymentConfig
#     - argoproj.io/Rollout
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       min_replicas:
#         type: integer
#         minimum: 0
#         default: 2
#         description: The number of copies from which on a workload is judged.
#       required_only:
#         type: boolean
#         default: false
#         description: >-
#           Whether a preference is not enough: preferred terms and constraints with ScheduleAnyway, which a full
#           cluster ignores.
#       topology_keys:
#         type: array
#         items: { type: string, pattern: "^[A-Za-z0-9._/*-]+$" }
#         default: [kubernetes.io/hostname, topology.kubernetes.io/zone]
#         description: >-
#           Labels of nodes by which copies may be kept apart; `*` stands for any run of characters.
#       accept_spread:
#         type: boolean
#         default: true
#         description: >-
#           Whether a topology spread constraint will do instead of an anti-affinity term.
#   remediation: |
#     Ask for it in the pod template, with the labels that the template itself carries:
#
#     ```yaml
#     spec:
#       template:
#         metadata:
#           labels: { app: web }
#         spec:
#           affinity:
#             podAntiAffinity:
#               preferredDuringSchedulingIgnoredDuringExecution:
#                 - weight: 100
#                   podAffinityTerm:
#                     topologyKey: kubernetes.io/hostname
#                     labelSelector:
#                       matchLabels: { app: web }
#     ```
#
#     `requiredDuringSchedulingIgnoredDuringExecution` (a list of terms without weight) never puts two on one node, and
#     leaves a copy waiting where nodes are few.
#   standards:
#     - { framework: iso-27001-2022, section: A.8.14 }
#   related:
#     - name: horizontal_pod_autoscalers
#       kind: autoscaling/HorizontalPodAutoscaler
#       select: same_namespace
#       fields: [metadata.name, spec.scaleTargetRef, spec.minReplicas]
#       need: refines
#     - name: scaled_objects
#       kind: keda.sh/ScaledObject
#       select: same_namespace
#       fields: [metadata.name, spec.scaleTargetRef, spec.minReplicaCount]
#       need: refines
#   admission: deny
#   expand: false
package bylaw.pod_anti_affinity

import data.lib.globs
import data.lib.objects
import data.lib.placement
import data.lib.pods
import data.lib.replicas
import data.lib.selectors

violation contains {
	"path": $"{pods.spec_path}.affinity.podAntiAffinity",
	"found": object.get(pods.spec, ["affinity", "podAntiAffinity"], null),
	"expected": expected,
	"message": $"This {objects.kind} runs with {known_copies}, and nothing keeps them apart{shown_faults}; give it {expected}.",
} if {
	judged
	count(sufficient) == 0
	count(undecided) == 0
}

skipped contains "needs parameters: topology_keys is empty" if {
	applies
	count(input.parameters.topology_keys) == 0
}

skipped contains $"{undecided[0].place} selects namespaces by labels, and those of {namespace} are not known" if {
	judged
	count(sufficient) == 0
	count(undecided) > 0
}

not_applicable contains $"{owner.kind} {owner.name} controls it and sets its replicas" if {
	replicas.owned
	owner := objects.controller
}

not_applicable contains pods.no_pod_spec

not_applicable contains $"its replicas are not set, which means 1, and {assumption}" if one_by_default

not_applicable contains $"it runs with {known_copies}, and is judged from {input.parameters.min_replicas} on" if {
	not one_by_default
	too_few
}

judged if {
	applies
	count(input.parameters.topology_keys) > 0
}

applies if {
	pods.spec
	not replicas.owned
	not one_by_default
	not too_few
}

one_by_default if {
	replicas.unset
	count(autoscalers) == 0
}

too_few if {
	is_number(copies)
	copies < input.parameters.min_replicas
}

# The least number of copies that there may be.
copies := min({autoscaler.minimum | some autoscaler in autoscalers}) if count(autoscalers) > 0

else := replicas.written

known_copies := $"at least {replicas.counted(copies)} ({concat(" and ", deciding)})" if count(autoscalers) > 0

else := $"{replicas.counted(copies)} ({assumption})"

deciding := sort({$"{autoscaler.kind} \"{autoscaler.name}\"" | some autoscaler in replicas.deciding(autoscalers)})

autoscalers := replicas.autoscalers(horizontal, keda)

assumption := replicas.assumption(horizontal, keda)

default horizontal := null

horizontal := input.related.horizontal_pod_autoscalers

default keda := null

keda := input.related.scaled_objects

namespace := object.get(input.review, "namespace", "default")

default namespace_labels := null

namespace_labels := input.context.namespace_labels

apt := [rule | some rule in placement.rules; not fault(rule)]

sufficient := [rule | some rule in apt; placement.covers(rule.says, namespace, namespace_labels) == "yes"]

undecided := [rule | some rule in apt; placement.covers(rule.says, namespace, namespace_labels) == "unknown"]

# fault(rule): why a rule doesn't keep the copies apart, but for its namespaces; undefined if it may.
fault(rule) := "is not accepted by the parameters" if {
	rule.sort == "constraint"
	not input.parameters.accept_spread
} else := "says neither DoNotSchedule nor ScheduleAnyway" if {
	rule.strength == "none"
} else := "is only a preference" if {
	rule.strength == "preferred"
	input.parameters.required_only
} else := "has no topologyKey" if {
	object.get(rule.says, "topologyKey", null) in {null, ""}
} else := $"has the topologyKey {rule.says.topologyKey}" if {
	not globs.any_text(input.parameters.topology_keys, rule.says.topologyKey)
} else := "has no labelSelector, which selects nothing" if {
	object.get(rule.says, "labelSelector", null) == null
} else := "selects other pods" if {
	not selectors.matches_copies(rule.says, replicas.labels, replicas.distinct_labels)
}

faults := array.concat(
	[$"{rule.place} {why}" | some rule in placement.rules; why := fault(rule)],
	[$"{rule.place} looks at other namespaces" |
		some rule in apt
		placement.covers(rule.says, namespace, namespace_labels) == "no"
	],
)

shown_faults := "" if count(faults) == 0

else := $" ({concat(", ", faults)})"

expected := $"{holder} that selects its own pods, with the topologyKey {concat(" or ", input.parameters.topology_keys)}"

holder := "a podAntiAffinity term or a topologySpreadConstraint" if input.parameters.accept_spread

else := "a podAntiAffinity term"
