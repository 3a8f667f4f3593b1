# METADATA
# title: ConfigMaps hold no secrets
# description: |
#   No value of a ConfigMap is a password, token or key: ConfigMaps are read by many more than Secrets, aren't encrypted
#   at rest, and lie in git as they are. A value is one by its key (`db.password`), by what stands anywhere in it
#   (private keys, tokens of AWS, GitHub, GitLab and Slack, JSON Web Tokens, URLs with a password), or by `patterns`.
#   Values that can't be one are let pass: empty ones, switches, paths, and references. The value itself is masked before
#   it is judged and is never shown.
# custom:
#   category: security
#   severity: high
#   kinds: [core/ConfigMap]
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       patterns:
#         type: array
#         items: { type: string, minLength: 1 }
#         default: []
#         description: >-
#           Regular expressions (RE2) for secrets of your own, looked for in each key and in its value, as in `\.pin$` or
#           `(?m)^licence: acme-`. Of binary data only the keys are looked at.
#   remediation: |
#     Move the value into a Secret, and mount it where the program looks for it:
#
#     ```yaml
#     volumes:
#       - name: database
#         secret: { secretName: app-database }
#     ```
#
#     A configuration file that needs a password among other things reads it from the environment or from a second file.
#     The Secret itself doesn't belong into git in the clear: make it with External Secrets, Sealed Secrets or SOPS.
#     Whatever was in the ConfigMap has been seen, so change it.
#   standards:
#     - { framework: nsa-cisa-kubernetes-hardening-1.2, section: Secrets }
#     - { framework: pci-dss-4.0, section: 8.6.2 }
#     - { framework: iso-27001-2022, section: A.5.17 }
#     - { framework: soc-2, section: CC6.1 }
#   related: []
#   admission: deny
#   expand: false
package bylaw.secrets_in_configmaps

import data.lib.masked
import data.lib.paths

violation contains {
	"path": paths.member(field, key),
	"expected": "a value that is no secret",
	"message": $"ConfigMap \"{input.review.name}\" holds a secret in {key} ({reason}); move it into a Secret.",
	"sensitive": true,
} if {
	some field in ["data", "binaryData"]
	some key, value in input.review.object[field]
	reason := masked.reason(key, judged(field, value), input.parameters.patterns)
}

skipped contains $"the pattern {pattern} is not a regular expression" if {
	some pattern in masked.unreadable(input.parameters.patterns)
}

# What is encoded says nothing to a pattern.
judged("data", value) := value

judged("binaryData", value) := value if is_object(value)

judged("binaryData", value) := "(binary)" if is_string(value)
