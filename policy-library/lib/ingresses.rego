# What an Ingress says of hosts and classes.
package lib.ingresses

import data.lib.objects

spec := objects.object_or_empty(object.get(input.review.object, "spec", null))

annotations := objects.object_or_empty(object.get(objects.metadata, "annotations", null))

# Hosts with their places; "" stands for every host. A default backend alone takes every host too.
hosts := [{"path": $"spec.rules[{i}].host", "host": host} |
	some i, rule in spec.rules
	host := host_of(rule)
] if {
	count(spec.rules) > 0
} else := [{"path": "spec.rules", "host": ""}]

host_of(rule) := "" if object.get(objects.object_or_empty(rule), "host", null) == null

else := rule.host

shown("") := "every host"

shown(host) := $"{host}" if host != ""

# class_of(spec, annotations): null where it names none; the field wins over the older annotation.
class_of(ingress_spec, ingress_annotations) := ingress_spec.ingressClassName if {
	not object.get(ingress_spec, "ingressClassName", null) in {null, ""}
} else := ingress_annotations["kubernetes.io/ingress.class"] if {
	not object.get(ingress_annotations, "kubernetes.io/ingress.class", null) in {null, ""}
} else := null

class := class_of(spec, annotations)
