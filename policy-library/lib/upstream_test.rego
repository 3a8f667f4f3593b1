package lib.upstream_test

import data.lib.upstream

test_the_version_that_is_asked_for_counts if {
	every version, minor in {"1.29": 29, "v1.30": 30, "latest": 37, "1.99": 37, "1.7": 25, "1.25": 25} {
		upstream.minor({"version": version}) == minor with input as {"context": {"kubernetes_version": "v1.27.3"}}
	}
}

test_else_the_clusters_own_counts if {
	every version, minor in {"v1.29.4-gke.1043002": 29, "1.31+": 31, "v1.36.0": 36, "v1.42.1": 37, "v1.18.20": 25} {
		upstream.minor({"version": ""}) == minor with input as {"context": {"kubernetes_version": version}}
	}
}

test_else_the_newest_counts if {
	upstream.minor({"version": ""}) == 37 with input as {}
	every version in ["", "main", "v2.0.0", "1.x", "1", null, 29] {
		upstream.minor({"version": ""}) == 37 with input as {"context": {"kubernetes_version": version}}
	}
}
