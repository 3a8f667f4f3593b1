package bylaw.cronjob_limits_test

import data.bylaw.cronjob_limits as policy

good := {
	"startingDeadlineSeconds": 600,
	"concurrencyPolicy": "Forbid",
	"jobTemplate": {"spec": {"activeDeadlineSeconds": 3600, "template": {"spec": {"containers": []}}}},
}

cron_job(change) := {
	"review": {
		"kind": {"group": "batch", "version": "v1", "kind": "CronJob"},
		"name": "report",
		"object": {"spec": object.union(good, change)},
	},
	"parameters": {},
}

paths(change) := {finding.path | some finding in findings} if findings := policy.violation with input as cron_job(change)

test_what_is_limited_passes if {
	every change in [{}, {"concurrencyPolicy": "Replace"}, {"startingDeadlineSeconds": 10}, {"failedJobsHistoryLimit": 0}, {"successfulJobsHistoryLimit": 10}] {
		paths(change) == set()
	}
}

test_a_start_has_a_deadline_that_the_controller_sees if {
	every value in [null, 0, 9, "600", true, []] {
		paths({"startingDeadlineSeconds": value}) == {"spec.startingDeadlineSeconds"}
	}
}

test_unset_lets_runs_overlap if {
	every value in [null, "", "Allow", "forbid", 5] {
		paths({"concurrencyPolicy": value}) == {"spec.concurrencyPolicy"}
	}
}

template(job, pod) := {"jobTemplate": {"spec": {"activeDeadlineSeconds": job, "template": {"spec": {"containers": [], "activeDeadlineSeconds": pod}}}}}

test_the_pod_may_have_the_deadline if {
	paths(template(null, 60)) == set()
	paths(template(60, null)) == set()
	every value in [null, 0, "60", true] {
		paths(template(value, value)) == {"spec.jobTemplate.spec.activeDeadlineSeconds"}
	}
}

test_histories_are_short if {
	every value in [11, "3", true, []] {
		paths({"successfulJobsHistoryLimit": value}) == {"spec.successfulJobsHistoryLimit"}
		paths({"failedJobsHistoryLimit": value}) == {"spec.failedJobsHistoryLimit"}
	}
}
