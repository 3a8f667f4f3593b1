package bylaw.image_pull_policy_test

import data.bylaw.image_pull_policy as policy

digest := "sha256:4c1a8f4d1e6b0c5d2f7a9b3e8d6c5b4a39281706f5e4d3c2b1a0f9e8d7c6b5a4"

pod(image, pull, required) := {
	"review": {
		"kind": {"group": "", "version": "v1", "kind": "Pod"},
		"name": "x",
		"object": {"spec": {"containers": [{"name": "app", "image": image, "imagePullPolicy": pull}]}},
	},
	"parameters": {"required": required, "exclude_containers": [], "exclude_images": []},
}

passes(image, pull, required) if policy.violation == set() with input as pod(image, pull, required)

test_unset_is_what_kubernetes_makes_of_it if {
	every unset in [null, ""] {
		every image in ["nginx", "nginx:latest", "nginx:1.27.0", "localhost:5000/app", "localhost:5000/app:1", $"nginx@{digest}"] {
			passes(image, unset, "IfNotPresent")
		}
		not passes("nginx:1.27.0", unset, "Always")
		passes("nginx", unset, "Always")
	}
}

test_a_mutable_tag_is_always_pulled if {
	every image in ["nginx", "nginx:latest", "localhost:5000/app"] {
		not passes(image, "IfNotPresent", "IfNotPresent")
		not passes(image, "Never", "Never")
		passes(image, "Always", "IfNotPresent")
	}
}

test_a_digest_fixes_what_latest_names if {
	passes($"nginx:latest@{digest}", "IfNotPresent", "IfNotPresent")
	not passes($"nginx:latest@{digest}", null, "IfNotPresent")
	not passes($"nginx:latest@{digest}", "Always", "IfNotPresent")
}

test_the_fix_sets_it if {
	findings := policy.violation with input as pod("nginx", "Never", "IfNotPresent")
	[f.fix | some f in findings] == [[{"op": "add", "path": "/spec/containers/0/imagePullPolicy", "value": "Always"}]]
}

test_wrong_types_are_findings if {
	every pull in ["always", 5, true, [], {}] {
		not passes("nginx:1.27.0", pull, "IfNotPresent")
	}
	every image in [null, "", 5, "shop/UPPER", {}] {
		not passes(image, "Always", "Always")
	}
}
