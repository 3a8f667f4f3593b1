# METADATA
# title: Services have pods
# description: |
#   The selector of a Service takes the pods of some workload of its namespace, or a Pod by itself; else who asks the
#   Service gets no answer, mostly because of a slip in a label. A workload that is scaled to 0 counts. Not judged are
#   Services without a selector, whose endpoints somebody writes by hand, and aliases (ExternalName). Without a named
#   cluster it is not known which workloads there are, and the Service is skipped; so is one that was made less than 5
#   minutes ago, whose pods may still come, and one whose namespace holds objects from which an operator makes pods that
#   are not there yet.
# custom:
#   category: operational-excellence
#   severity: low
#   kinds: [core/Service]
#   parameters: { type: object, additionalProperties: false, properties: {} }
#   remediation: |
#     Use the labels of the pod template:
#
#     ```yaml
#     # Deployment
#     spec:
#       template:
#         metadata:
#           labels: { app: web }
#     ---
#     # Service
#     spec:
#       selector: { app: web }
#     ```
#
#     A Service that nobody needs any more is deleted.
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
#       need: complete
#     - name: operated
#       kind:
#         - monitoring.coreos.com/Prometheus
#         - monitoring.coreos.com/PrometheusAgent
#         - monitoring.coreos.com/Alertmanager
#         - monitoring.coreos.com/ThanosRuler
#         - postgresql.cnpg.io/Cluster
#         - kafka.strimzi.io/Kafka
#         - elasticsearch.k8s.elastic.co/Elasticsearch
#         - rabbitmq.com/RabbitmqCluster
#         - ceph.rook.io/CephCluster
#         - ceph.rook.io/CephObjectStore
#         - serving.knative.dev/Service
#       select: same_namespace
#       fields: [kind, metadata.name]
#       need: refines
#   admission: none
#   expand: false
package bylaw.service_selects_pods

import data.lib.services
import data.lib.settling
import data.lib.workloads

violation contains {
	"path": "spec.selector",
	"found": services.selector,
	"expected": "the labels of some workload's pods",
	"message": $"Service \"{input.review.name}\" selects {shown}, which no workload of its namespace has on its pods; use the labels of a pod template.",
} if {
	lost
	not settling.reason
	count(operated) == 0
}

skipped contains "the workloads of its namespace are not known: no cluster was named, or it is still being listed" if {
	judged
	not input.related.workloads
}

skipped contains $"{settling.reason}, and its pods may still come" if {
	lost
	settling.reason
}

skipped contains $"no pod has its labels, and {operated[0].kind} \"{operated[0].metadata.name}\" may make some" if {
	lost
	not settling.reason
	count(operated) > 0
}

not_applicable contains "it has no selector: its endpoints are written by somebody else" if {
	services.type != "ExternalName"
	count(services.selector) == 0
}

not_applicable contains "it is an alias of another host" if services.type == "ExternalName"

judged if {
	services.type != "ExternalName"
	count(services.selector) > 0
}

lost if {
	judged
	input.related.workloads
	count([workload | some workload in input.related.workloads; workloads.selected(services.selector, workload)]) == 0
}

default operated := []

operated := input.related.operated

shown := concat(", ", sort({$"{key}={value}" | some key, value in services.selector}))
