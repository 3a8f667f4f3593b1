# METADATA
# title: Ingresses write no configuration of the controller
# description: |
#   No Ingress has an annotation of `denied`, by default those by which a controller takes pieces of its configuration
#   as they are written (snippets): who may write an Ingress can through them read the controller's files, its token and
#   with it the Secrets of every namespace (CVE-2021-25742), or send on the traffic of others. An empty value does
#   nothing, and passes.
# custom:
#   category: network
#   severity: high
#   kinds: [networking.k8s.io/Ingress]
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       denied:
#         type: array
#         items: { type: string, minLength: 1 }
#         default:
#           - "*/*-snippet"
#           - "*/*-snippets"
#           - haproxy-ingress.github.io/config-*
#           - ingress.kubernetes.io/config-*
#         description: >-
#           Keys of annotations that are not allowed; `*` stands for any run of characters.
#   remediation: |
#     Remove the annotation, and use the one that was made for what you need:
#
#     ```yaml
#     metadata:
#       annotations:
#         nginx.ingress.kubernetes.io/proxy-body-size: 8m
#         nginx.ingress.kubernetes.io/custom-headers: infra/security-headers
#     ```
#
#     What there is no annotation for belongs into the controller's own ConfigMap, where those who run it look after it.
#     They also switch snippets off there (`allow-snippet-annotations: "false"`).
#   standards:
#     - { framework: iso-27001-2022, section: A.8.9 }
#   related: []
#   admission: deny
#   expand: false
package bylaw.ingress_dangerous_annotations

import data.lib.fixes
import data.lib.globs
import data.lib.ingresses
import data.lib.paths

violation contains {
	"path": paths.member("metadata.annotations", key),
	"found": value,
	"expected": "no such annotation",
	"message": $"This Ingress changes the controller's configuration for everybody by the annotation {key}; remove it.",
	"fix": fixes.drop("/metadata/annotations", [key]),
} if {
	some key, value in ingresses.annotations
	not value in {null, ""}
	globs.any_text(input.parameters.denied, key)
}
