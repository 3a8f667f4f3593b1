# METADATA
# title: Bindings name ServiceAccounts that exist
# description: |
#   Every ServiceAccount among the subjects of a RoleBinding or ClusterRoleBinding exists. One that doesn't is a mistake
#   in its name or namespace, so that somebody lacks a right; or it was deleted, and who makes one of that name gets the
#   right unasked. Users and groups are known to nobody within the cluster and are not looked up. Without a named cluster
#   it is not known which there are, and the binding is skipped; so is one that was made less than 5 minutes ago, whose
#   ServiceAccount may still come. The bindings that Kubernetes makes by itself are exempt while nobody has changed them:
#   its controllers make their accounts when they start.
# custom:
#   category: access-control
#   severity: low
#   kinds: [rbac.authorization.k8s.io/RoleBinding, rbac.authorization.k8s.io/ClusterRoleBinding]
#   parameters: { type: object, additionalProperties: false, properties: {} }
#   remediation: |
#     Correct the name or the namespace, make the ServiceAccount, or remove the subject:
#
#     ```yaml
#     subjects:
#       - { kind: ServiceAccount, name: deployer, namespace: shop }
#     ```
#
#     In a RoleBinding too a ServiceAccount of another namespace needs its `namespace`.
#   standards:
#     - { framework: iso-27001-2022, section: A.5.18 }
#     - { framework: pci-dss-4.0, section: 7.2.5 }
#   related:
#     - name: service_accounts
#       kind: core/ServiceAccount
#       select: "ref(subjects[])"
#       fields: [metadata.name, metadata.namespace]
#       need: complete
#   admission: none
#   expand: false
package bylaw.rolebinding_subject_exists

import data.lib.bindings
import data.lib.bootstrap
import data.lib.settling
import data.lib.subjects

violation contains {
	"path": $"subjects[{i}]",
	"found": subject,
	"expected": "a ServiceAccount that exists",
	"message": $"{subjects.label(subject, bindings.namespace)} doesn't exist, yet gets {bindings.role_label} {bindings.reach}; correct its name, make it, or remove the subject.",
} if {
	not settling.reason
	some i, subject in missing
}

skipped contains "it is not known which ServiceAccounts there are: no cluster was named, or it is still being listed" if {
	not bootstrap.unchanged_binding
	count(accounts) > 0
	not input.related.service_accounts
}

skipped contains $"{settling.reason}, and its ServiceAccounts may still come" if {
	settling.reason
	count(missing) > 0
}

not_applicable contains bootstrap.unchanged_binding

not_applicable contains "none of its subjects is a ServiceAccount" if count(accounts) == 0

accounts[i] := subject if {
	some i, subject in bindings.subjects
	subject.kind == "ServiceAccount"
}

missing[i] := subject if {
	input.related.service_accounts
	not bootstrap.unchanged_binding
	some i, subject in accounts
	not exists(subject)
}

exists(subject) if {
	some account in input.related.service_accounts
	account.metadata.name == subject.name
	account.metadata.namespace == subjects.namespace_of(subject, bindings.namespace)
}
