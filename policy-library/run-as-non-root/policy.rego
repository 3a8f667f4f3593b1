# METADATA
# title: Containers don't run as root
# description: |
#   Every container is known not to run as root: `runAsNonRoot: true`, or a `runAsUser` above 0, in the container or,
#   where the container says nothing, in the pod. User 0 fails even with `runAsNonRoot: true`. On Windows, where users
#   have no numbers, only `runAsNonRoot` counts.
# custom:
#   category: security
#   severity: high
#   kinds: ["@pod-spec"]
#   container_lists: [containers, initContainers, sidecars, ephemeralContainers]
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       accept_user_id:
#         type: boolean
#         default: true
#         description: >-
#           Whether a runAsUser above 0 is enough without runAsNonRoot.
#       strict_upstream:
#         type: boolean
#         default: false
#         description: >-
#           Whether to judge as the evaluator of the Pod Security Standards does: `accept_user_id` is off, what the pod says
#           has to be right though every container says otherwise, user 0 fails on Windows too, and from Kubernetes 1.35 on
#           a pod with users of its own (`hostUsers: false`) may say anything.
#       version:
#         type: string
#         pattern: "^(latest|v?1\\.[0-9]{1,3})?$"
#         default: ""
#         description: >-
#           Whose rules `strict_upstream` follows, such as `1.29` or `latest`; not given, those of the cluster, and the
#           latest where there is no cluster.
#       exclude_containers:
#         type: array
#         items: { type: string, pattern: "^[A-Za-z0-9*-]+$" }
#         default: []
#         description: >-
#           Names of containers that are not judged; `*` stands for any run of characters, as in `istio-*`.
#       exclude_images:
#         type: array
#         items: { type: string, pattern: "^[A-Za-z0-9._/:@*+-]+$" }
#         default: []
#         description: >-
#           Image references whose containers are not judged, compared with the reference as written, in full
#           (`docker.io/library/nginx:1.27`) and without tag and digest (`docker.io/library/nginx`). `*` stays within
#           one part between slashes, `**` crosses them, as in `registry.example.com/platform/**`.
#   remediation: |
#     Say it once for the pod, with the user that the image was built for:
#
#     ```yaml
#     spec:
#       securityContext:
#         runAsNonRoot: true
#         runAsUser: 10001
#     ```
#
#     Remove `runAsUser: 0` and `runAsNonRoot: false` from single containers: what a container says wins over the pod.
#     An image whose user is root doesn't start with `runAsNonRoot: true` alone; set `runAsUser` too, or name a user in
#     the image.
#   standards:
#     - { framework: pod-security-standards, section: restricted/runAsNonRoot }
#     - { framework: pod-security-standards, section: restricted/runAsUser }
#     - { framework: cis-kubernetes-1.10, section: 5.2.7 }
#     - { framework: nsa-cisa-kubernetes-hardening-1.2, section: Non-root containers }
#     - { framework: iso-27001-2022, section: A.8.2 }
#     - { framework: pci-dss-4.0, section: 2.2.6 }
#   related: []
#   admission: deny
#   expand: false
package bylaw.run_as_non_root

import data.lib.contexts
import data.lib.fixes
import data.lib.pods
import data.lib.upstream

judged := pods.selected(pods.containers, input.parameters)

violation contains {
	"path": root.path,
	"found": 0,
	"expected": "> 0",
	"message": $"{pods.label(entry)} runs as user 0, which is root; set runAsUser to a number above 0.",
	"container": entry.name,
} if {
	not input.parameters.strict_upstream
	some entry in judged
	root := root_user(entry)
}

violation contains object.union(fix_for(entry), {
	"path": object.get(said, "path", $"{entry.path}.securityContext.runAsNonRoot"),
	"found": object.get(said, "value", null),
	"expected": true,
	"message": $"{pods.label(entry)} may run as root; set runAsNonRoot to true.",
	"container": entry.name,
}) if {
	not input.parameters.strict_upstream
	some entry in judged
	not root_user(entry)
	not known_not_root(entry)
	said := non_root(entry)
}

violation contains object.union(place.owner, {
	"path": place.path,
	"found": 0,
	"expected": "> 0",
	"message": $"{place.label} runs as user 0, which is root; set runAsUser to a number above 0.",
}) if {
	judged_strictly
	some place in contexts.places(judged, "runAsUser", true)
	place.value == 0
}

violation contains object.union(object.union(place.owner, contexts.put(place, ["runAsNonRoot"], true)), {
	"path": place.path,
	"found": place.value,
	"expected": true,
	"message": $"{place.label} may run as root; set runAsNonRoot to true.",
}) if {
	judged_strictly
	some place in contexts.places(judged, "runAsNonRoot", true)
	place.value != true
}

violation contains object.union(fix_for(entry), {
	"path": $"{entry.path}.securityContext.runAsNonRoot",
	"found": null,
	"expected": true,
	"message": $"{pods.label(entry)} may run as root; set runAsNonRoot to true.",
	"container": entry.name,
}) if {
	judged_strictly
	some entry in contexts.unset(judged, "runAsNonRoot")
}

not_applicable contains reason if some reason in pods.not_judged(pods.containers, input.parameters)

judged_strictly if {
	input.parameters.strict_upstream
	not relaxed
}

relaxed if {
	upstream.in_user_namespace
	upstream.minor(input.parameters) >= 35
}

# Windows ignores user numbers.
root_user(entry) := user if {
	not pods.windows
	user := pods.effective(entry, "runAsUser")
	user.value == 0
}

known_not_root(entry) if non_root(entry).value == true

known_not_root(entry) if {
	input.parameters.accept_user_id
	not pods.windows
	user := pods.effective(entry, "runAsUser")
	is_number(user.value)
	user.value > 0
}

non_root(entry) := said if said := pods.effective(entry, "runAsNonRoot")

else := {}

# Where the container says nothing and the pod says false, the pod is what has to change. An ephemeral container can't
# be changed once it is there.
fix_for(entry) := {"fix": fixes.put(pods.spec_pointer, pods.spec, ["securityContext", "runAsNonRoot"], true)} if {
	said := pods.effective(entry, "runAsNonRoot")
	startswith(said.path, $"{pods.spec_path}.securityContext.")
} else := {"fix": fixes.put(entry.pointer, entry.container, ["securityContext", "runAsNonRoot"], true)} if {
	entry.list != "ephemeralContainers"
} else := {}
