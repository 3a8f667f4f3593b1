package bylaw.referenced_config_exists_test

import data.bylaw.referenced_config_exists as policy

pod(spec, related) := {
	"review": {
		"kind": {"group": "", "version": "v1", "kind": "Pod"},
		"name": "x",
		"namespace": "shop",
		"object": {"spec": object.union({"containers": [{"name": "app"}]}, spec)},
	},
	"related": related,
	"parameters": {"exclude_containers": [], "exclude_images": []},
}

none := {"volume_config_maps": [], "volume_secrets": []}

found := {
	"volume_config_maps": [{"kind": "ConfigMap", "metadata": {"name": "settings"}}],
	"env_secrets": [{"kind": "Secret", "metadata": {"name": "token"}}],
}

paths(spec, related) := {finding.path | some finding in findings} if findings := policy.violation with input as pod(spec, related)

container(fields) := {"containers": [object.union({"name": "app"}, fields)]}

test_each_way_to_name_one_is_looked_at if {
	paths({"volumes": [{"configMap": {"name": "a"}}, {"secret": {"secretName": "b"}}]}, none) == {"spec.volumes[0].configMap.name", "spec.volumes[1].secret.secretName"}
	paths({"volumes": [{"projected": {"sources": [{"configMap": {"name": "a"}}, {"secret": {"name": "b"}}, {"downwardAPI": {}}]}}]}, none) == {
		"spec.volumes[0].projected.sources[0].configMap.name",
		"spec.volumes[0].projected.sources[1].secret.name",
	}
	paths(container({"envFrom": [{"configMapRef": {"name": "a"}}, {"secretRef": {"name": "b"}}]}), none) == {
		"spec.containers[0].envFrom[0].configMapRef.name",
		"spec.containers[0].envFrom[1].secretRef.name",
	}
	paths(container({"env": [{"valueFrom": {"configMapKeyRef": {"name": "a"}}}, {"valueFrom": {"secretKeyRef": {"name": "b"}}}, {"value": "c"}]}), none) == {
		"spec.containers[0].env[0].valueFrom.configMapKeyRef.name",
		"spec.containers[0].env[1].valueFrom.secretKeyRef.name",
	}
}

test_kind_and_name_have_to_agree if {
	paths(container({"envFrom": [{"configMapRef": {"name": "settings"}}, {"secretRef": {"name": "token"}}]}), found) == set()
	count(paths(container({"envFrom": [{"configMapRef": {"name": "token"}}, {"secretRef": {"name": "settings"}}]}), found)) == 2
}

test_what_is_optional_may_be_missing if {
	paths(container({"envFrom": [{"secretRef": {"name": "b", "optional": true}}]}), none) == set()
	count(paths(container({"envFrom": [{"secretRef": {"name": "b", "optional": false}}]}), none)) == 1
}

test_what_is_about_to_be_made_is_not_missing if {
	made := {"makers": [
		{"kind": "ExternalSecret", "metadata": {"name": "x"}, "spec": {"target": {"name": "a"}}},
		{"kind": "SealedSecret", "metadata": {"name": "b"}, "spec": {}},
		{"kind": "Certificate", "metadata": {"name": "y"}, "spec": {"secretName": "c"}},
		{"kind": "ExternalSecret", "metadata": {"name": "d"}, "spec": {"target": {}}},
	]}
	secrets := {"volumes": [{"secret": {"secretName": name}} | some name in ["a", "b", "c", "d"]]}
	paths(secrets, object.union(none, made)) == set()
	count(paths({"volumes": [{"secret": {"secretName": "x"}}, {"configMap": {"name": "b"}}]}, object.union(none, made))) == 2
}

test_unknown_config_is_no_missing_one if {
	needs := {"volumes": [{"configMap": {"name": "a"}}]}
	paths(needs, {}) == set()
	paths(needs, {"makers": []}) == set()
	count(policy.skipped) == 1 with input as pod(needs, {})
	policy.skipped == set() with input as pod({}, {})
}

young := {"context": {"creation_timestamp": "2026-11-24T10:00:00Z", "now": "2026-11-24T10:01:00Z"}}

test_the_young_wait_for_what_is_missing_only if {
	missing := object.union(pod({"volumes": [{"configMap": {"name": "a"}}]}, none), young)
	policy.violation == set() with input as missing
	count(policy.skipped) == 1 with input as missing
	policy.skipped == set() with input as object.union(pod({}, none), young)
}

test_nothing_is_named_by_nothing if {
	every reference in [null, {}, {"name": ""}, {"name": null}, "settings", []] {
		paths(container({"envFrom": [{"configMapRef": reference}]}), none) == set()
	}
}
