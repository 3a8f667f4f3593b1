# METADATA
# title: Nothing is granted to who has not logged in
# description: |
#   No RoleBinding or ClusterRoleBinding names the user `system:anonymous` or the group `system:unauthenticated`: whoever
#   reaches the API server, from wherever that can be reached, has what they grant. The bindings that Kubernetes makes by
#   itself, which show its version and its health, are exempt while nobody has changed them.
# custom:
#   category: access-control
#   severity: critical
#   kinds: [rbac.authorization.k8s.io/RoleBinding, rbac.authorization.k8s.io/ClusterRoleBinding]
#   parameters: { type: object, additionalProperties: false, properties: {} }
#   remediation: |
#     Remove the subject, and give the right to who needs it:
#
#     ```yaml
#     subjects:
#       # - { apiGroup: rbac.authorization.k8s.io, kind: Group, name: "system:unauthenticated" }   ← remove
#       - { kind: ServiceAccount, name: prober, namespace: monitoring }
#     ```
#
#     A binding that has no other subject is deleted. Probes of load balancers need `/livez` and `/readyz` only, which
#     Kubernetes shows to everybody already.
#   standards:
#     - { framework: nsa-cisa-kubernetes-hardening-1.2, section: Authentication }
#     - { framework: iso-27001-2022, section: A.5.15 }
#     - { framework: pci-dss-4.0, section: 7.2.2 }
#     - { framework: soc-2, section: CC6.1 }
#   related: []
#   admission: deny
#   expand: false
package bylaw.no_anonymous_binding

import data.lib.bindings
import data.lib.bootstrap
import data.lib.subjects

violation contains {
	"path": $"subjects[{i}]",
	"found": subject,
	"expected": "a subject that has logged in",
	"message": $"{subjects.label(subject, bindings.namespace)} is everybody who has not logged in, and gets {bindings.role_label} {bindings.reach}; remove the subject.",
} if {
	not bootstrap.unchanged_binding
	some i, subject in bindings.subjects
	[subject.kind, subject.name] in {["User", "system:anonymous"], ["Group", "system:unauthenticated"]}
}

not_applicable contains bootstrap.unchanged_binding
