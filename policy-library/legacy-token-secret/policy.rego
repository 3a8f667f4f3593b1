# METADATA
# title: No Secret holds a token that never expires
# description: |
#   No Secret is of type `kubernetes.io/service-account-token`. Kubernetes fills such a Secret with a token of a
#   ServiceAccount that never expires and is bound to no pod: who has read it once can use it until somebody deletes it.
#   Kubernetes has made none by itself since 1.24; those that are left, and those that people make, are judged.
# custom:
#   category: security
#   severity: medium
#   kinds: [core/Secret]
#   parameters: { type: object, additionalProperties: false, properties: {} }
#   remediation: |
#     Within a pod, mount a token that expires and is renewed by itself:
#
#     ```yaml
#     volumes:
#       - name: api-token
#         projected:
#           sources:
#             - serviceAccountToken: { path: token, expirationSeconds: 3600, audience: vault }
#     ```
#
#     From outside ask for one when it is needed (`kubectl create token app --duration=1h`), or let the outside identify
#     itself by OpenID Connect. Then delete the Secret; the token ends with it.
#   standards:
#     - { framework: nsa-cisa-kubernetes-hardening-1.2, section: Protecting Pod service account tokens }
#     - { framework: iso-27001-2022, section: A.5.17 }
#   related: []
#   admission: deny
#   expand: false
package bylaw.legacy_token_secret

import data.lib.objects

violation contains {
	"path": "type",
	"found": token_type,
	"expected": "another type, or no such Secret",
	"message": $"Secret \"{input.review.name}\" holds a token of {account} that never expires; use tokens that do, and delete it.",
} if {
	input.review.object.type == token_type
}

token_type := "kubernetes.io/service-account-token"

account := $"ServiceAccount \"{named}\"" if {
	named := objects.metadata.annotations["kubernetes.io/service-account.name"]
} else := "a ServiceAccount"
