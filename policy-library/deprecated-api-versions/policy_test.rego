package bylaw.deprecated_api_versions_test

import data.bylaw.deprecated_api_versions as policy

object_(group, version, kind, context, parameters) := {
	"review": {"kind": {"group": group, "version": version, "kind": kind}, "name": "web", "object": {}},
	"context": context,
	"parameters": object.union({"kubernetes_version": "", "removed_within": 1}, parameters),
}

flow(context, parameters) := object_("flowcontrol.apiserver.k8s.io", "v1beta3", "FlowSchema", context, parameters)

test_a_version_has_to_last_so_many_releases if {
	policy.violation == set() with input as flow({"kubernetes_version": "v1.30.4"}, {})
	count(policy.violation) == 1 with input as flow({"kubernetes_version": "v1.31.0"}, {})
	policy.violation == set() with input as flow({"kubernetes_version": "v1.31.0"}, {"removed_within": 0})
	count(policy.violation) == 1 with input as flow({"kubernetes_version": "v1.32.1"}, {"removed_within": 0})
	count(policy.violation) == 1 with input as flow({"kubernetes_version": "v1.29.0"}, {"removed_within": 3})
}

test_the_parameter_wins_over_the_cluster if {
	policy.violation == set() with input as flow({"kubernetes_version": "v1.35.0"}, {"kubernetes_version": "1.28"})
	count(policy.violation) == 1 with input as flow({"kubernetes_version": "v1.20.0"}, {"kubernetes_version": "v1.33"})
}

test_the_newest_release_is_assumed_where_none_is_known if {
	findings := policy.violation with input as flow({}, {})
	[contains(f.message, "the cluster's version is not known") | some f in findings] == [true]
}

test_a_version_that_lasts_passes if {
	policy.violation == set() with input as object_("apps", "v1", "Deployment", {}, {})
	policy.not_applicable == set() with input as object_("apps", "v1", "Deployment", {}, {})
}

test_in_a_cluster_the_last_writer_counts if {
	context := {"kubernetes_version": "v1.24.0", "written_as": "batch/v1beta1"}
	count(policy.violation) == 1 with input as object_("batch", "v1", "CronJob", context, {})
	policy.violation == set() with input as object_("batch", "v1", "CronJob", {"kubernetes_version": "v1.24.0"}, {})
	policy.violation == set() with input as object_("batch", "v1beta1", "CronJob", object.union(context, {"written_as": "batch/v1"}), {})
}

test_kinds_that_never_lost_a_version_are_not_judged if {
	policy.violation == set() with input as object_("", "v1", "ConfigMap", {}, {})
	count(policy.not_applicable) == 1 with input as object_("", "v1", "ConfigMap", {}, {})
	count(policy.not_applicable) == 1 with input as object_("example.com", "v1beta1", "Deployment", {}, {})
}

test_no_version_is_made_up if {
	findings := policy.violation with input as object_("policy", "v1beta1", "PodSecurityPolicy", {}, {})
	{f.expected | some f in findings} == {"an API version that is served"}
}
