# ConfigMaps and Secrets that a pod needs before it can start.
package lib.referenced_config

import data.lib.pods

# Of the pod's volumes, each as {path, kind, name}; what is optional may be missing.
of_volumes := array.concat(plain_volumes, projected_volumes)

plain_volumes := [{"path": path, "kind": source.kind, "name": name} |
	some i, volume in pods.spec.volumes
	some source in volume_sources
	name := needed(volume[source.field], source.key)
	path := $"{pods.spec_path}.volumes[{i}].{source.field}.{source.key}"
]

volume_sources := [
	{"field": "configMap", "key": "name", "kind": "ConfigMap"},
	{"field": "secret", "key": "secretName", "kind": "Secret"},
]

projected_volumes := [{"path": path, "kind": kind, "name": name} |
	some i, volume in pods.spec.volumes
	some j, part in volume.projected.sources
	some field, kind in {"configMap": "ConfigMap", "secret": "Secret"}
	name := needed(part[field], "name")
	path := $"{pods.spec_path}.volumes[{i}].projected.sources[{j}].{field}.name"
]

# of_container(entry): of its environment.
of_container(entry) := array.concat(
	[{"path": path, "kind": kind, "name": name} |
		some i, source in entry.container.envFrom
		some field, kind in {"configMapRef": "ConfigMap", "secretRef": "Secret"}
		name := needed(source[field], "name")
		path := $"{entry.path}.envFrom[{i}].{field}.name"
	],
	[{"path": path, "kind": kind, "name": name} |
		some i, variable in entry.container.env
		some field, kind in {"configMapKeyRef": "ConfigMap", "secretKeyRef": "Secret"}
		name := needed(variable.valueFrom[field], "name")
		path := $"{entry.path}.env[{i}].valueFrom.{field}.name"
	],
)

needed(reference, key) := name if {
	is_object(reference)
	object.get(reference, "optional", false) != true
	name := object.get(reference, key, null)
	not name in {null, ""}
}
