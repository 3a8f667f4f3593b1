package bylaw.sysctls_test

import data.bylaw.sysctls as policy

safe := [
	"kernel.shm_rmid_forced",
	"net.ipv4.ip_local_port_range",
	"net.ipv4.ip_unprivileged_port_start",
	"net.ipv4.ping_group_range",
	"net.ipv4.tcp_syncookies",
	"net.ipv4.ip_local_reserved_ports",
	"net.ipv4.tcp_fin_timeout",
	"net.ipv4.tcp_keepalive_intvl",
	"net.ipv4.tcp_keepalive_probes",
	"net.ipv4.tcp_keepalive_time",
	"net.ipv4.tcp_rmem",
	"net.ipv4.tcp_wmem",
	"net.ipv4.tcp_notsent_lowat",
	"net.ipv4.tcp_slow_start_after_idle",
]

pod(spec, parameters) := {
	"review": {"kind": {"group": "", "version": "v1", "kind": "Pod"}, "name": "x", "object": {"spec": spec}},
	"parameters": object.union({"allowed": safe, "strict_upstream": false, "version": ""}, parameters),
}

setting(names, parameters) := pod({"securityContext": {"sysctls": [{"name": name, "value": "1"} | some name in names]}}, parameters)

test_what_is_safe_passes if {
	policy.violation == set() with input as setting(safe, {})
	every spec in [{}, {"securityContext": null}, {"securityContext": {"sysctls": null}}, {"securityContext": {"sysctls": []}}] {
		policy.violation == set() with input as pod(spec, {})
	}
}

test_each_version_has_its_own_list if {
	every version, unsafe in {"1.25": 9, "1.26": 9, "1.27": 8, "1.28": 8, "1.29": 4, "1.31": 4, "1.32": 2, "1.36": 2, "1.37": 0, "latest": 0} {
		count(policy.violation) == unsafe with input as setting(safe, {"version": version})
	}
}

test_the_clusters_version_counts_where_none_is_given if {
	input_ := object.union(setting(["net.ipv4.tcp_rmem"], {}), {"context": {"kubernetes_version": "v1.31.4"}})
	findings := policy.violation with input as input_
	{f.message | some f in findings} == {"This Pod sets the sysctl net.ipv4.tcp_rmem, which is safe only from Kubernetes 1.32 on; remove it."}
}

test_slashes_are_read_as_the_kubelet_does if {
	policy.violation == set() with input as setting(["net/ipv4/tcp_syncookies"], {})
	count(policy.violation) == 1 with input as setting(["net/ipv4/tcp_syncookies"], {"strict_upstream": true})
	count(policy.violation) == 1 with input as setting(["net/core/somaxconn"], {})
}

test_patterns_allow_more if {
	policy.violation == set() with input as setting(["net.core.somaxconn"], {"allowed": ["net.core.*"]})
	policy.violation == set() with input as setting(["kernel.msgmax", "x"], {"allowed": ["*"]})
	findings := policy.violation with input as setting(["kernel.shm_rmid_forced"], {"allowed": []})
	{f.expected | some f in findings} == {"no sysctl"}
}

test_one_fix_keeps_what_is_allowed if {
	findings := policy.violation with input as setting(["net.core.somaxconn", "net.ipv4.tcp_syncookies", "vm.swappiness"], {})
	count(findings) == 2
	{f.fix | some f in findings} == {[{
		"op": "add",
		"path": "/spec/securityContext/sysctls",
		"value": [{"name": "net.ipv4.tcp_syncookies", "value": "1"}],
	}]}
}

test_wrong_types_are_findings if {
	every sysctl in ["net.ipv4.tcp_syncookies", null, 1, {}, {"name": null}, {"name": 1}] {
		count(policy.violation) == 1 with input as pod({"securityContext": {"sysctls": [sysctl]}}, {})
	}
}

test_windows_is_judged_strictly_alone if {
	spec := {"os": {"name": "windows"}, "securityContext": {"sysctls": [{"name": "vm.swappiness"}]}}
	policy.violation == set() with input as pod(spec, {})
	count(policy.not_applicable) == 1 with input as pod(spec, {})
	count(policy.violation) == 1 with input as pod(spec, {"strict_upstream": true})
}
