package bylaw.storage_class_approved_test

import data.bylaw.storage_class_approved as policy

claim(content, allowed) := {
	"review": {
		"kind": {"group": "", "version": "v1", "kind": "PersistentVolumeClaim"},
		"name": "data",
		"object": content,
	},
	"parameters": {"allowed": allowed},
}

class(name, allowed) := claim({"spec": {"storageClassName": name}}, allowed)

test_a_class_of_the_list_passes if {
	every allowed in [["fast"], ["slow", "fast"], ["f*"], ["*"]] {
		policy.violation == set() with input as class("fast", allowed)
	}
	every allowed in [["slow"], ["fas"], ["Fast"], [""], ["faster-*"]] {
		count(policy.violation) == 1 with input as class("fast", allowed)
	}
}

test_no_class_and_the_empty_one_are_two_things if {
	every content in [{}, {"spec": null}, {"spec": {}}, {"spec": {"storageClassName": null}}] {
		count(policy.violation) == 1 with input as claim(content, ["*"])
		count(policy.violation) == 1 with input as claim(content, [""])
	}
	policy.violation == set() with input as class("", ["", "fast"])
	count(policy.violation) == 1 with input as class("", ["fast"])
}

test_the_older_annotation_wins if {
	content := {"metadata": {"annotations": {"volume.beta.kubernetes.io/storage-class": "slow"}}, "spec": {"storageClassName": "fast"}}
	policy.violation == set() with input as claim(content, ["slow"])
	findings := policy.violation with input as claim(content, ["fast"])
	{f.path | some f in findings} == {`metadata.annotations["volume.beta.kubernetes.io/storage-class"]`}
	every finding in findings {
		not finding.fix
	}
}

test_wrong_types_are_findings if {
	every name in [5, true, [], {}] {
		count(policy.violation) == 1 with input as class(name, ["*"])
	}
}

test_the_one_class_that_is_approved_is_written if {
	findings := policy.violation with input as claim({}, ["fast"])
	[f.fix | some f in findings] == [[
		{"op": "add", "path": "/spec", "value": {}},
		{"op": "add", "path": "/spec/storageClassName", "value": "fast"},
	]]
	every allowed in [["f*"], ["fast", "slow"]] {
		guessed := policy.violation with input as claim({}, allowed)
		every finding in guessed {
			not finding.fix
		}
	}
}

test_nothing_is_judged_without_a_list if {
	policy.violation == set() with input as class("fast", [])
	policy.skipped == {"needs parameters: allowed is empty"} with input as class("fast", [])
}
