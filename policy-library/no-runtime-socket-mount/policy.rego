# METADATA
# title: Pods don't reach the container runtime of the node
# description: |
#   No hostPath volume leads to a socket of the node's container runtime (containerd, CRI-O, Docker, Podman, and the
#   pipes of Windows), or to a folder in which it lies, such as `/var/run` or `/`. Whoever reaches the socket starts
#   whatever he likes as root of the node, and a mount that is read-only doesn't hinder him. What counts is what
#   containers mount: a `subPath` leads further down. A volume that no container mounts is judged by its own path.
# custom:
#   category: security
#   severity: critical
#   kinds: ["@pod-spec"]
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
#     Remove the volume, and the mounts of it. What it was for has better ways:
#
#     - images are built by a builder that needs no socket, such as BuildKit without root, Buildah or kaniko;
#     - logs are read from `/var/log/pods`, figures from the kubelet or from the API server;
#     - programs that look through the files of the node mount only the folder that they need:
#
#     ```yaml
#     volumes:
#       - name: logs
#         hostPath: { path: /var/log/pods, type: Directory }
#     ```
#
#     A security agent that can't do without the socket is kept in a namespace of its own and waived there.
#   standards:
#     - { framework: cis-kubernetes-1.10, section: 5.2.12 }
#     - { framework: nsa-cisa-kubernetes-hardening-1.2, section: Pod security enforcement }
#     - { framework: iso-27001-2022, section: A.8.2 }
#   related: []
#   admission: deny
#   expand: false
package bylaw.no_runtime_socket_mount

import data.lib.host_mounts
import data.lib.pods

violation contains {
	"path": volume.place,
	"found": volume.path,
	"expected": "a path that leads to no socket of the container runtime",
	"message": $"Volume \"{volume.name}\" leads to {volume.path}, {fault}.",
} if {
	some volume in host_mounts.volumes
	fault := faults[reached_by(volume)]
}

not_applicable contains reason if some reason in pods.not_judged(pods.containers, input.parameters)

faults := {
	"socket": "a socket of the node's container runtime, and whoever reaches that rules the node; remove the volume",
	"folder": "where the node's container runtime has its socket, and whoever reaches that rules the node; mount only the folder that is needed, or remove the volume",
}

# The last steps of their paths, wherever they lie.
socket_names := {
	"docker.sock", "containerd.sock", "docker-containerd.sock", "crio.sock", "podman.sock", "cri-dockerd.sock",
	"dockershim.sock", "docker_engine", "containerd-containerd",
}

# Where container runtimes keep them, as host_mounts.folder spells it; k3s, k0s and microk8s bring their own.
socket_folders := {
	"", "run", "run/docker", "run/docker/containerd", "run/containerd", "run/crio", "run/podman", "run/k3s",
	"run/k3s/containerd", "run/k0s", "var/snap/microk8s/common/run",
}

# reached_by(volume): `socket` or `folder`; undefined for a volume by which nobody who is judged reaches one.
reached_by(volume) := "socket" if {
	some folder in folders(volume)
	is_socket(folder)
} else := "folder" if {
	some folder in folders(volume)
	folder in socket_folders
}

is_socket(folder) if {
	parts := split(folder, "/")
	parts[count(parts) - 1] in socket_names
}

# folders(volume): what the judged containers mount of it.
folders(volume) := {host_mounts.mounted_folder(mounted) |
	some mounted in host_mounts.mounts
	mounted.volume == volume
	mounted.entry.path in judged
} if {
	some mounted in host_mounts.mounts
	mounted.volume == volume
} else := {host_mounts.folder(volume.path)}

judged := {entry.path | some entry in pods.selected(pods.containers, input.parameters)}
