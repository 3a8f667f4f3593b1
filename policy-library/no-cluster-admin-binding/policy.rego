# METADATA
# title: Only approved subjects are cluster-admin
# description: |
#   No RoleBinding or ClusterRoleBinding binds the ClusterRole `cluster-admin` to a subject that is not in
#   `approved_subjects`. It grants everything: by a ClusterRoleBinding in the whole cluster, by a RoleBinding in its
#   namespace, with its Secrets and the accounts of its pods. A ServiceAccount is also the user
#   `system:serviceaccount:<namespace>:<name>` and a member of the groups `system:serviceaccounts` and
#   `system:serviceaccounts:<namespace>`, and is approved as any of them. The binding that Kubernetes makes by itself, for
#   the group system:masters, is exempt while nobody has changed it.
# custom:
#   category: access-control
#   severity: critical
#   kinds: [rbac.authorization.k8s.io/ClusterRoleBinding, rbac.authorization.k8s.io/RoleBinding]
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       approved_subjects:
#         type: array
#         items:
#           type: object
#           additionalProperties: false
#           required: [kind, name]
#           properties:
#             kind: { type: string, enum: [User, Group, ServiceAccount] }
#             name: { type: string, minLength: 1 }
#             namespace: { type: string, minLength: 1 }
#           anyOf:
#             - { properties: { kind: { enum: [User, Group] } } }
#             - { required: [namespace] }
#         default: []
#         description: >-
#           Who may be cluster-admin, each exactly as a binding names it; a ServiceAccount with its namespace.
#   remediation: |
#     Bind a role that grants what is needed: `view`, `edit` or `admin` in a namespace, or one of your own:
#
#     ```yaml
#     apiVersion: rbac.authorization.k8s.io/v1
#     kind: RoleBinding
#     metadata: { name: deployer, namespace: shop }
#     roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit }
#     subjects:
#       - { kind: ServiceAccount, name: deployer, namespace: shop }
#     ```
#
#     A roleRef can't be changed: delete the binding and make another. The few people who look after the cluster are
#     added to `approved_subjects` by those who look after the policy.
#   standards:
#     - { framework: cis-kubernetes-1.10, section: 5.1.1 }
#     - { framework: nsa-cisa-kubernetes-hardening-1.2, section: Role-based access control }
#     - { framework: iso-27001-2022, section: A.8.2 }
#     - { framework: pci-dss-4.0, section: 7.2.2 }
#     - { framework: soc-2, section: CC6.3 }
#   related: []
#   admission: deny
#   expand: false
package bylaw.no_cluster_admin_binding

import data.lib.bindings
import data.lib.bootstrap
import data.lib.subjects

violation contains {
	"path": $"subjects[{i}]",
	"found": subject,
	"expected": "an approved subject, or a role that grants less",
	"message": $"{subjects.label(subject, bindings.namespace)} may do everything {bindings.reach}, as cluster-admin; bind a role that grants what is needed, or have the subject approved.",
} if {
	bindings.reference.kind == "ClusterRole"
	bindings.reference.name == "cluster-admin"
	not bootstrap.unchanged_binding
	some i, subject in bindings.subjects
	not subjects.approved(input.parameters.approved_subjects, subject, bindings.namespace)
}

not_applicable contains bootstrap.unchanged_binding
