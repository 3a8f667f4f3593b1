# METADATA
# title: Pods change only settings of the kernel that are safe
# description: |
#   No pod sets a sysctl that `allowed` doesn't list, by default those that Kubernetes holds for safe in the cluster's
#   version: they count for the pod alone and can't harm its node. Others change the whole node or take it down. A
#   name may be written with slashes, as in `net/ipv4/tcp_syncookies`. Windows pods are exempt: the setting is for
#   Linux.
# custom:
#   category: security
#   severity: high
#   kinds: ["@pod-spec"]
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       allowed:
#         type: array
#         items: { type: string, pattern: "^[a-z0-9_.*-]+$" }
#         default:
#           - kernel.shm_rmid_forced
#           - net.ipv4.ip_local_port_range
#           - net.ipv4.ip_unprivileged_port_start
#           - net.ipv4.ping_group_range
#           - net.ipv4.tcp_syncookies
#           - net.ipv4.ip_local_reserved_ports
#           - net.ipv4.tcp_fin_timeout
#           - net.ipv4.tcp_keepalive_intvl
#           - net.ipv4.tcp_keepalive_probes
#           - net.ipv4.tcp_keepalive_time
#           - net.ipv4.tcp_rmem
#           - net.ipv4.tcp_wmem
#           - net.ipv4.tcp_notsent_lowat
#           - net.ipv4.tcp_slow_start_after_idle
#         description: >-
#           Names that are allowed, written with dots; `*` stands for any run of characters, as in `net.ipv4.tcp_*`,
#           and alone for every name. A name that Kubernetes has held for safe from a certain version on counts from
#           that version on.
#       strict_upstream:
#         type: boolean
#         default: false
#         description: >-
#           Whether to judge as the evaluator of the Pod Security Standards does: a name counts only as it is listed,
#           not with slashes, and Windows pods are judged too.
#       version:
#         type: string
#         pattern: "^(latest|v?1\\.[0-9]{1,3})?$"
#         default: ""
#         description: >-
#           Which names are safe already: those of this version, such as `1.29` or `latest`; not given, those of the
#           cluster's version, and of the latest where there is no cluster.
#   remediation: |
#     Remove what is not safe:
#
#     ```yaml
#     spec:
#       securityContext:
#         sysctls:
#           - name: net.ipv4.ip_unprivileged_port_start
#             value: "0"
#           # - name: net.core.somaxconn   ← remove
#     ```
#
#     What the whole node needs is set on the node, by its image or its pool's settings. A sysctl that is unsafe
#     elsewhere but harmless at yours has to be let in by the kubelet (`--allowed-unsafe-sysctls`), and goes into
#     `allowed` here.
#   standards:
#     - { framework: pod-security-standards, section: baseline/sysctls }
#     - { framework: cis-kubernetes-1.10, section: 5.7.3 }
#     - { framework: nsa-cisa-kubernetes-hardening-1.2, section: Pod security enforcement }
#     - { framework: iso-27001-2022, section: A.8.9 }
#   related: []
#   admission: deny
#   expand: false
package bylaw.sysctls

import data.lib.fixes
import data.lib.globs
import data.lib.objects
import data.lib.pods
import data.lib.upstream

# Those that were not held for safe from the beginning, each with the minor version of Kubernetes that let it in.
since := {
	"net.ipv4.ip_local_reserved_ports": 27,
	"net.ipv4.tcp_fin_timeout": 29,
	"net.ipv4.tcp_keepalive_intvl": 29,
	"net.ipv4.tcp_keepalive_probes": 29,
	"net.ipv4.tcp_keepalive_time": 29,
	"net.ipv4.tcp_rmem": 32,
	"net.ipv4.tcp_wmem": 32,
	"net.ipv4.tcp_notsent_lowat": 37,
	"net.ipv4.tcp_slow_start_after_idle": 37,
}

listed := pods.pod_security.sysctls

violation contains {
	"path": $"{pods.spec_path}.securityContext.sysctls[{i}].name",
	"found": name,
	"expected": expected,
	"message": $"This {objects.kind} sets the sysctl {name}, {fault(name)}; remove it.",
	"fix": fix,
} if {
	not exempt
	some i, sysctl in listed
	name := name_of(sysctl)
	not allowed(name)
}

not_applicable contains pods.windows_exempt if exempt

not_applicable contains pods.no_pod_spec

exempt if {
	pods.windows
	not input.parameters.strict_upstream
}

name_of(sysctl) := object.get(objects.object_or_empty(sysctl), "name", null)

allowed(name) if {
	globs.any_text(input.parameters.allowed, read(name))
	not came_later(name)
}

came_later(name) if since[read(name)] > upstream.minor(input.parameters)

# The kubelet takes slashes for dots.
read(name) := name if input.parameters.strict_upstream

else := replace(name, "/", ".")

fault(name) := $"which is safe only from Kubernetes 1.{since[read(name)]} on" if came_later(name)

else := "which is not allowed"

expected := "one that is allowed" if count(input.parameters.allowed) > 0

else := "no sysctl"

# One list without any that is not allowed, so that several fixes are the same one.
fix := fixes.put(pods.spec_pointer, pods.spec, ["securityContext", "sysctls"], [sysctl |
	some sysctl in listed
	allowed(name_of(sysctl))
])
