# METADATA
# title: Pods don't use the network of the node
# description: |
#   No pod runs in the network of its node (`hostNetwork: true`). There it can listen to the node's traffic, reach
#   services that trust the node, such as the kubelet and the cloud's metadata, and no network policy applies to it.
# custom:
#   category: network
#   severity: high
#   kinds: ["@pod-spec"]
#   parameters:
#     type: object
#     additionalProperties: false
#     properties: {}
#   remediation: |
#     Remove `hostNetwork`, and `dnsPolicy: ClusterFirstWithHostNet` with it; reach the pod through a Service:
#
#     ```yaml
#     spec:
#       # hostNetwork: true   ← remove
#       containers:
#         - name: app
#           ports:
#             - containerPort: 8080
#     ```
#
#     Network plug-ins, kube-proxy and some node agents can't do without it: keep those in their own namespace and
#     waive them there.
#   standards:
#     - { framework: pod-security-standards, section: baseline/hostNamespaces }
#     - { framework: cis-kubernetes-1.10, section: 5.2.5 }
#     - { framework: nsa-cisa-kubernetes-hardening-1.2, section: Pod security enforcement }
#     - { framework: iso-27001-2022, section: A.8.22 }
#   related: []
#   admission: deny
#   expand: false
package bylaw.no_host_network

import data.lib.fixes
import data.lib.objects
import data.lib.pods

violation contains object.union(fix, {
	"path": $"{pods.spec_path}.hostNetwork",
	"found": found,
	"expected": false,
	"message": $"This {objects.kind} uses the network of the node it runs on; remove hostNetwork.",
}) if {
	found := object.get(pods.spec, "hostNetwork", null)
	not found in {null, false}
}

not_applicable contains pods.no_pod_spec

# Windows pods with hostNetwork are HostProcess pods, which the API server refuses without it.
fix := {"fix": fixes.drop(pods.spec_pointer, ["hostNetwork"])} if not pods.windows

else := {}
