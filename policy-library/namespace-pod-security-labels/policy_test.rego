package bylaw.namespace_pod_security_labels_test

import data.bylaw.namespace_pod_security_labels as policy

label := "pod-security.kubernetes.io/enforce"

namespace(name, labels, minimum) := {
	"review": {
		"kind": {"group": "", "version": "v1", "kind": "Namespace"},
		"name": name,
		"object": {"metadata": {"name": name, "labels": labels}},
	},
	"parameters": {"minimum": minimum},
}

shop(level, minimum) := namespace("shop", {label: level}, minimum)

test_a_level_is_enough_from_the_minimum_on if {
	every pair in [["privileged", "privileged"], ["baseline", "baseline"], ["restricted", "baseline"], ["restricted", "restricted"]] {
		policy.violation == set() with input as shop(pair[0], pair[1])
	}
	every pair in [["privileged", "baseline"], ["baseline", "restricted"], ["privileged", "restricted"]] {
		count(policy.violation) == 1 with input as shop(pair[0], pair[1])
	}
}

test_nothing_and_nonsense_are_no_level if {
	every level in [null, "", "Baseline", "strict", 1, true, []] {
		every minimum in ["privileged", "baseline", "restricted"] {
			count(policy.violation) == 1 with input as shop(level, minimum)
		}
	}
	every labels in [null, {}, [], "x", {"pod-security.kubernetes.io/warn": "restricted"}] {
		count(policy.violation) == 1 with input as namespace("shop", labels, "baseline")
	}
}

test_the_fix_writes_the_least_level_that_will_do if {
	findings := policy.violation with input as namespace("shop", null, "restricted")
	[f.fix | some f in findings] == [[
		{"op": "add", "path": "/metadata/labels", "value": {}},
		{"op": "add", "path": "/metadata/labels/pod-security.kubernetes.io~1enforce", "value": "restricted"},
	]]
	unsaid := policy.violation with input as namespace("shop", {}, "privileged")
	every finding in unsaid {
		not finding.fix
	}
}

test_only_the_namespaces_of_kubernetes_are_exempt if {
	every name in ["kube-system", "kube-public", "kube-node-lease"] {
		policy.violation == set() with input as namespace(name, {}, "baseline")
		count(policy.not_applicable) == 1 with input as namespace(name, {}, "baseline")
	}
	every name in ["default", "kube-apps"] {
		count(policy.violation) == 1 with input as namespace(name, {}, "baseline")
	}
}
