package main

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
)

// fragment is one thing that a pod or one of its containers says: a value and the path where it stands.
type fragment struct {
	// Control is the check that it is about.
	Control string `json:"control"`
	// Container tells paths from a container from those from the pod's root.
	Container bool  `json:"container,omitempty"`
	Path      []any `json:"path"`
	Value     any   `json:"value"`
}

type object = map[string]any

// fragments are all that a pod can be made of, control by control.
func fragments() []fragment {
	var all []fragment
	for _, group := range [][]fragment{
		hostFragments(), seccompFragments(), appArmorFragments(), seLinuxFragments(), sysctlFragments(), volumeFragments(),
		windowsFragments(), userFragments(), privilegeFragments(), capabilityFragments(), procMountFragments(),
		portFragments(), handlerFragments(), emptyFragments(),
	} {
		all = append(all, group...)
	}
	return all
}

func ofPod(control string, path []any, values ...any) []fragment {
	made := make([]fragment, 0, len(values))
	for _, value := range values {
		made = append(made, fragment{Control: control, Path: path, Value: value})
	}
	return made
}

func ofContainer(control string, path []any, values ...any) []fragment {
	made := ofPod(control, path, values...)
	for index := range made {
		made[index].Container = true
	}
	return made
}

// inContexts is for what the pod may say for all of its containers, and each container for itself.
func inContexts(control, field string, values ...any) []fragment {
	return append(
		ofPod(control, []any{"spec", "securityContext", field}, values...),
		ofContainer(control, []any{"securityContext", field}, values...)...,
	)
}

func hostFragments() []fragment {
	var made []fragment
	for _, field := range []string{"hostNetwork", "hostPID", "hostIPC"} {
		made = append(made, ofPod("hostNamespaces", []any{"spec", field}, true, false, nil)...)
	}
	made = append(made, ofPod("hostUsers", []any{"spec", "hostUsers"}, true, false, nil)...)
	return append(made, ofPod("os", []any{"spec", "os"}, object{"name": "windows"}, object{"name": "linux"}, object{"name": "Windows"}, nil)...)
}

func profiles(known ...string) []any {
	values := []any{nil, object{"type": ""}, object{"type": "runtime/default"}, object{"type": "Localhost", "localhostProfile": "own"}}
	for _, name := range known {
		values = append(values, object{"type": name})
	}
	return values
}

func seccompFragments() []fragment {
	made := inContexts("seccompProfile", "seccompProfile", profiles("RuntimeDefault", "Unconfined", "unconfined")...)
	for _, key := range []string{"seccomp.security.alpha.kubernetes.io/pod", "container.seccomp.security.alpha.kubernetes.io/app"} {
		made = append(made, ofPod("seccompProfile", []any{"metadata", "annotations", key}, "unconfined", "runtime/default", "")...)
	}
	return made
}

func appArmorFragments() []fragment {
	made := inContexts("appArmorProfile", "appArmorProfile", profiles("RuntimeDefault", "Unconfined", "localhost")...)
	for _, name := range []string{"app", "migrate", "debugger", "gone", ""} {
		path := []any{"metadata", "annotations", corev1.DeprecatedAppArmorBetaContainerAnnotationKeyPrefix + name}
		made = append(made, ofPod("appArmorProfile", path,
			"unconfined", "runtime/default", "localhost/own", "localhost", "docker/default", "Unconfined", "")...)
	}
	return append(made, ofPod("appArmorProfile", []any{"metadata", "annotations", "container.apparmor.security/app"}, "unconfined")...)
}

func seLinuxFragments() []fragment {
	values := []any{nil, object{}, object{"level": "s0:c1,c2"}, object{"user": "system_u"}, object{"role": "system_r"},
		object{"user": "", "role": "", "type": ""}, object{"type": "container_t", "user": "u", "role": "r"}}
	for _, name := range []string{"container_t", "container_init_t", "container_kvm_t", "container_engine_t", "spc_t", "Container_t", " "} {
		values = append(values, object{"type": name})
	}
	return inContexts("seLinuxOptions", "seLinuxOptions", values...)
}

