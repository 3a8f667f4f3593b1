# METADATA
# title: Secrets are read from files
# description: |
#   No container takes the keys of a Secret into its environment, one by one (`secretKeyRef`) or all of them
#   (`envFrom`). The environment is handed on to every child process, is written into crash reports and logs, and stays
#   as it was when the Secret changes; a file that is mounted is none of that.
# custom:
#   category: security
#   severity: info
#   kinds: ["@pod-spec"]
#   container_lists: [containers, initContainers, sidecars, ephemeralContainers]
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
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
#     Mount the Secret, and let the program read the file:
#
#     ```yaml
#     containers:
#       - name: app
#         env:
#           - { name: DB_PASSWORD_FILE, value: /run/secrets/database/password }
#         volumeMounts:
#           - { name: database, mountPath: /run/secrets/database, readOnly: true }
#     volumes:
#       - name: database
#         secret: { secretName: app-database }
#     ```
#
#     Many images read a variable that ends in `_FILE`. One that reads its environment only can be started by a line of
#     shell that sets the variable from the file.
#   standards:
#     - { framework: cis-kubernetes-1.10, section: 5.4.1 }
#   related: []
#   admission: deny
#   expand: false
package bylaw.secrets_as_files

import data.lib.pods

violation contains {
	"path": $"{entry.path}.env[{i}].valueFrom.secretKeyRef",
	"found": reference,
	"expected": "no secretKeyRef, but a Secret that is mounted",
	"message": $"{pods.label(entry)} takes variable {name} from Secret \"{secret}\"; mount the Secret and read it from a file.",
	"container": entry.name,
} if {
	some entry in pods.selected(pods.containers, input.parameters)
	some i, variable in entry.container.env
	reference := object.get(variable, ["valueFrom", "secretKeyRef"], null)
	reference != null
	name := object.get(variable, "name", "")
	secret := name_of(reference)
}

violation contains {
	"path": $"{entry.path}.envFrom[{i}].secretRef",
	"found": reference,
	"expected": "no secretRef, but a Secret that is mounted",
	"message": $"{pods.label(entry)} takes all keys of Secret \"{secret}\" into its environment; mount the Secret and read them from files.",
	"container": entry.name,
} if {
	some entry in pods.selected(pods.containers, input.parameters)
	some i, source in entry.container.envFrom
	reference := object.get(source, "secretRef", null)
	reference != null
	secret := name_of(reference)
}

not_applicable contains reason if some reason in pods.not_judged(pods.containers, input.parameters)

name_of(reference) := reference.name if is_string(reference.name)

else := ""
