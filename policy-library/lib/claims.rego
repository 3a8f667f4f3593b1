# Claims of storage: a PersistentVolumeClaim, and those that a StatefulSet makes for each of its pods.
package lib.claims

import data.lib.objects

# As {label, path, pointer, holder}; holder is what has metadata and spec, path ends with a dot unless it is the root.
claims := [{
	"label": $"PersistentVolumeClaim \"{input.review.name}\"",
	"path": "",
	"pointer": "",
	"holder": input.review.object,
}] if {
	objects.kind == "PersistentVolumeClaim"
} else := [{
	"label": label,
	"path": path,
	"pointer": pointer,
	"holder": holder,
} |
	some i, template in object.get(input.review.object, ["spec", "volumeClaimTemplates"], null)
	holder := objects.object_or_empty(template)
	label := $"Volume claim template \"{object.get(holder, ["metadata", "name"], i)}\""
	path := $"spec.volumeClaimTemplates[{i}]."
	pointer := $"/spec/volumeClaimTemplates/{i}"
]

none := $"{objects.kind} claims no storage" if count(claims) == 0
