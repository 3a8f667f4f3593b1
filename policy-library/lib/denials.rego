# What the rules of a Role or ClusterRole grant of what a list denies. An entry of the list is {api_groups, resources,
# verbs, resource_names?, non_resource_urls?, match?}: with `match: any`, which is meant where it isn't said, a rule is
# hit where both meet; with `match: all` only where it grants all of the entry. A rule that resourceNames narrow is let
# pass, unless the entry's resource_names match one of them.
package lib.denials

import data.lib.bootstrap
import data.lib.cluster_roles
import data.lib.globs
import data.lib.objects
import data.lib.rbac

label := $"{objects.kind} \"{input.review.name}\""

# The role's rules that are not Kubernetes' own.
own_rules := [{"index": i, "rule": rule} | some i, rule in rbac.rules(input.review.object)] if {
	count(bootstrap.own_rules) == 0
} else := [{"index": i, "rule": rule} |
	some i, rule in rbac.rules(input.review.object)
	not rbac.canonical(rule) in bootstrap.own_rules
]

is_aggregated if {
	objects.kind == "ClusterRole"
	cluster_roles.is_aggregated(input.review.object)
}

stored := bootstrap.canonical_rules(input.review.object)

# gathered(known): the rules that an aggregated role gathers of the known ClusterRoles and of Kubernetes' own, as
# [{source, index, rule}]; of any other role none.
gathered(_) := [] if not is_aggregated

gathered(known) := cluster_roles.gathered(input.review.object, others) if {
	is_aggregated
	others := [role |
		some role in cluster_roles.with_defaults(known)
		role.metadata.name != input.review.name
	]
}

# yet_to_come(entries): those of the gathered rules that the role doesn't store yet.
yet_to_come(entries) := [entry |
	some entry in entries
	canonical := rbac.canonical(entry.rule)
	not canonical in bootstrap.own_rules
	not canonical in stored
]

# Why nothing can be said of an aggregated role, where nobody knows other ClusterRoles; undefined for any other.
unknown := "its rules are gathered from other ClusterRoles, and none was posted" if {
	is_aggregated
	count(stored) == 0
}

# origin(rule, entries): from where an aggregated role has a rule, given what it gathers.
origin(_, _) := "" if not is_aggregated

origin(rule, entries) := $", which comes from ClusterRole {concat(", ", names)}" if {
	is_aggregated
	canonical := rbac.canonical(rule)
	names := {$"\"{entry.source}\"" | some entry in entries; rbac.canonical(entry.rule) == canonical}
	count(names) > 0
} else := ", which comes from a ClusterRole that isn't known here" if is_aggregated

# findings(entries, known, words): one for each rule that grants something denied, those of an aggregated role that will
# be gathered among them. words holds the texts: lets follows the role, expected and advice say what would be right.
findings(entries, known, words) := array.concat(
	[finding |
		some own in own_rules
		denials := denied_in(entries, own.rule)
		count(denials) > 0
		finding := {
			"path": $"rules[{own.index}].verbs",
			"found": own.rule.verbs,
			"expected": words.expected,
			"message": $"{label} lets its holders {words.lets}: rules[{own.index}] grants {some_of(denials)}{origin(own.rule, coming)}; {words.advice}.",
		}
	],
	[finding |
		some entry in yet_to_come(coming)
		denials := denied_in(entries, entry.rule)
		count(denials) > 0
		finding := {
			"path": "aggregationRule.clusterRoleSelectors",
			"found": entry.source,
			"expected": words.expected,
			"message": $"{label} lets its holders {words.lets}: it gathers rules[{entry.index}] of ClusterRole \"{entry.source}\", which grants {some_of(denials)}; {words.advice}.",
		}
	],
) if {
	coming := gathered(known)
}

# some_of(denials): the first three of them.
some_of(denials) := concat(", ", denials) if count(denials) <= 3

some_of(denials) := $"{concat(", ", array.slice(sorted, 0, 3))} and {count(denials) - 3} more" if {
	count(denials) > 3
	sorted := sort(denials)
}

