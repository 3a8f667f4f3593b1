# METADATA
# title: Services open no port on the nodes
# description: |
#   No Service is of type NodePort: it opens a port on every node to whoever reaches one, past load balancers, their
#   certificates and their rules. A load balancer also takes such ports, unless `allocateLoadBalancerNodePorts` is false;
#   that is the matter of the load balancer's policies.
# custom:
#   category: network
#   severity: medium
#   kinds: [core/Service]
#   parameters: { type: object, additionalProperties: false, properties: {} }
#   remediation: |
#     Keep the Service inside the cluster, and let an Ingress or a Gateway lead to it:
#
#     ```yaml
#     spec:
#       type: ClusterIP
#       ports:
#         - { port: 80, targetPort: http } # without nodePort
#     ```
#   standards:
#     - { framework: iso-27001-2022, section: A.8.20 }
#   related: []
#   admission: deny
#   expand: false
package bylaw.no_node_port

import data.lib.services

violation contains {
	"path": "spec.type",
	"found": "NodePort",
	"expected": "a type other than NodePort",
	"message": $"This Service opens {shown} on every node; use the type ClusterIP, and an Ingress or a Gateway that leads to it.",
	"fix": fix,
} if {
	services.type == "NodePort"
}

numbers := [$"{port.nodePort}" |
	some port in services.spec.ports
	port.nodePort > 0
]

shown := "a port" if count(numbers) == 0

else := $"port {concat(", ", numbers)}"

# Fields that the API server takes only with a NodePort go with it.
fix := array.concat([{"op": "replace", "path": "/spec/type", "value": "ClusterIP"}], array.concat(port_fixes, field_fixes))

port_fixes := [{"op": "remove", "path": $"/spec/ports/{i}/nodePort"} |
	some i, port in services.spec.ports
	object.get(port, "nodePort", null) != null
]

field_fixes := [{"op": "remove", "path": $"/spec/{field}"} |
	some field in ["externalTrafficPolicy", "healthCheckNodePort"]
	object.get(services.spec, field, null) != null
]
