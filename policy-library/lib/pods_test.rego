package lib.pods_test

import data.lib.pods

review(group, kind, object) := {"review": {
	"kind": {"group": group, "version": "v1", "kind": kind},
	"name": "x",
	"object": object,
}}

spec := {"containers": [{"name": "app"}]}

template := {"template": {"spec": spec}}

test_a_pod_is_its_own_template if {
	pods.containers[0].path == "spec.containers[0]" with input as review("", "Pod", {"spec": spec})
	pods.containers[0].pointer == "/spec/containers/0" with input as review("", "Pod", {"spec": spec})
}

test_a_cron_job_holds_it_below_the_job_template if {
	object := {"spec": {"jobTemplate": {"spec": template}}}
	pods.containers[0].path == "spec.jobTemplate.spec.template.spec.containers[0]" with input as review("batch", "CronJob", object)
	pods.containers[0].pointer == "/spec/jobTemplate/spec/template/spec/containers/0" with input as review("batch", "CronJob", object)
}

test_a_pod_template_holds_it_at_the_top if {
	pods.containers[0].path == "template.spec.containers[0]" with input as review("", "PodTemplate", template)
}

test_workloads_hold_it_at_spec_template if {
	every kind in [
		["apps", "Deployment"], ["apps", "ReplicaSet"], ["apps", "StatefulSet"], ["apps", "DaemonSet"], ["batch", "Job"],
		["", "ReplicationController"], ["apps.openshift.io", "DeploymentConfig"], ["argoproj.io", "Rollout"],
		["serving.knative.dev", "Service"], ["apps.kruise.io", "CloneSet"],
	] {
		pods.containers[0].path == "spec.template.spec.containers[0]" with input as review(kind[0], kind[1], {"spec": template})
	}
}

test_other_kinds_hold_none if {
	pods.no_pod_spec == "Service holds no pod spec" with input as review("", "Service", {"spec": {"ports": []}})
	pods.no_pod_spec with input as review("kubevirt.io", "VirtualMachine", {"spec": {"template": {"spec": {"domain": {}}}}})
	pods.no_pod_spec with input as review("argoproj.io", "Rollout", {"spec": {"workloadRef": {"name": "x"}}})
	pods.no_pod_spec with input as review("example.com", "Pod", {"spec": {"nodes": 3}})
	pods.no_pod_spec with input as review("example.com", "CronJob", {"spec": {"jobTemplate": {"spec": template}}})
	pods.no_pod_spec with input as review("example.com", "PodTemplate", template)
	count(pods.containers) == 0 with input as review("", "ConfigMap", {"data": {}})
}

test_sidecars_are_told_from_init_containers if {
	object := {"spec": {
		"initContainers": [{"name": "a"}, {"name": "b", "restartPolicy": "Always"}],
		"containers": [{"name": "c"}],
		"ephemeralContainers": [{"name": "d"}],
	}}
	[[e.name, e.list] | some e in pods.containers] == [
		["c", "containers"], ["a", "initContainers"],
		["b", "sidecars"], ["d", "ephemeralContainers"],
	] with input as review("", "Pod", object)
	[e.name | some e in pods.lasting_containers] == ["c", "a", "b"] with input as review("", "Pod", object)
	[e.name | some e in pods.regular_containers] == ["c"] with input as review("", "Pod", object)
}

test_ephemeral_containers_exist_on_pods_only if {
	object := {"spec": {"template": {"spec": {"containers": [], "ephemeralContainers": [{"name": "d"}]}}}}
	count(pods.containers) == 0 with input as review("apps", "Deployment", object)
}

test_wrong_types_are_no_containers if {
	count(pods.containers) == 0 with input as review("", "Pod", {"spec": {"containers": null}})
	count(pods.containers) == 0 with input as review("", "Pod", {"spec": {"containers": "app"}})
	count(pods.containers) == 0 with input as review("", "Pod", {"spec": {"containers": {"name": "app"}}})
	pods.no_pod_spec with input as review("", "Pod", {"spec": "app"})
}

test_a_container_of_the_wrong_type_is_one_that_says_nothing if {
	entry := pods.containers[0] with input as review("", "Pod", {"spec": {"containers": ["app"]}})
	entry.container == {}
	entry.security == {}
	entry.name == "#0"
}

