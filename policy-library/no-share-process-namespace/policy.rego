# METADATA
# title: Containers don't share their processes
# description: |
#   No pod says `shareProcessNamespace: true`. With it each container sees the processes of all others, reads their
#   environment and files by `/proc`, and can signal them. Unset means false.
# custom:
#   category: security
#   severity: low
#   kinds: ["@pod-spec"]
#   parameters: { type: object, additionalProperties: false, properties: {} }
#   remediation: |
#     Remove the field:
#
#     ```yaml
#     spec:
#       # shareProcessNamespace: true   ← remove
#       containers:
#         - name: app
#     ```
#
#     To look into a running container use an ephemeral one (`kubectl debug --target=app`). What containers have to tell
#     each other goes through a file in an `emptyDir`, or through localhost.
#   standards: []
#   related: []
#   admission: deny
#   expand: false
package bylaw.no_share_process_namespace

import data.lib.fixes
import data.lib.objects
import data.lib.pods

violation contains {
	"path": $"{pods.spec_path}.shareProcessNamespace",
	"found": found,
	"expected": false,
	"message": $"The containers of this {objects.kind} see and can signal each other's processes; remove shareProcessNamespace.",
	"fix": fixes.drop(pods.spec_pointer, ["shareProcessNamespace"]),
} if {
	found := object.get(pods.spec, "shareProcessNamespace", null)
	not found in {null, false}
}

not_applicable contains pods.no_pod_spec
