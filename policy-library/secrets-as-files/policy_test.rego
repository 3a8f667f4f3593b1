package bylaw.secrets_as_files_test

import data.bylaw.secrets_as_files as policy

container(content) := {
	"review": {
		"kind": {"group": "", "version": "v1", "kind": "Pod"},
		"name": "x",
		"object": {"spec": {"containers": [object.union({"name": "app"}, content)]}},
	},
	"parameters": {"exclude_containers": [], "exclude_images": []},
}

test_each_reference_is_one_finding if {
	content := {
		"env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}, {"name": "B", "value": "c"}],
		"envFrom": [{"configMapRef": {"name": "c"}}, {"prefix": "P_", "secretRef": {"name": "s"}}],
	}
	findings := policy.violation with input as container(content)
	{f.path | some f in findings} == {"spec.containers[0].env[0].valueFrom.secretKeyRef", "spec.containers[0].envFrom[1].secretRef"}
}

test_null_is_absent if {
	every content in [
		{"env": null}, {"envFrom": null}, {"env": [{"name": "A", "valueFrom": null}]}, {"envFrom": [null]},
		{"env": [{"name": "A", "valueFrom": {"secretKeyRef": null}}]}, {"envFrom": [{"secretRef": null}]},
	] {
		policy.violation == set() with input as container(content)
	}
}

test_wrong_types_are_findings if {
	every reference in ["s", [], 5, {}] {
		count(policy.violation) == 1 with input as container({"envFrom": [{"secretRef": reference}]})
		count(policy.violation) == 1 with input as container({"env": [{"valueFrom": {"secretKeyRef": reference}}]})
	}
}
