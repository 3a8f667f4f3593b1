# Pod specs and their containers, wherever they live. Complete rules here are computed once per object and shared by
# all policies, so they never read parameters.
package lib.pods

import data.lib.globs
import data.lib.images
import data.lib.objects

# Kinds whose pods are kept running; Pods are looked at by their restartPolicy.
long_running_workloads := {
	"apps/Deployment", "apps/StatefulSet", "apps/DaemonSet", "apps/ReplicaSet", "extensions/Deployment",
	"extensions/DaemonSet", "extensions/ReplicaSet", "core/ReplicationController",
	"apps.openshift.io/DeploymentConfig", "argoproj.io/Rollout",
}

# Kinds that hold a pod template at spec.template. Other kinds count if spec.template.spec.containers is a list.
workloads := long_running_workloads | {"batch/Job", "serving.knative.dev/Service"}

is_pod if {
	objects.kind == "Pod"
	objects.group == ""
}

is_cron_job if {
	objects.kind == "CronJob"
	objects.group == "batch"
}

is_pod_template if {
	objects.kind == "PodTemplate"
	objects.group == ""
}

# Where the pod's metadata and spec stand: the Pod itself, or the template that makes it.
template_path := "" if is_pod

else := "spec.jobTemplate.spec.template" if is_cron_job

else := "template" if is_pod_template

else := "spec.template"

template := input.review.object if is_pod

else := input.review.object.spec.jobTemplate.spec.template if is_cron_job

else := input.review.object.template if is_pod_template

else := input.review.object.spec.template

spec_path := "spec" if is_pod

else := $"{template_path}.spec"

spec_pointer := "/spec" if is_pod

else := $"/{replace(template_path, ".", "/")}/spec"

# The pod spec; undefined if the object holds none.
spec := template.spec if {
	is_object(template.spec)
	holds_pod_spec
}

holds_pod_spec if is_pod

holds_pod_spec if is_cron_job

holds_pod_spec if is_pod_template

holds_pod_spec if workloads[objects.qualified_kind]

holds_pod_spec if is_array(template.spec.containers)

no_pod_spec := $"{objects.kind} holds no pod spec" if not spec

# Whether the containers are kept running, so that probes mean something.
long_running if long_running_workloads[objects.qualified_kind]

long_running if {
	is_pod
	object.get(spec, "restartPolicy", null) in {null, "", "Always"}
}

# Why probes have nothing to do here; undefined if they have.
not_long_running := $"probes are looked at in workloads that are kept running, not in this {objects.kind}" if {
	spec
	not long_running
}

# A node selector doesn't make a Windows pod: the API server goes by spec.os alone.
windows if spec.os.name == "windows"

windows_exempt := "Windows has no such setting: this control is for Linux containers" if windows

host_network if spec.hostNetwork == true

# All containers: regular, init and sidecar, ephemeral. Ephemeral ones exist on Pods only.
containers := array.concat(
	array.concat(entries("containers"), entries("initContainers")),
	ephemeral_containers,
)

default ephemeral_containers := []

ephemeral_containers := entries("ephemeralContainers") if is_pod

entries(list) := [entry |
	some i, item in list_items(list)
	container := objects.object_or_empty(item)
	entry := {
		"list": list_name(list, container),
		"name": container_name(container, i),
		"path": $"{spec_path}.{list}[{i}]",
		"pointer": $"{spec_pointer}/{list}/{i}",
		"container": container,
		"security": objects.object_or_empty(object.get(container, "securityContext", null)),
	}
]

list_items(list) := spec[list] if is_array(spec[list])

# An init container that is restarted always is a sidecar.
list_name("initContainers", container) := "sidecars" if container.restartPolicy == "Always"

else := "initContainers"

list_name("containers", _) := "containers"

list_name("ephemeralContainers", _) := "ephemeralContainers"

# A container without a name, which the API server refuses, goes by its place.
container_name(container, i) := container.name if {
	is_string(container.name)
	container.name != ""
} else := $"#{i}"

pod_security := objects.object_or_empty(object.get(spec, "securityContext", null))

# effective(entry, field): what holds for a container where it may override the pod: {value, path}; undefined if unset.
effective(entry, field) := {"value": entry.security[field], "path": $"{entry.path}.securityContext.{field}"} if {
	object.get(entry.security, field, null) != null
} else := {"value": pod_security[field], "path": $"{spec_path}.securityContext.{field}"} if {
	object.get(pod_security, field, null) != null
}

# in_lists(lists): the containers of these lists, of `containers`, `initContainers`, `sidecars`, `ephemeralContainers`.
in_lists(lists) := [entry | some entry in containers; entry.list in lists]

# Containers that can have resources and ports: these can't be set on ephemeral ones.
lasting_containers := in_lists({"containers", "initContainers", "sidecars"})

regular_containers := in_lists({"containers"})

# selected(entries, parameters): the containers that exclude_containers and exclude_images leave to be judged.
selected(entries, parameters) := entries if {
	count(parameters.exclude_containers) == 0
	count(parameters.exclude_images) == 0
} else := [entry |
	some entry in entries
	not globs.any_text(parameters.exclude_containers, entry.name)
	not images.matches_any(parameters.exclude_images, object.get(entry.container, "image", null))
]

# The parsed image of each container by its path; those that can't be parsed are left out.
parsed_images := {entry.path: image |
	some entry in containers
	image := images.parse(entry.container.image)
}

# not_judged(entries, parameters): why a policy that looks at these containers has nothing to judge.
not_judged(_, _) := {no_pod_spec}

not_judged(entries, _) := {$"{objects.kind} has no containers that this policy looks at"} if {
	spec
	count(entries) == 0
}

not_judged(entries, parameters) := {"the parameters exclude all of its containers"} if {
	count(entries) > 0
	count(selected(entries, parameters)) == 0
}

# label(entry): how a message names a container: Init container "migrate".
label(entry) := $"{labels[entry.list]} \"{entry.name}\""

labels := {
	"containers": "Container",
	"initContainers": "Init container",
	"sidecars": "Sidecar container",
	"ephemeralContainers": "Ephemeral container",
}

# Images that are mounted as volumes.
volume_images := [{"name": volume.name, "path": place, "reference": reference} |
	some i, volume in spec.volumes
	image := object.get(volume, "image", null)
	image != null
	place := $"{spec_path}.volumes[{i}].image.reference"
	reference := object.get(objects.object_or_empty(image), "reference", null)
]
