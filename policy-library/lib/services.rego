# What a Service says of itself.
package lib.services

import data.lib.objects

spec := objects.object_or_empty(object.get(input.review.object, "spec", null))

# The API server's default is ClusterIP.
type := "ClusterIP" if object.get(spec, "type", null) in {null, ""}

else := spec.type

# The labels by which it selects pods; {} where somebody writes its endpoints by hand.
selector := objects.object_or_empty(object.get(spec, "selector", null))

# Annotations by which clouds make a load balancer internal, with the values that do so.
internal_annotations := {
	"service.beta.kubernetes.io/aws-load-balancer-internal": {"true", "0.0.0.0/0"},
	"service.beta.kubernetes.io/aws-load-balancer-scheme": {"internal"},
	"service.beta.kubernetes.io/azure-load-balancer-internal": {"true"},
	"networking.gke.io/load-balancer-type": {"Internal", "internal"},
	"cloud.google.com/load-balancer-type": {"Internal", "internal"},
	"service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type": {"private"},
	"service.beta.kubernetes.io/openstack-internal-load-balancer": {"true"},
	"service.beta.kubernetes.io/oci-load-balancer-internal": {"true"},
	"oci-network-load-balancer.oraclecloud.com/internal": {"true"},
	"service.beta.kubernetes.io/alibaba-cloud-loadbalancer-address-type": {"intranet"},
	"service.beta.kubernetes.io/cce-load-balancer-internal-vpc": {"true"},
	"service.beta.kubernetes.io/do-loadbalancer-network": {"INTERNAL"},
	"service.beta.kubernetes.io/scw-loadbalancer-private": {"true"},
	"load-balancer.hetzner.cloud/disable-public-network": {"true"},
}

# Those of its annotations that make its load balancer internal.
internal_by contains key if {
	some key, value in objects.metadata.annotations
	value in internal_annotations[key]
}