# denied_by(entries, rule, verb): what the rule grants by this verb of its and an entry denies, in words.
denied_by(entries, rule, verb) := {denial |
	some entry in entries
	some denial in denials_of(entry, rule, verb)
}

# denied_in(entries, rule): the same by all verbs of the rule. Most rules share no group with an entry, so that this is
# asked first.
denied_in(entries, rule) := {denial |
	some entry in entries
	some denial in denials_in(entry, rule)
}

denials_in(entry, rule) := on_resources(entry, rule, rbac.listed(rule, "verbs")) | on_urls(entry, rule, rbac.listed(rule, "verbs")) if {
	object.get(entry, "match", "any") == "any"
} else := {denial |
	some verb in rbac.listed(rule, "verbs")
	some denial in (all_resources(entry, rule, verb) | all_urls(entry, rule, verb))
}

denials_of(entry, rule, verb) := on_resources(entry, rule, [verb]) | on_urls(entry, rule, [verb]) if {
	object.get(entry, "match", "any") == "any"
} else := all_resources(entry, rule, verb) | all_urls(entry, rule, verb)

on_resources(entry, rule, verbs) := {$"{words(common_verb)} on {words(resource)}" |
	groups_meet(entry, rule)
	some granted in rbac.listed(rule, "resources")
	some asked in entry.resources
	resource := rbac.common_resource(granted, asked)
	some verb in verbs
	some asked_verb in entry.verbs
	common_verb := rbac.common_verb(verb, asked_verb)
	reaches(entry, rule, common_verb, resource)
}

groups_meet(entry, rule) if {
	some granted in rbac.listed(rule, "apiGroups")
	some asked in entry.api_groups
	rbac.common_group(granted, asked)
}

# reaches(entry, rule, verb, resource): the rule's resourceNames leave something of what the entry denies.
reaches(_, rule, verb, _) if rbac.grants_unnamed(rule, verb)

reaches(entry, rule, verb, resource) if {
	rbac.can_name(verb, resource)
	some name in rbac.names(rule)
	globs.any_text(entry.resource_names, name)
}

on_urls(entry, rule, verbs) := {$"{words(common_verb)} on {common_url}" |
	objects.kind == "ClusterRole"
	some granted in rbac.listed(rule, "nonResourceURLs")
	some asked in entry.non_resource_urls
	common_url := rbac.common_url(granted, asked)
	some verb in verbs
	some asked_verb in entry.verbs
	common_verb := rbac.common_verb(verb, asked_verb)
}

all_resources(entry, rule, verb) := {$"{listed(entry.verbs)} on {listed(entry.resources)}" |
	holds_one_of(entry, verb)
	count(entry.resources) > 0
	count(entry.api_groups) > 0
	every asked in entry.api_groups {
		some granted in rbac.listed(rule, "apiGroups")
		rbac.contains_item(granted, asked)
	}
	every asked in entry.resources {
		some granted in rbac.listed(rule, "resources")
		rbac.contains_resource(granted, asked)
	}
	holds_every_verb(entry, rule)
	every asked_verb in entry.verbs {
		some resource in entry.resources
		reaches(entry, rule, asked_verb, resource)
	}
}

all_urls(entry, rule, verb) := {$"{listed(entry.verbs)} on {listed(entry.non_resource_urls)}" |
	objects.kind == "ClusterRole"
	holds_one_of(entry, verb)
	count(entry.non_resource_urls) > 0
	every asked in entry.non_resource_urls {
		some granted in rbac.listed(rule, "nonResourceURLs")
		rbac.contains_url(granted, asked)
	}
	holds_every_verb(entry, rule)
}

holds_one_of(entry, verb) if {
	some asked in entry.verbs
	rbac.contains_item(verb, asked)
}

holds_every_verb(entry, rule) if {
	every asked in entry.verbs {
		some granted in rbac.listed(rule, "verbs")
		rbac.contains_item(granted, asked)
	}
}

listed(items) := concat(", ", [words(item) | some item in items])

words(item) := "everything (*)" if item == "*"

else := item
