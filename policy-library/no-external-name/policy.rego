# METADATA
# title: Services are no aliases of other hosts
# description: |
#   No Service is of type ExternalName: it makes a name of the cluster lead to any host, inside or outside, past network
#   policies that look at namespaces and past certificates that name the host. An ingress controller that follows it can
#   be led to what only it may reach.
# custom:
#   category: network
#   severity: medium
#   kinds: [core/Service]
#   parameters: { type: object, additionalProperties: false, properties: {} }
#   remediation: |
#     Let the program use the host's own name, from its configuration:
#
#     ```yaml
#     env:
#       - { name: DATABASE_HOST, value: db.example.com }
#     ```
#   standards: []
#   related: []
#   admission: deny
#   expand: false
package bylaw.no_external_name

import data.lib.services

violation contains {
	"path": "spec.type",
	"found": "ExternalName",
	"expected": "a type other than ExternalName",
	"message": $"This Service is an alias of {host}, past network policies and certificates; let programs use that host's own name.",
} if {
	services.type == "ExternalName"
}

host := "no host" if object.get(services.spec, "externalName", null) in {null, ""}

else := $"{services.spec.externalName}"
