# Label selectors, matched as Kubernetes matches them.
package lib.selectors

# matches(selector, labels): null matches nothing, {} everything. A selector that the API server would refuse matches
# nothing. Source: k8s.io/apimachinery/pkg/apis/meta/v1, LabelSelectorAsSelector.
matches(selector, labels) if {
	is_object(selector)
	pairs := part(selector, "matchLabels", {})
	is_object(pairs)
	every key, value in pairs {
		labels[key] == value
	}
	requirements := part(selector, "matchExpressions", [])
	is_array(requirements)
	every requirement in requirements {
		meets(requirement, labels)
	}
}

# matches_copies(term, labels, distinct): whether the labelSelector of a pod affinity term or a topology spread
# constraint, with its matchLabelKeys and mismatchLabelKeys, matches the other pods of the template that holds it.
# labels are those that all of these pods carry, distinct the keys among them whose value is another in each pod.
matches_copies(term, labels, distinct) if {
	matches(part(term, "labelSelector", null), labels)
	every key in part(term, "matchLabelKeys", []) {
		not key in distinct
	}
	every key in part(term, "mismatchLabelKeys", []) {
		told_apart(key, labels, distinct)
	}
}

# keys(selector): the label keys that a selector asks for.
keys(selector) := {key | some key, _ in selector.matchLabels} | {requirement.key | some requirement in selector.matchExpressions}

# A key that the pod doesn't carry is left out of the comparison.
told_apart(key, labels, _) if not carried(key, labels)

told_apart(key, _, distinct) if key in distinct

meets(requirement, labels) if {
	requirement.operator == "In"
	labels[requirement.key] in requirement.values
}

meets(requirement, labels) if {
	requirement.operator == "NotIn"
	is_string(requirement.key)
	is_array(requirement.values)
	count(requirement.values) > 0
	not has_one_of(requirement, labels)
}

meets(requirement, labels) if {
	requirement.operator == "Exists"
	without_values(requirement)
	carried(requirement.key, labels)
}

meets(requirement, labels) if {
	requirement.operator == "DoesNotExist"
	is_string(requirement.key)
	without_values(requirement)
	not carried(requirement.key, labels)
}

has_one_of(requirement, labels) if labels[requirement.key] in requirement.values

without_values(requirement) if part(requirement, "values", []) == []

carried(key, labels) if key in object.keys(labels)

part(holder, field, fallback) := holder[field] if object.get(holder, field, null) != null

else := fallback
