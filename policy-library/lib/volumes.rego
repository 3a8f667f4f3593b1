# Volumes of pods.
package lib.volumes

import data.lib.objects
import data.lib.pods

# Every volume as [{name, path, pointer, volume}].
all := [volume |
	some i, item in pods.spec.volumes
	written := objects.object_or_empty(item)
	volume := {
		"name": name_of(written, i),
		"path": $"{pods.spec_path}.volumes[{i}]",
		"pointer": $"{pods.spec_pointer}/volumes/{i}",
		"volume": written,
	}
]

# sources(volume): the types of a volume: what it says besides its name. Kubernetes takes no more than one.
sources(volume) := {type |
	some type, source in volume
	type != "name"
	source != null
}

# The types that the restricted level of the Pod Security Standards allows: none of them reaches into the node.
# Source: k8s.io/pod-security-admission v0.37.2, policy/check_restrictedVolumes.go.
harmless := {
	"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected", "secret",
}

# A volume without a name, which the API server refuses, goes by its place.
name_of(volume, i) := volume.name if {
	is_string(volume.name)
	volume.name != ""
} else := $"#{i}"
