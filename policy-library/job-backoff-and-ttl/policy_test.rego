package bylaw.job_backoff_and_ttl_test

import data.bylaw.job_backoff_and_ttl as policy

review(kind, metadata, spec, parameters) := {
	"review": {
		"kind": {"group": "batch", "version": "v1", "kind": kind},
		"name": "import",
		"object": {"metadata": metadata, "spec": spec},
	},
	"parameters": object.union({"max_backoff": 6, "require_ttl": true}, parameters),
}

job(spec, parameters) := review("Job", {}, object.union({"ttlSecondsAfterFinished": 60}, spec), parameters)

test_unset_is_six if {
	every value in [null, 6] {
		policy.violation == set() with input as job({"backoffLimit": value}, {})
		count(policy.violation) == 1 with input as job({"backoffLimit": value}, {"max_backoff": 5})
	}
	count(policy.violation) == 1 with input as job({"backoffLimit": 7}, {})
	policy.violation == set() with input as job({"backoffLimit": 0}, {"max_backoff": 0})
}

test_a_limit_for_each_index_counts_instead if {
	policy.violation == set() with input as job({"backoffLimitPerIndex": 1, "backoffLimit": 2147483647}, {})
	findings := policy.violation with input as job({"backoffLimitPerIndex": 9}, {})
	{f.path | some f in findings} == {"spec.backoffLimitPerIndex"}
}

test_a_job_says_how_long_it_is_kept if {
	every value in [null, "60", true, []] {
		count(policy.violation) == 1 with input as job({"ttlSecondsAfterFinished": value}, {})
		policy.violation == set() with input as job({"ttlSecondsAfterFinished": value}, {"require_ttl": false})
	}
	policy.violation == set() with input as job({"ttlSecondsAfterFinished": 0}, {})
}

test_a_cron_job_cleans_up_by_itself if {
	policy.violation == set() with input as review("CronJob", {}, {"jobTemplate": {"spec": {}}}, {})
	owned := {"ownerReferences": [{"kind": "CronJob", "name": "nightly", "controller": true}]}
	policy.violation == set() with input as review("Job", owned, {}, {})
	other := {"ownerReferences": [{"kind": "CronJob", "name": "nightly"}]}
	count(policy.violation) == 1 with input as review("Job", other, {}, {})
}

test_the_fix_sets_the_limit_where_the_job_is if {
	findings := policy.violation with input as review("CronJob", {}, {"jobTemplate": {"spec": {"backoffLimit": 50}}}, {})
	[f.fix | some f in findings] == [[{"op": "add", "path": "/spec/jobTemplate/spec/backoffLimit", "value": 6}]]
}

test_wrong_types_are_findings if {
	every value in ["6", true, [], {}] {
		count(policy.violation) == 1 with input as job({"backoffLimit": value}, {})
	}
}
