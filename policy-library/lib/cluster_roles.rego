# Aggregated ClusterRoles: whose rules they gather. Source: the ClusterRole aggregation controller of Kubernetes.
package lib.cluster_roles

import data.lib.default_cluster_roles as defaults
import data.lib.objects
import data.lib.rbac
import data.lib.selectors

is_aggregated(role) if role.aggregationRule

# with_defaults(roles): these ClusterRoles, and the defaults of Kubernetes that are not among them.
with_defaults(roles) := array.concat(roles, missing) if {
	names := {role.metadata.name | some role in roles}
	missing := [role |
		some name, role in defaults.cluster_roles
		not name in names
	]
}

# gathered(role, roles): what an aggregated role gathers of these other ClusterRoles, directly or by another aggregated
# one, as [{source, index, rule}].
gathered(role, roles) := [{"source": name, "index": i, "rule": rule} |
	reached := graph.reachable(selected_by_name(role, roles), {role.metadata.name})
	some source in roles
	name := source.metadata.name
	name in reached
	some i, rule in rbac.rules(source)
]

# Several roles of one name, which only a careless set of manifests has, are taken together.
selected_by_name(role, roles) := {name: selected |
	present := array.concat([role], roles)
	names := {other.metadata.name | some other in present}
	some name in names
	selected := {picked |
		some other in present
		other.metadata.name == name
		some picked in selects(other, roles)
	}
}

selects(role, roles) := {other.metadata.name |
	some selector in role.aggregationRule.clusterRoleSelectors
	some other in roles
	selectors.matches(selector, objects.object_or_empty(object.get(other.metadata, "labels", null)))
}
