# What the parameters strict_upstream and version ask for: the Pod Security Standards as their own evaluator reads them.
# Source: k8s.io/pod-security-admission v0.37.2, package policy.
package lib.upstream

import data.lib.pods

# Minor versions of Kubernetes. The evaluator takes what is newer for the newest that has rules of its own; older ones
# than 1.25, from which on Windows pods are told by their spec, are taken for it.
newest := 37

oldest := 25

# minor(parameters): the version whose rules count: the one that is asked for, else the cluster's, else the newest.
minor(parameters) := newest if parameters.version == "latest"

else := within(number) if number := minor_of(parameters.version)

else := cluster_minor

cluster_minor := within(number) if number := minor_of(input.context.kubernetes_version)

else := newest

# minor_of(version): 29 of `1.29`, `v1.29.4-gke.1043002` and `1.29+`; undefined for anything else.
minor_of(version) := to_number(trim_right(parts[1], "+")) if {
	parts := split(trim_prefix(version, "v"), ".")
	parts[0] == "1"
}

within(number) := min({newest, max({oldest, number})})

# The pod's users are not those of the node.
in_user_namespace if pods.spec.hostUsers == false
