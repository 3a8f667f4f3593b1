# METADATA
# title: What a pod needs to start is there
# description: |
#   Every ConfigMap and Secret that a pod mounts, or takes environment variables from, is in its namespace; else its
#   containers can't be made. What is `optional` may be missing, and so may what an ExternalSecret, a SealedSecret or a
#   Certificate of the namespace is about to make. Without a named cluster it is not known what there is, and the pod is
#   skipped; so is one that was made less than 5 minutes ago, for which it may still come.
# custom:
#   category: operational-excellence
#   severity: medium
#   kinds: ["@pod-spec"]
#   container_lists: [containers, initContainers, sidecars]
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
#     Make it in the namespace of the pod, or say that it may be missing:
#
#     ```yaml
#     envFrom:
#       - configMapRef: { name: settings, optional: true }
#     ```
#   standards: []
#   related:
#     - name: volume_config_maps
#       kind: core/ConfigMap
#       select: "ref(@pod.volumes[].configMap)"
#       fields: [kind, metadata.name]
#       need: complete
#     - name: projected_config_maps
#       kind: core/ConfigMap
#       select: "ref(@pod.volumes[].projected.sources[].configMap)"
#       fields: [kind, metadata.name]
#       need: complete
#     - name: env_from_config_maps
#       kind: core/ConfigMap
#       select: "ref(@pod.containers[].envFrom[].configMapRef)"
#       fields: [kind, metadata.name]
#       need: complete
#     - name: init_env_from_config_maps
#       kind: core/ConfigMap
#       select: "ref(@pod.initContainers[].envFrom[].configMapRef)"
#       fields: [kind, metadata.name]
#       need: complete
#     - name: env_config_maps
#       kind: core/ConfigMap
#       select: "ref(@pod.containers[].env[].valueFrom.configMapKeyRef)"
#       fields: [kind, metadata.name]
#       need: complete
#     - name: init_env_config_maps
#       kind: core/ConfigMap
#       select: "ref(@pod.initContainers[].env[].valueFrom.configMapKeyRef)"
#       fields: [kind, metadata.name]
#       need: complete
#     - name: volume_secrets
#       kind: core/Secret
#       select: "ref(@pod.volumes[].secret.secretName)"
#       fields: [kind, metadata.name]
#       need: complete
#     - name: projected_secrets
#       kind: core/Secret
#       select: "ref(@pod.volumes[].projected.sources[].secret)"
#       fields: [kind, metadata.name]
#       need: complete
#     - name: env_from_secrets
#       kind: core/Secret
#       select: "ref(@pod.containers[].envFrom[].secretRef)"
#       fields: [kind, metadata.name]
#       need: complete
#     - name: init_env_from_secrets
#       kind: core/Secret
#       select: "ref(@pod.initContainers[].envFrom[].secretRef)"
#       fields: [kind, metadata.name]
#       need: complete
#     - name: env_secrets
#       kind: core/Secret
#       select: "ref(@pod.containers[].env[].valueFrom.secretKeyRef)"
#       fields: [kind, metadata.name]
#       need: complete
#     - name: init_env_secrets
#       kind: core/Secret
#       select: "ref(@pod.initContainers[].env[].valueFrom.secretKeyRef)"
#       fields: [kind, metadata.name]
#       need: complete
#     - name: makers
#       kind: [external-secrets.io/ExternalSecret, bitnami.com/SealedSecret, cert-manager.io/Certificate]
#       select: same_namespace
#       fields: [kind, metadata.name, spec.target.name, spec.secretName]
#       need: refines
#   admission: none
#   expand: false
package bylaw.referenced_config_exists

import data.lib.pods
import data.lib.referenced_config
import data.lib.settling

violation contains finding if {
	not settling.reason
	known
	some finding in findings
}

skipped contains "the ConfigMaps and Secrets of its namespace are not known: no cluster was named, or it is still being listed" if {
	needs_any
	not known
}

skipped contains $"{settling.reason}, and what it needs may still come" if {
	settling.reason
	known
	count(findings) > 0
}

not_applicable contains "it needs neither ConfigMaps nor Secrets" if {
	pods.spec
	not needs_any
}

not_applicable contains reason if some reason in pods.not_judged(pods.lasting_containers, input.parameters)

known if input.related.volume_config_maps

known if input.related.volume_secrets

needs_any if count(referenced_config.of_volumes) > 0

needs_any if {
	some entry in judged
	count(referenced_config.of_container(entry)) > 0
}

judged := pods.selected(pods.lasting_containers, input.parameters)

findings contains object.union(about(reference), {"message": $"This pod mounts {reference.kind} \"{reference.name}\", {missing}"}) if {
	some reference in referenced_config.of_volumes
	not there[[reference.kind, reference.name]]
}

findings contains object.union(about(reference), {
	"message": $"{pods.label(entry)} takes variables from {reference.kind} \"{reference.name}\", {missing}",
	"container": entry.name,
}) if {
	some entry in judged
	some reference in referenced_config.of_container(entry)
	not there[[reference.kind, reference.name]]
}

missing := "which is not in its namespace, so it can't start; create it, or say that it is optional."

about(reference) := {
	"path": reference.path,
	"found": reference.name,
	"expected": $"the name of a {reference.kind} that is there",
}

there contains [config.kind, config.metadata.name] if {
	some relation in (object.keys(input.related) - {"makers"})
	some config in input.related[relation]
}

there contains ["Secret", name] if {
	some maker in input.related.makers
	name := made_by(maker)
}

# The Secret is called as the object says, else as the object is.
made_by(maker) := maker.spec.target.name if maker.spec.target.name != ""

else := maker.spec.secretName if maker.kind == "Certificate"

else := maker.metadata.name
