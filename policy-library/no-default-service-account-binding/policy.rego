# METADATA
# title: Nothing is granted to the default ServiceAccount
# description: |
#   No RoleBinding or ClusterRoleBinding names a ServiceAccount `default`, as such or as the user
#   `system:serviceaccount:<namespace>:default`, nor a group that takes it in: `system:serviceaccounts`, and
#   `system:serviceaccounts:<namespace>`. Every pod that names no ServiceAccount runs as it, so that what is granted to it
#   is granted to whatever is started there. The bindings that Kubernetes makes by itself are exempt while nobody has
#   changed them.
# custom:
#   category: access-control
#   severity: high
#   kinds: [rbac.authorization.k8s.io/RoleBinding, rbac.authorization.k8s.io/ClusterRoleBinding]
#   parameters: { type: object, additionalProperties: false, properties: {} }
#   remediation: |
#     Make a ServiceAccount for the application, let its pods run as it, and bind the role to that:
#
#     ```yaml
#     apiVersion: v1
#     kind: ServiceAccount
#     metadata: { name: app, namespace: shop }
#     ---
#     # in the binding:
#     subjects:
#       - { kind: ServiceAccount, name: app, namespace: shop }
#     ```
#
#     In the pod: `serviceAccountName: app`.
#   standards:
#     - { framework: cis-kubernetes-1.10, section: 5.1.5 }
#     - { framework: nsa-cisa-kubernetes-hardening-1.2, section: Role-based access control }
#     - { framework: pci-dss-4.0, section: 7.2.5 }
#   related: []
#   admission: deny
#   expand: false
package bylaw.no_default_service_account_binding

import data.lib.bindings
import data.lib.bootstrap
import data.lib.subjects

violation contains {
	"path": $"subjects[{i}]",
	"found": subject,
	"expected": "a ServiceAccount that was made for it",
	"message": $"{subjects.label(subject, bindings.namespace)} {what}, and gets {bindings.role_label} {bindings.reach}; bind a ServiceAccount that was made for it.",
} if {
	not bootstrap.unchanged_binding
	some i, subject in bindings.subjects
	what := takes_in_default(subject)
}

not_applicable contains bootstrap.unchanged_binding

# takes_in_default(subject): how it means the account default, in words; undefined if it doesn't.
takes_in_default(subject) := "is what every pod runs as that names no ServiceAccount" if is_default(subject)

else := "takes in the account default, as which every pod runs that names none" if {
	subject.kind == "Group"
	is_group_of_accounts(subject.name)
}

is_default(subject) if {
	subject.kind == "ServiceAccount"
	subject.name == "default"
}

is_default(subject) if {
	subject.kind == "User"
	startswith(subject.name, subjects.account_prefix)
	[_, name] := split(trim_prefix(subject.name, subjects.account_prefix), ":")
	name == "default"
}

is_group_of_accounts("system:serviceaccounts")

is_group_of_accounts(name) if startswith(name, "system:serviceaccounts:")
