# METADATA
# title: What comes in goes through an approved controller
# description: |
#   An Ingress names a class of `allowed` in `ingressClassName`, or in the older annotation
#   `kubernetes.io/ingress.class`; a Gateway names one in `gatewayClassName`. One that names none goes to whichever
#   controller is the default. While the list is empty nothing is judged.
# custom:
#   category: network
#   severity: low
#   kinds: [networking.k8s.io/Ingress, gateway.networking.k8s.io/Gateway]
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       allowed:
#         type: array
#         items: { type: string, minLength: 1 }
#         default: []
#         description: >-
#           The classes that may be named; `*` stands for any run of characters, as in `internal-*`.
#   remediation: |
#     Name the class (`kubectl get ingressclasses`, `kubectl get gatewayclasses`):
#
#     ```yaml
#     spec:
#       ingressClassName: nginx
#     ```
#   standards: []
#   related: []
#   admission: deny
#   expand: false
package bylaw.ingress_class_approved

import data.lib.fixes
import data.lib.gateways
import data.lib.globs
import data.lib.ingresses
import data.lib.objects

violation contains object.union(fix, {
	"path": $"spec.{field}",
	"found": class,
	"expected": expected,
	"message": $"This {objects.kind} {fault}; set {field} to {expected}.",
}) if {
	not needs_parameters
	not approved
}

skipped contains "needs parameters: allowed is empty" if needs_parameters

needs_parameters if count(input.parameters.allowed) == 0

field := "gatewayClassName" if objects.kind == "Gateway"

else := "ingressClassName"

class := object.get(gateways.spec, "gatewayClassName", null) if objects.kind == "Gateway"

else := ingresses.class

approved if {
	is_string(class)
	class != ""
	globs.any_text(input.parameters.allowed, class)
}

fault := "names no class, and so goes to whichever controller is the default" if class in {null, ""}

else := $"has the class {class}, which is not approved"

expected := concat(" or ", input.parameters.allowed)

# The one class that is approved.
fix := {"fix": fixes.put("", input.review.object, ["spec", field], only)} if {
	count(input.parameters.allowed) == 1
	only := input.parameters.allowed[0]
	not contains(only, "*")
} else := {}
