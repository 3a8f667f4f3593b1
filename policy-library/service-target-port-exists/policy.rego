# METADATA
# title: Services lead to ports that are there
# description: |
#   Each `targetPort` of a Service, which is its `port` where it is unset, is declared by a container of the pods that it
#   selects: a name with the same protocol, a number where these pods declare any. A name that no pod has leads nowhere.
#   Pods that declare no ports may listen on any, and pass. Services without a selector, aliases and Services that select
#   nothing are the matter of others. Without a named cluster it is not known which workloads there are, and the Service
#   is skipped; so is one that was made less than 5 minutes ago, whose pods may still come.
# custom:
#   category: operational-excellence
#   severity: low
#   kinds: [core/Service]
#   parameters: { type: object, additionalProperties: false, properties: {} }
#   remediation: |
#     Use the name that the container gives its port:
#
#     ```yaml
#     # container
#     ports:
#       - { name: http, containerPort: 8080 }
#     ---
#     # Service
#     spec:
#       ports:
#         - { port: 80, targetPort: http }
#     ```
#   standards: []
#   related:
#     - name: workloads
#       kind:
#         - core/Pod
#         - Deployment
#         - StatefulSet
#         - DaemonSet
#         - core/ReplicationController
#         - Job
#         - CronJob
#         - apps.openshift.io/DeploymentConfig
#         - argoproj.io/Rollout
#       select: same_namespace
#       fields:
#         - kind
#         - metadata.name
#         - metadata.labels
#         - spec.template.metadata.labels
#         - spec.jobTemplate.spec.template.metadata.labels
#         - "@pod.containers[].ports"
#         - "@pod.initContainers[].ports"
#       need: complete
#   admission: none
#   expand: false
package bylaw.service_target_port_exists

import data.lib.services
import data.lib.settling
import data.lib.workloads

violation contains finding if {
	not settling.reason
	some finding in findings
}

skipped contains "the workloads of its namespace are not known: no cluster was named, or it is still being listed" if {
	judged
	not input.related.workloads
}

skipped contains $"{settling.reason}, and its pods may still come" if {
	settling.reason
	count(findings) > 0
}

not_applicable contains "it selects no pods by labels" if not judged

not_applicable contains "no workload has the labels that it selects: service-selects-pods tells that" if {
	judged
	input.related.workloads
	count(selected) == 0
}

judged if {
	services.type != "ExternalName"
	count(services.selector) > 0
}

selected := [workload |
	some workload in input.related.workloads
	workloads.selected(services.selector, workload)
]

# The ports that containers of selected pods declare.
declared := [port |
	some workload in selected
	spec := workloads.template(workload).spec
	some list in ["containers", "initContainers"]
	some container in spec[list]
	some port in container.ports
]

findings contains {
	"path": $"spec.ports[{i}].targetPort",
	"found": target,
	"expected": expected,
	"message": $"Service \"{input.review.name}\" leads to port {target}, which no container of {shown} declares; use {expected}.",
} if {
	judged
	count(selected) > 0
	some i, port in services.spec.ports
	target := target_of(port)
	not there(target, protocol_of(port))
}

target_of(port) := port.port if object.get(port, "targetPort", null) in {null, "", 0}

else := port.targetPort

# The API server's default is TCP.
protocol_of(port) := "TCP" if object.get(port, "protocol", null) in {null, ""}

else := port.protocol

# Who declares no ports may listen on any.
there(target, _) if {
	is_number(target)
	count(declared) == 0
}

there(target, _) if {
	is_number(target)
	some port in declared
	port.containerPort == target
}

there(target, protocol) if {
	is_string(target)
	some port in declared
	port.name == target
	protocol_of(port) == protocol
}

# A number in quotes is that number.
there(target, _) if {
	is_string(target)
	some port in declared
	$"{port.containerPort}" == target
}

shown := workloads.named({workloads.label(workload) | some workload in selected})

expected := "a port that the containers declare" if count(declared) == 0

else := $"one of {concat(", ", {shown_port(port) | some port in declared})}"

shown_port(port) := $"{port.name} ({port.containerPort})" if not object.get(port, "name", null) in {null, ""}

else := $"{port.containerPort}"
