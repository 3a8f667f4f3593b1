# What every policy may ask of the object it judges.
package lib.objects

import data.lib.globs

kind := input.review.kind.kind

# "" is the core group.
group := object.get(input.review.kind, "group", "")

metadata := object_or_empty(object.get(input.review.object, "metadata", null))

# Kubernetes' own groups: no dot, or under k8s.io.
group_is_built_in if not contains(group, ".")

group_is_built_in if endswith(group, ".k8s.io")

# The owner that controls the object; undefined if none does.
controller := controllers[0]

controllers := [owner |
	some owner in metadata.ownerReferences
	owner.controller == true
]

qualified_kind := $"core/{kind}" if group == ""

else := $"{group}/{kind}"

# is_any_of(patterns): the object's kind is one of these: `Kind` in any group, or `group/Kind` with `core` for the core
# group; `*` stands for any run of characters.
is_any_of(patterns) if {
	some pattern in patterns
	not contains(pattern, "/")
	globs.text_matches(pattern, kind)
}

is_any_of(patterns) if {
	some pattern in patterns
	contains(pattern, "/")
	globs.text_matches(pattern, qualified_kind)
}

object_or_empty(value) := value if is_object(value)

else := {}
