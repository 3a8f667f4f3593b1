# METADATA
# title: Only approved subjects may patch
# description: |
#   No RoleBinding or ClusterRoleBinding gives a verb of `verbs` (by default patch) on a resource of `resources` (by
#   default any) to a subject that is not in `approved_subjects`. A rule counts as far as the authorizer makes use of it
#   through this binding: `*` is every verb, a RoleBinding reaches nothing that belongs to no namespace, a rule with
#   resourceNames creates and lists nothing. A ServiceAccount is also the user `system:serviceaccount:<namespace>:<name>`
#   and a member of the groups `system:serviceaccounts` and `system:serviceaccounts:<namespace>`, and is approved as any
#   of them. The bound role is looked for among what was posted or is in the cluster, then among the ones that Kubernetes
#   makes by itself, such as edit and view. Bindings that Kubernetes makes by itself are exempt while nobody has changed
#   them.
# custom:
#   category: access-control
#   severity: high
#   kinds: [rbac.authorization.k8s.io/RoleBinding, rbac.authorization.k8s.io/ClusterRoleBinding]
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       verbs:
#         type: array
#         items: { type: string, minLength: 1 }
#         minItems: 1
#         default: [patch]
#         description: >-
#           The verbs that need approval; `*` is every verb.
#       resources:
#         type: array
#         items: { type: string, pattern: "^([*]|[a-z0-9.-]+)(/[a-z0-9.-]+)?$" }
#         minItems: 1
#         default: ["*"]
#         description: >-
#           The resources on which they do, in any API group: `deployments`, `pods/exec`, `*/scale`; `*` is every one.
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
#           Who may hold these verbs, each exactly as a binding names it; a ServiceAccount with its namespace.
#       include_cluster_bindings:
#         type: boolean
#         default: true
#         description: >-
#           Whether ClusterRoleBindings are judged too.
#       unresolved:
#         type: string
#         enum: [skip, fail]
#         default: skip
#         description: >-
#           What to make of a binding whose role is nowhere to be found: `skip` says so, `fail` takes it for one that
#           grants the verbs.
#   remediation: |
#     Bind a role that only reads:
#
#     ```yaml
#     roleRef:
#       apiGroup: rbac.authorization.k8s.io
#       kind: ClusterRole
#       name: view
#     ```
#
#     A roleRef can't be changed: delete the binding and make another. Whoever really has to patch is added to
#     `approved_subjects` by those who look after the policy.
#   standards:
#     - { framework: iso-27001-2022, section: A.8.2 }
#   related:
#     - name: roles
#       kind: [rbac.authorization.k8s.io/Role, rbac.authorization.k8s.io/ClusterRole]
#       select: ref(roleRef)
#       fields: [kind, metadata.name, metadata.namespace, rules, aggregationRule]
#       need: refines
#   admission: deny
#   expand: false
package bylaw.rolebinding_patch_approved

import data.lib.bootstrap
import data.lib.cluster_roles
import data.lib.default_cluster_roles as defaults
import data.lib.objects
import data.lib.rbac
import data.lib.subjects

violation contains {
	"path": $"subjects[{i}]",
	"found": subject,
	"expected": expected,
	"message": $"{subjects.label(subject, namespace)} is not approved, but may {verbs_of(grant)} by {grant.place} {rbac.quote(grant.rule)}{grant.via}{others}; {advice}",
} if {
	judged
	some i, subject in unapproved
	grant := grants[0]
}

# The parameters take an unknown role for one that grants.
violation contains {
	"path": $"subjects[{i}]",
	"found": subject,
	"expected": expected,
	"message": $"{subjects.label(subject, namespace)} is not approved, and {unresolved}; {advice}",
} if {
	judged
	input.parameters.unresolved == "fail"
	count(grants) == 0
	unresolved
	some i, subject in unapproved
}

skipped contains unresolved if {
	judged
	input.parameters.unresolved == "skip"
	count(grants) == 0
	count(unapproved) > 0
}

not_applicable contains bootstrap.unchanged_binding

not_applicable contains "the parameters leave ClusterRoleBindings alone" if {
	is_cluster_binding
	not input.parameters.include_cluster_bindings
}

judged if {
	not bootstrap.unchanged_binding
	not left_alone
}

left_alone if {
	is_cluster_binding
	not input.parameters.include_cluster_bindings
}

is_cluster_binding if objects.kind == "ClusterRoleBinding"

namespace := object.get(input.review, "namespace", "")

reference := objects.object_or_empty(object.get(input.review.object, "roleRef", null))

role_label := $"{object.get(reference, "kind", "role")} \"{object.get(reference, "name", "")}\""

expected := $"an approved subject, or a role without {concat(", ", input.parameters.verbs)}"

advice := "approve it, or bind a role that doesn't grant that."

unapproved[i] := subject if {
	some i, subject in input.review.object.subjects
	not subjects.approved(input.parameters.approved_subjects, subject, namespace)
}

# The role as it was posted or stands in the cluster; a Role lies in the binding's namespace.
known_role := roles[0] if {
	roles := [role |
		some role in input.related.roles
		role.kind == reference.kind
		role.metadata.name == reference.name
		in_reach(role)
	]
}

in_reach(role) if {
	role.kind == "Role"
	not is_cluster_binding
	object.get(role.metadata, "namespace", namespace) == namespace
}

in_reach(role) if role.kind == "ClusterRole"

default_role := defaults.cluster_roles[reference.name] if reference.kind == "ClusterRole"

else := defaults.roles[qualified] if {
	reference.kind == "Role"
	not is_cluster_binding
	qualified := $"{namespace}/{reference.name}"
}

bound_role := known_role if known_role

else := default_role

# An aggregated role without rules has them gathered once it is in a cluster, from the defaults among others.
is_open if {
	cluster_roles.is_aggregated(bound_role)
	count(rbac.rules(bound_role)) == 0
}

unresolved := $"{role_label}, which it binds, was neither posted nor is it known" if not bound_role

unresolved := $"the rules of {role_label}, which it binds, are gathered from other ClusterRoles that are not known" if is_open

# Each rule of the role with its place in words.
granted_rules := [{"place": place, "via": "", "rule": rule} |
	some i, rule in rbac.rules(bound_role)
	place := $"rules[{i}] of {role_label}"
] if {
	not is_open
} else := [{"place": place, "via": $", which {role_label} gathers", "rule": entry.rule} |
	some entry in cluster_roles.gathered(bound_role, cluster_roles.with_defaults([]))
	place := $"rules[{entry.index}] of ClusterRole \"{entry.source}\""
]

grants := [{"place": entry.place, "via": entry.via, "rule": entry.rule, "verbs": verbs} |
	some entry in granted_rules
	verbs := verbs_granted(entry.rule)
	count(verbs) > 0
]

verbs_granted(rule) := {verb |
	some granted_verb in rbac.listed(rule, "verbs")
	some asked_verb in input.parameters.verbs
	verb := rbac.common_verb(granted_verb, asked_verb)
	some granted in rbac.listed(rule, "resources")
	some asked in input.parameters.resources
	resource := rbac.common_resource(granted, asked)
	rbac.grants(rule, verb, resource)
	reachable(rule, verb, resource)
}

reachable(_, _, _) if is_cluster_binding

reachable(rule, verb, resource) if rbac.usable_in_namespace(rule, verb, resource)

verbs_of(grant) := "do everything" if "*" in grant.verbs

else := concat(", ", grant.verbs)

others := "" if count(grants) == 1

else := $", and by {count(grants) - 1} more"
