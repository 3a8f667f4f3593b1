# METADATA
# title: Pods get no token for the Kubernetes API unasked
# description: |
#   A pod says `automountServiceAccountToken: false`, or its ServiceAccount says so and the pod doesn't contradict. By
#   default each container finds a token of its ServiceAccount in a file, which is what an intruder takes first. What the
#   pod says wins over its ServiceAccount; where neither says anything it is true. ServiceAccounts are judged by
#   themselves too. A program that needs the API mounts a token of its own (`serviceAccountToken` in a projected
#   volume), which is not judged. A ServiceAccount that wasn't posted and isn't known is taken to say nothing. Mirror
#   pods get no token.
# custom:
#   category: security
#   severity: medium
#   kinds: ["@pod-spec", core/ServiceAccount]
#   parameters: { type: object, additionalProperties: false, properties: {} }
#   remediation: |
#     Say it once for the ServiceAccount, or for the pod:
#
#     ```yaml
#     apiVersion: v1
#     kind: ServiceAccount
#     metadata: { name: app, namespace: shop }
#     automountServiceAccountToken: false
#     ```
#
#     If the program talks to the Kubernetes API, mount a token that expires, in the one container that uses it:
#
#     ```yaml
#     volumes:
#       - name: api-token
#         projected:
#           sources:
#             - serviceAccountToken: { path: token, expirationSeconds: 3600 }
#             - configMap: { name: kube-root-ca.crt, items: [{ key: ca.crt, path: ca.crt }] }
#     ```
#
#     Client libraries look for it in `/var/run/secrets/kubernetes.io/serviceaccount`, together with a file `namespace`.
#   standards:
#     - { framework: cis-kubernetes-1.10, section: 5.1.6 }
#     - { framework: nsa-cisa-kubernetes-hardening-1.2, section: Protecting Pod service account tokens }
#     - { framework: iso-27001-2022, section: A.5.17 }
#   related:
#     - name: service_accounts
#       kind: core/ServiceAccount
#       select: same_namespace
#       fields: [metadata.name, automountServiceAccountToken]
#       need: refines
#   admission: deny
#   expand: false
package bylaw.service_account_token_mount

import data.lib.accounts
import data.lib.fixes
import data.lib.objects
import data.lib.pods

violation contains {
	"path": $"{pods.spec_path}.automountServiceAccountToken",
	"found": said,
	"expected": false,
	"message": $"{holder} gets a token for the Kubernetes API{why}; set automountServiceAccountToken to false.",
	"fix": fixes.put(pods.spec_pointer, pods.spec, ["automountServiceAccountToken"], false),
} if {
	not is_account
	pods.spec
	not accounts.none
	said := object.get(pods.spec, "automountServiceAccountToken", null)
	why := reason(said)
}

violation contains {
	"path": "automountServiceAccountToken",
	"found": said,
	"expected": false,
	"message": $"Every pod that runs as ServiceAccount \"{input.review.name}\" gets a token for the Kubernetes API; set automountServiceAccountToken to false.",
	"fix": fixes.put("", input.review.object, ["automountServiceAccountToken"], false),
} if {
	is_account
	said := object.get(input.review.object, "automountServiceAccountToken", null)
	said != false
}

not_applicable contains pods.no_pod_spec if not is_account

not_applicable contains accounts.none

is_account if {
	objects.kind == "ServiceAccount"
	objects.group == ""
}

holder := "This Pod" if pods.is_pod

else := $"Each pod of this {objects.kind}"

# reason(said): why there is a token, as the middle of a sentence; undefined where there is none.
reason(said) := "" if not said in {null, false}

reason(null) := $", since neither it nor its ServiceAccount \"{accounts.name}\" says otherwise" if {
	account
	not by_account in {true, false}
}

reason(null) := $", since its ServiceAccount \"{accounts.name}\" says so" if by_account == true

reason(null) := $", since it doesn't say otherwise (its ServiceAccount \"{accounts.name}\" is not known)" if not account

account := known[0] if {
	known := [found | some found in input.related.service_accounts; found.metadata.name == accounts.name]
}

by_account := object.get(account, "automountServiceAccountToken", null)
