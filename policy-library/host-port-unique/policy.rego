# METADATA
# title: No two workloads take the same port of a node
# description: |
#   What a container takes of its node by `hostIP`, `hostPort` and `protocol` is taken by no other container: the second
#   pod that asks for it finds no node, or takes the place of the first. An unset hostIP is 0.0.0.0 and overlaps every
#   address, an unset protocol is TCP. Compared are the containers of the object itself, then the other workloads that
#   were posted or are in the cluster; the pods of one workload, and what controls them, are one. Where nothing is known
#   of others, the finding says so. Pods that name different nodes don't meet. Under `hostNetwork` a hostPort equal to
#   the containerPort is what the API server fills in itself; that is the matter of no-host-network. A workload that was
#   made less than 5 minutes ago is not held against others yet.
# custom:
#   category: network
#   severity: medium
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
#     Give each its own port, or let none take a port of the node and reach the container through a Service:
#
#     ```yaml
#     ports:
#       - { name: metrics, containerPort: 9100, hostPort: 9101 }
#     ```
#
#     Two that have to use the same number can share a node on different addresses (`hostIP`).
#   standards: []
#   related:
#     - name: rivals
#       kind:
#         - core/Pod
#         - apps/Deployment
#         - apps/ReplicaSet
#         - apps/StatefulSet
#         - apps/DaemonSet
#         - batch/Job
#         - batch/CronJob
#         - core/ReplicationController
#         - apps.openshift.io/DeploymentConfig
#         - argoproj.io/Rollout
#       select: "cluster(index: @pod.containers[].ports[].hostPort, @pod.initContainers[].ports[].hostPort)"
#       fields:
#         - kind
#         - metadata.name
#         - metadata.namespace
#         - metadata.ownerReferences
#         - spec.replicas
#         - "@pod.hostNetwork"
#         - "@pod.nodeName"
#         - "@pod.containers[].ports"
#         - "@pod.initContainers[].ports"
#       need: refines
#   admission: warn
#   expand: false
package bylaw.host_port_unique

import data.lib.host_ports
import data.lib.objects
import data.lib.pods
import data.lib.settling

violation contains {
	"path": entry.path,
	"found": entry.taken.port,
	"expected": expected,
	"message": $"{entry.label} takes {entry.taken.label} of the node, as does {lower_first(other)}{assumption}; {advice}",
	"container": entry.container,
} if {
	some i, entry in own
	earlier := [previous.label |
		some previous in array.slice(own, 0, i)
		host_ports.overlap(previous.taken, entry.taken)
	]
	other := earlier[0]
}

violation contains {
	"path": entry.path,
	"found": entry.taken.port,
	"expected": expected,
	"message": $"{entry.label} takes {entry.taken.label} of the node, as does {named(names)}; {advice}",
	"container": entry.container,
} if {
	not settling.reason
	some entry in own
	names := {rival.label |
		some rival in rivals
		some port in rival.ports
		host_ports.overlap(port, entry.taken)
	}
	count(names) > 0
}

skipped contains $"{settling.reason}, and others may still make room for its ports" if {
	settling.reason
	count(own) > 0
}

not_applicable contains reason if some reason in pods.not_judged(pods.lasting_containers, input.parameters)

expected := "a hostIP, hostPort and protocol that nothing else takes"

advice := "give it another port, or remove hostPort and use a Service."

assumption := "" if input.related.rivals

else := " (other workloads were not compared: none was posted)"

# What the judged containers take, in the order of the lists.
own := [{
	"path": path,
	"label": pods.label(entry),
	"container": entry.name,
	"taken": taken,
} |
	some entry in pods.selected(pods.lasting_containers, input.parameters)
	some i, _ in entry.container.ports
	path := $"{entry.path}.ports[{i}].hostPort"
	taken := host_ports.taken(pods.spec, entry.container, i)
]

# Of the judged object, what is compared of its rivals too.
self := {
	"kind": objects.kind,
	"metadata": {
		"name": input.review.name,
		"namespace": object.get(input.review, "namespace", ""),
		"ownerReferences": object.get(objects.metadata, "ownerReferences", []),
	},
	"spec": {"replicas": object.get(input.review.object, ["spec", "replicas"], null)},
}

# Other workloads, each by what controls it in the end.
rivals contains {"label": label(root), "ports": host_ports.all_taken(spec)} if {
	not idle(self)
	some workload in rival_objects
	not idle(workload)
	root := root_of(workload)
	root != root_of(self)
	spec := host_ports.spec_of(workload)
	not apart(spec)
}

# Pods that name their nodes meet only on the same one.
apart(spec) if {
	spec.nodeName != ""
	pods.spec.nodeName != ""
	spec.nodeName != pods.spec.nodeName
}

# What its controller has scaled down to nothing, such as the ReplicaSets of earlier versions.
idle(workload) if {
	workload.spec.replicas == 0
	host_ports.owner(workload)
}

owners[host_ports.identity(workload)] contains host_ports.owner(workload) if {
	some workload in array.concat([self], rival_objects)
}

default rival_objects := []

rival_objects := input.related.rivals

# root_of(object): what controls it in the end. Kubernetes has at most two steps: a Pod's ReplicaSet and its Deployment,
# a Pod's Job and its CronJob; one more is for what makes Deployments.
root_of(workload) := root_above(root_above(root_above(host_ports.identity(workload))))

root_above(identity) := above[0] if {
	above := [owner | some owner in owners[identity]]
} else := identity

label(root) := $"{root.kind} {root.name}" if root.namespace == ""

else := $"{root.kind} {root.namespace}/{root.name}"

named(names) := concat(", ", names) if count(names) <= 3

else := $"{concat(", ", array.slice(sorted, 0, 3))} and {count(names) - 3} more" if sorted := sort(names)

lower_first(text) := $"{lower(substring(text, 0, 1))}{substring(text, 1, -1)}"