var sysctlNames = []string{
	"kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range",
	"net.ipv4.ip_unprivileged_port_start", "net.ipv4.ip_local_reserved_ports", "net.ipv4.tcp_keepalive_time",
	"net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_rmem",
	"net.ipv4.tcp_wmem", "net.ipv4.tcp_slow_start_after_idle", "net.ipv4.tcp_notsent_lowat", "net.ipv4.tcp_max_syn_backlog",
	"net/ipv4/tcp_syncookies", "NET.ipv4.tcp_syncookies", "net.ipv4.*", "*", "net.core.somaxconn", "kernel.msgmax",
	"vm.max_map_count", "",
}

func sysctlFragments() []fragment {
	list := func(names ...string) []any {
		items := []any{}
		for _, name := range names {
			items = append(items, object{"name": name, "value": "1"})
		}
		return items
	}
	values := []any{nil, list()}
	for _, name := range sysctlNames {
		values = append(values, list(name))
	}
	for index := 0; index+2 < len(sysctlNames); index += 3 {
		values = append(values, list(sysctlNames[index:index+3]...))
	}
	return ofPod("sysctls", []any{"spec", "securityContext", "sysctls"}, values...)
}

// volumeSources are all that a volume can be of, each with as little as its type takes.
func volumeSources() []object {
	return []object{
		{"hostPath": object{"path": "/var/log"}}, {"hostPath": object{"path": ""}}, {"emptyDir": object{}},
		{"gcePersistentDisk": object{"pdName": "a"}}, {"awsElasticBlockStore": object{"volumeID": "a"}},
		{"gitRepo": object{"repository": "a"}}, {"secret": object{"secretName": "a"}},
		{"nfs": object{"server": "a", "path": "/"}},
		{"iscsi": object{"targetPortal": "a", "iqn": "a", "lun": 0}}, {"glusterfs": object{"endpoints": "a", "path": "a"}},
		{"persistentVolumeClaim": object{"claimName": "a"}}, {"rbd": object{"monitors": []any{"a"}, "image": "a"}},
		{"flexVolume": object{"driver": "a"}}, {"cinder": object{"volumeID": "a"}}, {"cephfs": object{"monitors": []any{"a"}}},
		{"flocker": object{"datasetName": "a"}}, {"downwardAPI": object{"items": []any{}}}, {"fc": object{"lun": 0}},
		{"azureFile": object{"secretName": "a", "shareName": "a"}}, {"configMap": object{"name": "a"}},
		{"vsphereVolume": object{"volumePath": "a"}}, {"quobyte": object{"registry": "a", "volume": "a"}},
		{"azureDisk": object{"diskName": "a", "diskURI": "a"}}, {"photonPersistentDisk": object{"pdID": "a"}},
		{"projected": object{"sources": []any{}}}, {"portworxVolume": object{"volumeID": "a"}},
		{"scaleIO": object{"gateway": "a", "system": "a", "secretRef": nil}}, {"storageos": object{"volumeName": "a"}},
		{"csi": object{"driver": "a"}}, {"ephemeral": object{"volumeClaimTemplate": nil}},
		{"image": object{"reference": "registry.example.com/a:1"}}, {}, {"hostPath": nil},
		// The API server refuses several types at once; upstream's evaluator does not.
		{"hostPath": object{"path": "/"}, "emptyDir": object{}}, {"nfs": object{"server": "a", "path": "/"}, "secret": object{}},
		{"hostPath": object{"path": "/"}, "nfs": object{"server": "a", "path": "/"}},
	}
}

func volumeFragments() []fragment {
	sources := volumeSources()
	named := func(index int) object {
		volume := object{"name": fmt.Sprintf("v%d", index)}
		for key, value := range sources[index] {
			volume[key] = value
		}
		return volume
	}
	values := []any{nil, []any{}}
	for index := range sources {
		values = append(values, []any{named(index)})
		values = append(values, []any{named(2), named(index), named(19)})
		values = append(values, []any{named(index), named((index + 7) % len(sources))})
	}
	return ofPod("volumes", []any{"spec", "volumes"}, values...)
}

func windowsFragments() []fragment {
	return inContexts("windowsHostProcess", "windowsOptions",
		nil, object{}, object{"hostProcess": true}, object{"hostProcess": false}, object{"hostProcess": nil},
		object{"runAsUserName": "ContainerUser"}, object{"hostProcess": true, "runAsUserName": "NT AUTHORITY\\SYSTEM"})
}

func userFragments() []fragment {
	made := inContexts("runAsNonRoot", "runAsNonRoot", true, false, nil)
	return append(made, inContexts("runAsUser", "runAsUser", 0, 1, 10001, nil)...)
}

