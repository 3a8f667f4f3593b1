# What NetworkPolicies limit and allow.
package lib.network_policies

import data.lib.objects

# directions(spec): those that a policy limits. Unset is Ingress, and Egress where there are rules for it.
directions(spec) := {direction | some direction in spec.policyTypes} if {
	count(spec.policyTypes) > 0
} else := {"Ingress", "Egress"} if {
	count(spec.egress) > 0
} else := {"Ingress"}

# refuses_all(spec, direction): it selects every pod of its namespace and allows nothing.
refuses_all(spec, direction) if {
	direction in directions(spec)
	selects_all(object.get(spec, "podSelector", null))
	object.get(spec, lower(direction), null) in {null, []}
}

selects_all(selector) if {
	count(object.get(objects.object_or_empty(selector), "matchLabels", {})) == 0
	count(object.get(objects.object_or_empty(selector), "matchExpressions", [])) == 0
}
