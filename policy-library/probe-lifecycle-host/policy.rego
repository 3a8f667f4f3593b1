# METADATA
# title: Probes and hooks ask the pod itself
# description: |
#   No probe and no lifecycle hook names a `host`: the kubelet calls it from the node's network, past network
#   policies, and so reaches for the pod whatever the node reaches, such as the cloud's metadata or ports of the node
#   that only it may use. Unset or empty is the pod's own address. Looks at `httpGet` and `tcpSocket` of the three
#   probes and of `postStart` and `preStop`.
# custom:
#   category: security
#   severity: medium
#   kinds: ["@pod-spec"]
#   container_lists: [containers, initContainers, sidecars]
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       strict_upstream:
#         type: boolean
#         default: false
#         description: >-
#           Whether to judge as the evaluator of the Pod Security Standards does: from Kubernetes 1.34 on, and
#           ephemeral containers too.
#       version:
#         type: string
#         pattern: "^(latest|v?1\\.[0-9]{1,3})?$"
#         default: ""
#         description: >-
#           Whose rules `strict_upstream` follows, such as `1.29` or `latest`; not given, those of the cluster, and
#           the latest where there is no cluster.
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
#     Remove `host`:
#
#     ```yaml
#     livenessProbe:
#       httpGet:
#         # host: 127.0.0.1   ← remove
#         path: /healthz
#         port: 8080
#     ```
#
#     The probe then asks the pod's own address, so the program has to listen there and not on `127.0.0.1` alone; one
#     that can't is asked from inside of the container (`exec`). A name that the program wants to be asked by goes into
#     `httpHeaders`:
#
#     ```yaml
#         httpHeaders:
#           - { name: Host, value: shop.example.com }
#     ```
#   standards:
#     - { framework: pod-security-standards, section: baseline/hostProbesAndLifecycleHooks }
#     - { framework: nsa-cisa-kubernetes-hardening-1.2, section: Network separation and hardening }
#     - { framework: iso-27001-2022, section: A.8.22 }
#   related: []
#   admission: deny
#   expand: false
package bylaw.probe_lifecycle_host

import data.lib.fixes
import data.lib.pods
import data.lib.upstream

hooks := [["livenessProbe"], ["readinessProbe"], ["startupProbe"], ["lifecycle", "postStart"], ["lifecycle", "preStop"]]

violation contains object.union(fix_for(entry, keys), {
	"path": $"{entry.path}.{concat(".", keys)}",
	"found": host,
	"expected": "no host",
	"message": $"{pods.label(entry)} lets the node ask {host} in its {concat(".", hook)} instead of the pod; remove host.",
	"container": entry.name,
}) if {
	not before_its_time
	some entry in pods.selected(looked_at, input.parameters)
	some hook in hooks
	object.get(entry.container, hook[0], null) != null
	some action in ["httpGet", "tcpSocket"]
	keys := array.concat(hook, [action, "host"])
	host := object.get(entry.container, keys, null)
	not host in {null, ""}
}

not_applicable contains reason if some reason in pods.not_judged(looked_at, input.parameters)

# Probes and hooks can't be set on ephemeral containers: the API server refuses them.
looked_at := pods.containers if input.parameters.strict_upstream

else := pods.lasting_containers

before_its_time if {
	input.parameters.strict_upstream
	upstream.minor(input.parameters) < 34
}

# An ephemeral container can't be changed once it is there.
fix_for(entry, keys) := {"fix": fixes.drop(entry.pointer, keys)} if entry.list != "ephemeralContainers"

else := {}