func privilegeFragments() []fragment {
	made := ofContainer("privileged", []any{"securityContext", "privileged"}, true, false, nil)
	return append(made, ofContainer("allowPrivilegeEscalation", []any{"securityContext", "allowPrivilegeEscalation"}, true, false, nil)...)
}

var capabilityNames = []string{
	"AUDIT_CONTROL", "AUDIT_READ", "AUDIT_WRITE", "BLOCK_SUSPEND", "BPF", "CHECKPOINT_RESTORE", "CHOWN", "DAC_OVERRIDE",
	"DAC_READ_SEARCH", "FOWNER", "FSETID", "IPC_LOCK", "IPC_OWNER", "KILL", "LEASE", "LINUX_IMMUTABLE", "MAC_ADMIN",
	"MAC_OVERRIDE", "MKNOD", "NET_ADMIN", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_RAW", "PERFMON", "SETFCAP", "SETGID",
	"SETPCAP", "SETUID", "SYSLOG", "SYS_ADMIN", "SYS_BOOT", "SYS_CHROOT", "SYS_MODULE", "SYS_NICE", "SYS_PACCT",
	"SYS_PTRACE", "SYS_RAWIO", "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "WAKE_ALARM",
}

func capabilityFragments() []fragment {
	odd := []string{"ALL", "all", "CAP_ALL", "net_bind_service", "CAP_NET_BIND_SERVICE", "cap_chown", "chown", "*", ""}
	var added []any
	for _, name := range append(append([]string{}, capabilityNames...), odd...) {
		added = append(added, []any{name})
	}
	added = append(added, nil, []any{}, []any{"NET_BIND_SERVICE", "CHOWN"}, []any{"CHOWN", "NET_RAW"}, []any{"NET_BIND_SERVICE", "ALL"})
	made := ofContainer("capabilities", []any{"securityContext", "capabilities", "add"}, added...)
	made = append(made, ofContainer("capabilities", []any{"securityContext", "capabilities", "drop"},
		nil, []any{}, []any{"ALL"}, []any{"all"}, []any{"CAP_ALL"}, []any{"NET_RAW", "ALL"}, []any{"NET_RAW"}, []any{"ALL", "ALL"}, []any{""},
	)...)
	return append(made, ofContainer("capabilities", []any{"securityContext", "capabilities"}, nil, object{})...)
}

func procMountFragments() []fragment {
	return ofContainer("procMount", []any{"securityContext", "procMount"}, "Default", "Unmasked", "", "default", nil)
}

func portFragments() []fragment {
	port := func(hostPort any, more object) []any {
		made := object{"containerPort": 8080, "hostPort": hostPort}
		for key, value := range more {
			made[key] = value
		}
		return []any{made}
	}
	return ofContainer("hostPorts", []any{"ports"},
		nil, []any{}, port(nil, nil), port(0, nil), port(8080, nil), port(80, nil), port(53, object{"protocol": "UDP"}),
		port(0, object{"hostIP": "127.0.0.1"}), port(9100, object{"hostIP": "127.0.0.1"}),
		append(port(0, nil), port(443, nil)...))
}

func handlerFragments() []fragment {
	hosts := []any{"10.0.0.1", "localhost", "127.0.0.1", "::1", "", nil}
	var made []fragment
	for _, path := range [][]any{{"livenessProbe"}, {"readinessProbe"}, {"startupProbe"}, {"lifecycle", "postStart"}, {"lifecycle", "preStop"}} {
		var values []any
		for _, host := range hosts {
			values = append(values, object{"httpGet": object{"port": 8080, "host": host}}, object{"tcpSocket": object{"port": 8080, "host": host}})
		}
		values = append(values, nil, object{}, object{"exec": object{"command": []any{"true"}}},
			object{"httpGet": object{"port": 8080}, "tcpSocket": object{"port": 8080, "host": "a"}},
			object{"httpGet": object{"port": "http", "httpHeaders": []any{object{"name": "Host", "value": "a"}}}})
		made = append(made, ofContainer("probeHosts", path, values...)...)
	}
	return made
}

func emptyFragments() []fragment {
	return append(
		ofPod("securityContext", []any{"spec", "securityContext"}, nil, object{}),
		ofContainer("securityContext", []any{"securityContext"}, nil, object{})...,
	)
}
