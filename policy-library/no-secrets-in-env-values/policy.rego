# METADATA
# title: No secrets are written out in the environment
# description: |
#   No container has a password, token or key as the literal value of an environment variable: whoever may read the
#   object, its history in git or the output of `kubectl describe` reads it too. A value is one by the name of its
#   variable (`DB_PASSWORD`, `API_TOKEN`), by what it looks like (private keys, tokens of AWS, GitHub, GitLab and Slack,
#   JSON Web Tokens, URLs with a password), by being a copy of such a value, or by `patterns`. Values that can't be one
#   are let pass: empty ones, switches, paths, and references such as `$(NAME)`. The value itself is masked before it is
#   judged and is never shown.
# custom:
#   category: security
#   severity: high
#   kinds: ["@pod-spec"]
#   container_lists: [containers, initContainers, sidecars, ephemeralContainers]
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       patterns:
#         type: array
#         items: { type: string, minLength: 1 }
#         default: []
#         description: >-
#           Regular expressions (RE2) for secrets of your own, looked for in the name of each variable and in its value,
#           as in `_PIN$` or `^acme_[a-z0-9]{32}$`.
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
#     Put the value into a Secret, and refer to it; better, mount the Secret as a file:
#
#     ```yaml
#     containers:
#       - name: app
#         env:
#           - name: DB_PASSWORD
#             valueFrom:
#               secretKeyRef: { name: app-database, key: password }
#     ```
#
#     The Secret itself doesn't belong into git in the clear: make it with External Secrets, Sealed Secrets or SOPS.
#     Whatever was written out has been seen, so change it.
#   standards:
#     - { framework: nsa-cisa-kubernetes-hardening-1.2, section: Secrets }
#     - { framework: pci-dss-4.0, section: 8.6.2 }
#     - { framework: iso-27001-2022, section: A.5.17 }
#     - { framework: soc-2, section: CC6.1 }
#   related: []
#   admission: deny
#   expand: false
package bylaw.no_secrets_in_env_values

import data.lib.masked
import data.lib.pods

violation contains {
	"path": $"{entry.path}.env[{i}].value",
	"expected": "no literal value, but valueFrom.secretKeyRef",
	"message": $"{pods.label(entry)} has a secret written out in variable {name} ({reason}); put it into a Secret and refer to it by valueFrom.secretKeyRef.",
	"container": entry.name,
	"sensitive": true,
} if {
	some entry in pods.selected(pods.containers, input.parameters)
	some i, variable in entry.container.env
	name := object.get(variable, "name", "")
	reason := masked.reason(name, variable.value, input.parameters.patterns)
}

skipped contains $"the pattern {pattern} is not a regular expression" if {
	some pattern in masked.unreadable(input.parameters.patterns)
}

not_applicable contains reason if some reason in pods.not_judged(pods.containers, input.parameters)
