# METADATA
# title: Every namespace has a quota
# description: |
#   A namespace holds a ResourceQuota that limits something, so that one team's mistake doesn't take the whole cluster's
#   CPU, memory or objects. Without a named cluster it is not known which quotas there are, and the namespace is skipped;
#   so is one that was made less than 5 minutes ago, whose quota may still come.
# custom:
#   category: resources
#   severity: medium
#   kinds: [core/Namespace]
#   parameters: { type: object, additionalProperties: false, properties: {} }
#   remediation: |
#     Add a quota to the namespace:
#
#     ```yaml
#     apiVersion: v1
#     kind: ResourceQuota
#     metadata: { name: compute, namespace: shop }
#     spec:
#       hard:
#         requests.cpu: "8"
#         requests.memory: 16Gi
#         limits.memory: 32Gi
#         pods: "50"
#     ```
#
#     From then on pods have to say what they request, or a LimitRange does it for them.
#   standards: []
#   related:
#     - name: resource_quotas
#       kind: core/ResourceQuota
#       select: same_namespace
#       fields: [metadata.name, spec.hard]
#       need: complete
#   admission: none
#   expand: false
package bylaw.namespace_quota_present

import data.lib.settling

violation contains {
	"path": "metadata.name",
	"found": input.review.name,
	"expected": "a namespace with a ResourceQuota that has limits in spec.hard",
	"message": $"Namespace \"{input.review.name}\" has {fault}, so it may take whatever the cluster has; add one with spec.hard.",
} if {
	not settling.reason
	input.related.resource_quotas
	count(limiting) == 0
}

skipped contains "its ResourceQuotas are not known: no cluster was named, or it is still being listed" if not input.related.resource_quotas

skipped contains $"{settling.reason}, and its ResourceQuota may still come" if {
	input.related.resource_quotas
	count(limiting) == 0
}

limiting := [quota |
	some quota in input.related.resource_quotas
	count(quota.spec.hard) > 0
]

fault := "no ResourceQuota" if count(input.related.resource_quotas) == 0

else := $"no ResourceQuota that limits anything ({concat(", ", names)}: spec.hard is empty)" if {
	names := {quota.metadata.name | some quota in input.related.resource_quotas}
}