test_a_container_overrides_the_pod if {
	object := {"spec": {
		"securityContext": {"runAsUser": 1, "runAsNonRoot": false, "seccompProfile": null},
		"containers": [{"name": "a", "securityContext": {"runAsUser": 2, "runAsNonRoot": null}}],
	}}
	entry := pods.containers[0] with input as review("", "Pod", object)
	user := pods.effective(entry, "runAsUser") with input as review("", "Pod", object)
	user == {"value": 2, "path": "spec.containers[0].securityContext.runAsUser"}
	flag := pods.effective(entry, "runAsNonRoot") with input as review("", "Pod", object)
	flag == {"value": false, "path": "spec.securityContext.runAsNonRoot"}
	not pods.effective(entry, "runAsGroup") with input as review("", "Pod", object)
	not pods.effective(entry, "seccompProfile") with input as review("", "Pod", object)
}

test_only_the_os_field_makes_a_windows_pod if {
	pods.windows with input as review("", "Pod", {"spec": {"os": {"name": "windows"}}})
	not pods.windows with input as review("", "Pod", {"spec": {"nodeSelector": {"kubernetes.io/os": "windows"}}})
	not pods.windows with input as review("", "Pod", {"spec": {"os": {"name": "linux"}}})
}

test_pods_that_are_restarted_always_are_long_running if {
	pods.long_running with input as review("", "Pod", {"spec": {}})
	pods.long_running with input as review("", "Pod", {"spec": {"restartPolicy": "Always"}})
	not pods.long_running with input as review("", "Pod", {"spec": {"restartPolicy": "OnFailure"}})
	not pods.long_running with input as review("batch", "Job", {"spec": template})
	pods.long_running with input as review("apps", "DaemonSet", {"spec": template})
}

none := {"exclude_containers": [], "exclude_images": []}

test_containers_are_excluded_by_name_and_by_image if {
	object := {"spec": {"containers": [
		{"name": "istio-proxy", "image": "auto"},
		{"name": "a", "image": "nginx"},
		{"name": "b", "image": "registry.example.com/b:1"},
		{"name": "c"},
	]}}
	parameters := {"exclude_containers": ["istio-*"], "exclude_images": ["docker.io/library/nginx"]}
	[e.name | some e in pods.selected(pods.containers, parameters)] == ["b", "c"] with input as review("", "Pod", object)
	count(pods.selected(pods.containers, none)) == 4 with input as review("", "Pod", object)
}

test_nothing_to_judge_has_a_reason if {
	all_out := {"exclude_containers": ["*"], "exclude_images": []}
	pods.not_judged(pods.containers, all_out) == {"the parameters exclude all of its containers"} with input as review("", "Pod", {"spec": spec})
	pods.not_judged(pods.containers, none) == {"Pod has no containers that this policy looks at"} with input as review("", "Pod", {"spec": {}})
	pods.not_judged(pods.containers, none) == {"Service holds no pod spec"} with input as review("", "Service", {"spec": {}})
	not pods.not_judged(pods.containers, none) with input as review("", "Pod", {"spec": spec})
}

test_image_volumes_are_found if {
	object := {"spec": {"volumes": [
		{"name": "a", "emptyDir": {}},
		{"name": "b", "image": {"reference": "m:1"}},
		{"name": "c", "image": "m:2"},
		{"name": "d", "image": null},
	]}}
	pods.volume_images == [
		{"name": "b", "path": "spec.volumes[1].image.reference", "reference": "m:1"},
		{"name": "c", "path": "spec.volumes[2].image.reference", "reference": null},
	] with input as review("", "Pod", object)
}

test_a_container_without_a_proper_name_goes_by_its_place if {
	object := {"spec": {"containers": [{"name": ""}, {"name": 5}, {}]}}
	[e.name | some e in pods.containers] == ["#0", "#1", "#2"] with input as review("", "Pod", object)
}

test_a_kind_without_pods_is_not_called_short_lived if {
	not pods.not_long_running with input as review("", "Service", {"spec": {}})
	pods.not_long_running with input as review("batch", "Job", {"spec": template})
}
