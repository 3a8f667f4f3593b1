# METADATA
# title: Pods run as a ServiceAccount of their own
# description: |
#   Every pod names a ServiceAccount (`serviceAccountName`) other than `default`, which it gets where it names none. All
#   that name none share that one, and whatever is granted to it is granted to all of them. `serviceAccount`, the older
#   name of the field, counts where the newer is unset. Mirror pods have no ServiceAccount.
# custom:
#   category: security
#   severity: medium
#   kinds: ["@pod-spec"]
#   parameters: { type: object, additionalProperties: false, properties: {} }
#   remediation: |
#     Make a ServiceAccount for the application, without a token where it doesn't talk to the Kubernetes API, and name it:
#
#     ```yaml
#     apiVersion: v1
#     kind: ServiceAccount
#     metadata: { name: app, namespace: shop }
#     automountServiceAccountToken: false
#     ---
#     # in the pod:
#     spec:
#       serviceAccountName: app
#     ```
#   standards:
#     - { framework: cis-kubernetes-1.10, section: 5.1.5 }
#     - { framework: pci-dss-4.0, section: 8.2.2 }
#   related: []
#   admission: deny
#   expand: false
package bylaw.no_default_service_account

import data.lib.accounts
import data.lib.objects
import data.lib.pods

violation contains {
	"path": $"{pods.spec_path}.serviceAccountName",
	"found": object.get(pods.spec, accounts.field, null),
	"expected": "a ServiceAccount other than default",
	"message": $"{holder} {fault}; name one that was made for it.",
} if {
	pods.spec
	not accounts.none
	not is_own
}

not_applicable contains pods.no_pod_spec

not_applicable contains accounts.none

is_own if {
	is_string(accounts.name)
	accounts.name != "default"
}

holder := "This Pod" if pods.is_pod

else := $"This {objects.kind}"

fault := "names no ServiceAccount and so runs as default, which all such pods of its namespace share" if {
	not accounts.named(accounts.field)
} else := "runs as the ServiceAccount default, which all pods of its namespace share that name none" if {
	accounts.name == "default"
} else := "names its ServiceAccount by something that is no text"
