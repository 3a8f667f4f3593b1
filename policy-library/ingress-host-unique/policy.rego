# METADATA
# title: A host belongs to one
# description: |
#   No other Ingress takes a host of this one, and no other HTTPRoute of the same Gateway a host of this route: which of
#   them answers hangs on the controller, and who makes the second may get the traffic of the first. Within a namespace
#   they may share a host as long as they share no path (of routes: no match). Ingresses of different classes go to
#   different controllers and don't meet. Without a named cluster it is not known which others there are, and the object
#   is skipped; so is one that was made less than 5 minutes ago, for which others may still make room.
# custom:
#   category: network
#   severity: medium
#   kinds: [networking.k8s.io/Ingress, gateway.networking.k8s.io/HTTPRoute]
#   parameters: { type: object, additionalProperties: false, properties: {} }
#   remediation: |
#     Give each its own host, or bring what belongs together into one Ingress:
#
#     ```yaml
#     spec:
#       rules:
#         - host: shop.example.com
#           http:
#             paths:
#               - { path: /, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }
#               - { path: /api, pathType: Prefix, backend: { service: { name: api, port: { number: 80 } } } }
#     ```
#   standards: []
#   related:
#     - name: rivals
#       kind: [networking.k8s.io/Ingress, gateway.networking.k8s.io/HTTPRoute]
#       select: "cluster(index: spec.rules[].host, spec.hostnames[])"
#       fields:
#         - kind
#         - metadata.name
#         - metadata.namespace
#         - metadata.annotations
#         - spec.ingressClassName
#         - spec.rules
#         - spec.hostnames
#         - spec.parentRefs
#       need: complete
#   admission: warn
#   expand: false
package bylaw.ingress_host_unique

import data.lib.ingresses
import data.lib.objects
import data.lib.settling
import data.lib.workloads

violation contains {
	"path": entry.path,
	"found": entry.host,
	"expected": "a host that no other takes",
	"message": $"This {objects.kind} takes {entry.host}, as does {workloads.named(names)}; give it another host, or bring both together.",
} if {
	not settling.reason
	some entry in own
	names := rivals_of(entry)
	count(names) > 0
}

skipped contains "others that take its hosts are not known: no cluster was named, or it is still being listed" if {
	count(own) > 0
	not input.related.rivals
}

skipped contains $"{settling.reason}, and others may still make room for its hosts" if {
	settling.reason
	input.related.rivals
	some entry in own
	count(rivals_of(entry)) > 0
}

not_applicable contains "it names no host" if count(own) == 0

# The hosts of the object, each with its place and what is matched below it.
own := hosts_of(objects.kind, spec)

spec := ingresses.spec

namespace := object.get(input.review, "namespace", "")

hosts_of("Ingress", of) := [{"path": $"spec.rules[{i}].host", "host": rule.host, "matches": paths_of(rule)} |
	some i, rule in of.rules
	not object.get(rule, "host", null) in {null, ""}
]

hosts_of("HTTPRoute", of) := [{"path": $"spec.hostnames[{i}]", "host": host, "matches": matches_of(of)} |
	some i, host in of.hostnames
]

# A rule without paths matches them all.
paths_of(rule) := {[object.get(path, "path", "/"), object.get(path, "pathType", "")] | some path in rule.http.paths} if {
	count(rule.http.paths) > 0
} else := {["/", ""]}

matches_of(of) := {match |
	some rule in of.rules
	some match in matches_in(rule)
}

matches_in(rule) := {object.union({"path": {"type": "PathPrefix", "value": "/"}}, match) | some match in rule.matches} if {
	count(rule.matches) > 0
} else := {{"path": {"type": "PathPrefix", "value": "/"}}}

rivals_of(entry) := {label(rival) |
	some rival in input.related.rivals
	rival.kind == objects.kind
	meet(rival)
	some other in hosts_of(rival.kind, rival.spec)
	other.host == entry.host
	collide(rival, entry, other)
}

collide(rival, _, _) if namespace_of(rival) != namespace

collide(rival, entry, other) if {
	namespace_of(rival) == namespace
	count(entry.matches & other.matches) > 0
}

namespace_of(rival) := object.get(rival, ["metadata", "namespace"], namespace)

label(rival) := $"{rival.kind} {namespace_of(rival)}/{rival.metadata.name}"

# meet(rival): one controller serves both.
meet(rival) if {
	rival.kind == "Ingress"
	class := ingresses.class_of(rival.spec, object.get(rival, ["metadata", "annotations"], {}))
	same_class(class, ingresses.class)
}

meet(rival) if {
	rival.kind == "HTTPRoute"
	some theirs in rival.spec.parentRefs
	some mine in spec.parentRefs
	theirs.name == mine.name
	object.get(theirs, "namespace", namespace_of(rival)) == object.get(mine, "namespace", namespace)
	agree(theirs, mine, "sectionName")
	agree(theirs, mine, "port")
}

same_class(a, b) if a == b

same_class(null, b) if b != null

same_class(a, null) if a != null

agree(a, b, field) if object.get(a, field, null) == object.get(b, field, null)

agree(a, b, field) if {
	object.get(a, field, null) != object.get(b, field, null)
	null in {object.get(a, field, null), object.get(b, field, null)}
}
