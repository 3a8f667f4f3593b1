package lib.api_versions_test

import data.lib.api_versions

review(group, version, kind, context) := {
	"review": {"kind": {"group": group, "version": version, "kind": kind}, "name": "x", "object": {}},
	"context": context,
}

test_the_minor_release_is_read_from_each_spelling if {
	every version in ["1.35", "v1.35", "v1.35.4", "1.35+", "v1.35.4-gke.100", "1.35-eks", "v1.35.0+k3s1"] {
		api_versions.minor(version) == 35
	}
	every version in ["", "1", "2.35", "v1.x", "1.", "latest", null, 1.35, {}] {
		not api_versions.minor(version)
	}
}

test_the_document_says_its_version_unless_the_platform_does if {
	api_versions.written == "apps/v1" with input as review("apps", "v1", "Deployment", {})
	api_versions.written == "v1" with input as review("", "v1", "Pod", {})
	api_versions.written == "apps/v1beta2" with input as review("apps", "v1", "Deployment", {"written_as": "apps/v1beta2"})
}

test_the_removal_is_of_version_and_kind if {
	ingress := api_versions.removal with input as review("extensions", "v1beta1", "Ingress", {})
	ingress == {"removed": 22, "instead": "networking.k8s.io/v1"}
	deployment := api_versions.removal with input as review("extensions", "v1beta1", "Deployment", {})
	deployment.removed == 16
	not api_versions.removal with input as review("apps", "v1", "Deployment", {})
	not api_versions.removal with input as review("extensions", "v1beta1", "ConfigMap", {})
}

test_some_kinds_never_lost_a_version if {
	api_versions.ever_removed with input as review("apps", "v1", "Deployment", {})
	api_versions.ever_removed with input as review("apps", "v1", "Deployment", {"written_as": "extensions/v1beta1"})
	not api_versions.ever_removed with input as review("", "v1", "ConfigMap", {})
	not api_versions.ever_removed with input as review("example.com", "v1beta1", "Deployment", {})
}
