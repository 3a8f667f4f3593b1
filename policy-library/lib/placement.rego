# What a pod spec says to keep the pods of its template apart.
package lib.placement

import data.lib.objects
import data.lib.pods
import data.lib.selectors

# Pod anti-affinity terms and topology spread constraints, as {place, sort, strength, says}: place is below the pod
# spec, says is the term or the constraint. A constraint without a known whenUnsatisfiable has the strength none.
rules := array.concat(array.concat(required_terms, preferred_terms), constraints)

required_terms := [{"place": place, "sort": "term", "strength": "required", "says": objects.object_or_empty(term)} |
	some i, term in elements(["affinity", "podAntiAffinity", "requiredDuringSchedulingIgnoredDuringExecution"])
	place := $"requiredDuringSchedulingIgnoredDuringExecution[{i}]"
]

preferred_terms := [{"place": place, "sort": "term", "strength": "preferred", "says": objects.object_or_empty(term)} |
	some i, item in elements(["affinity", "podAntiAffinity", "preferredDuringSchedulingIgnoredDuringExecution"])
	place := $"preferredDuringSchedulingIgnoredDuringExecution[{i}]"
	term := object.get(objects.object_or_empty(item), "podAffinityTerm", null)
]

constraints := [{"place": place, "sort": "constraint", "strength": strength_of(says), "says": says} |
	some i, constraint in elements(["topologySpreadConstraints"])
	place := $"topologySpreadConstraints[{i}]"
	says := objects.object_or_empty(constraint)
]

elements(keys) := list if {
	list := object.get(pods.spec, keys, null)
	is_array(list)
} else := []

strength_of(constraint) := object.get(strengths, object.get(constraint, "whenUnsatisfiable", null), "none")

strengths := {"DoNotSchedule": "required", "ScheduleAnyway": "preferred"}

# covers(says, namespace, labels): whether a rule looks at pods of a namespace, the one of its own pods: `yes`, `no`, or
# `unknown` where that hangs on labels of the namespace. labels are null where they aren't known.
covers(says, namespace, labels) := "yes" if {
	count(named_namespaces(says)) == 0
	object.get(says, "namespaceSelector", null) == null
} else := "yes" if {
	namespace in named_namespaces(says)
} else := "unknown" if {
	labels == null
	count(selectors.keys(says.namespaceSelector) - {"kubernetes.io/metadata.name"}) > 0
} else := "yes" if {
	own := object.union(objects.object_or_empty(labels), {"kubernetes.io/metadata.name": namespace})
	selectors.matches(says.namespaceSelector, own)
} else := "no"

named_namespaces(says) := says.namespaces if is_array(says.namespaces)

else := []
