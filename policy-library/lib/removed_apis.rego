# In which release of Kubernetes API versions are served no more, and what takes their place, as the lifecycle tags in
# the source of its API modules say. Read from k8s.io modules
#   api@v0.37.2
#   apiextensions-apiserver@v0.37.2
#   kube-aggregator@v0.37.2
#   api@v0.34.3
#   api@v0.31.14
#   api@v0.28.15
#   api@v0.24.17
# by `node tools/removed-apis.mjs FOLDER…`; for another release run that again.
package lib.removed_apis

# The minor release up to which this is known.
known_minor := 37

# By API version and kind: the minor release that serves it no more, and the API version instead, where there is one.
removed := {
	"admission.k8s.io/v1beta1": {
		"AdmissionReview": {"removed": 22, "instead": "admission.k8s.io/v1"},
	},
	"admissionregistration.k8s.io/v1alpha1": {
		"MutatingAdmissionPolicy": {"removed": 38, "instead": "admissionregistration.k8s.io/v1"},
		"MutatingAdmissionPolicyBinding": {"removed": 38, "instead": "admissionregistration.k8s.io/v1"},
		"ValidatingAdmissionPolicy": {"removed": 32, "instead": "admissionregistration.k8s.io/v1"},
		"ValidatingAdmissionPolicyBinding": {"removed": 32, "instead": "admissionregistration.k8s.io/v1"},
	},
	"admissionregistration.k8s.io/v1beta1": {
		"MutatingAdmissionPolicy": {"removed": 40, "instead": "admissionregistration.k8s.io/v1"},
		"MutatingAdmissionPolicyBinding": {"removed": 40, "instead": "admissionregistration.k8s.io/v1"},
		"MutatingWebhookConfiguration": {"removed": 22, "instead": "admissionregistration.k8s.io/v1"},
		"ValidatingAdmissionPolicy": {"removed": 34, "instead": "admissionregistration.k8s.io/v1"},
		"ValidatingAdmissionPolicyBinding": {"removed": 34, "instead": "admissionregistration.k8s.io/v1"},
		"ValidatingWebhookConfiguration": {"removed": 22, "instead": "admissionregistration.k8s.io/v1"},
	},
	"apidiscovery.k8s.io/v2beta1": {
		"APIGroupDiscovery": {"removed": 35, "instead": "apidiscovery.k8s.io/v2"},
	},
	"apiextensions.k8s.io/v1beta1": {
		"ConversionReview": {"removed": 22, "instead": "apiextensions.k8s.io/v1"},
		"CustomResourceDefinition": {"removed": 22, "instead": "apiextensions.k8s.io/v1"},
	},
	"apiregistration.k8s.io/v1beta1": {
		"APIService": {"removed": 22, "instead": "apiregistration.k8s.io/v1"},
	},
	"apps/v1beta1": {
		"ControllerRevision": {"removed": 16, "instead": "apps/v1"},
		"Deployment": {"removed": 16, "instead": "apps/v1"},
		"DeploymentRollback": {"removed": 16, "instead": "apps/v1"},
		"Scale": {"removed": 16, "instead": "autoscaling/v1"},
		"StatefulSet": {"removed": 16, "instead": "apps/v1"},
	},
	"apps/v1beta2": {
		"ControllerRevision": {"removed": 16, "instead": "apps/v1"},
		"DaemonSet": {"removed": 16, "instead": "apps/v1"},
		"Deployment": {"removed": 16, "instead": "apps/v1"},
		"ReplicaSet": {"removed": 16, "instead": "apps/v1"},
		"Scale": {"removed": 16, "instead": "autoscaling/v1"},
		"StatefulSet": {"removed": 16, "instead": "apps/v1"},
	},
	"authentication.k8s.io/v1alpha1": {
		"SelfSubjectReview": {"removed": 32, "instead": "authentication.k8s.io/v1"},
	},
	"authentication.k8s.io/v1beta1": {
		"SelfSubjectReview": {"removed": 33, "instead": "authentication.k8s.io/v1"},
		"TokenReview": {"removed": 22, "instead": "authentication.k8s.io/v1"},
	},
	"authorization.k8s.io/v1beta1": {
		"LocalSubjectAccessReview": {"removed": 22, "instead": "authorization.k8s.io/v1"},
		"SelfSubjectAccessReview": {"removed": 22, "instead": "authorization.k8s.io/v1"},
		"SelfSubjectRulesReview": {"removed": 22, "instead": "authorization.k8s.io/v1"},
		"SubjectAccessReview": {"removed": 22, "instead": "authorization.k8s.io/v1"},
	},
	"autoscaling/v2beta1": {
		"HorizontalPodAutoscaler": {"removed": 25, "instead": "autoscaling/v2"},
	},
	"autoscaling/v2beta2": {
		"HorizontalPodAutoscaler": {"removed": 26, "instead": "autoscaling/v2"},
	},
	"batch/v1beta1": {
		"CronJob": {"removed": 25, "instead": "batch/v1"},
		"JobTemplate": {"removed": 25},
	},
	"certificates.k8s.io/v1alpha1": {
		"ClusterTrustBundle": {"removed": 37, "instead": "certificates.k8s.io/v1"},
		"PodCertificateRequest": {"removed": 40},
	},
	"certificates.k8s.io/v1beta1": {
		"CertificateSigningRequest": {"removed": 22, "instead": "certificates.k8s.io/v1"},
		"ClusterTrustBundle": {"removed": 40, "instead": "certificates.k8s.io/v1"},
		"PodCertificateRequest": {"removed": 40, "instead": "certificates.k8s.io/v1"},
	},
	"coordination.k8s.io/v1alpha1": {
		"LeaseCandidate": {"removed": 37},
	},
	"coordination.k8s.io/v1alpha2": {
		"LeaseCandidate": {"removed": 38},
	},
	"coordination.k8s.io/v1beta1": {
		"Lease": {"removed": 22, "instead": "coordination.k8s.io/v1"},
		"LeaseCandidate": {"removed": 39},
	},
	"discovery.k8s.io/v1beta1": {
		"EndpointSlice": {"removed": 25, "instead": "discovery.k8s.io/v1"},
	},
	"events.k8s.io/v1beta1": {
		"Event": {"removed": 25, "instead": "events.k8s.io/v1"},
	},
	"extensions/v1beta1": {
		"DaemonSet": {"removed": 16, "instead": "apps/v1"},
		"Deployment": {"removed": 16, "instead": "apps/v1"},
		"DeploymentRollback": {"removed": 16},
		"Ingress": {"removed": 22, "instead": "networking.k8s.io/v1"},
		"NetworkPolicy": {"removed": 16, "instead": "networking.k8s.io/v1"},
		"PodSecurityPolicy": {"removed": 16},
		"ReplicaSet": {"removed": 16, "instead": "apps/v1"},
		"Scale": {"removed": 16},
	},
	"flowcontrol.apiserver.k8s.io/v1alpha1": {
		"FlowSchema": {"removed": 21, "instead": "flowcontrol.apiserver.k8s.io/v1"},
		"PriorityLevelConfiguration": {"removed": 21, "instead": "flowcontrol.apiserver.k8s.io/v1"},
	},
	"flowcontrol.apiserver.k8s.io/v1beta1": {
		"FlowSchema": {"removed": 26, "instead": "flowcontrol.apiserver.k8s.io/v1"},
		"PriorityLevelConfiguration": {"removed": 26, "instead": "flowcontrol.apiserver.k8s.io/v1"},
	},
	"flowcontrol.apiserver.k8s.io/v1beta2": {
		"FlowSchema": {"removed": 29, "instead": "flowcontrol.apiserver.k8s.io/v1"},
		"PriorityLevelConfiguration": {"removed": 29, "instead": "flowcontrol.apiserver.k8s.io/v1"},
	},
	"flowcontrol.apiserver.k8s.io/v1beta3": {
		"FlowSchema": {"removed": 32, "instead": "flowcontrol.apiserver.k8s.io/v1"},
		"PriorityLevelConfiguration": {"removed": 32, "instead": "flowcontrol.apiserver.k8s.io/v1"},
	},
	"lifecycle.k8s.io/v1alpha1": {
		"Eviction": {"removed": 43},
		"EvictionRequest": {"removed": 43},
	},
	"networking.k8s.io/v1alpha1": {
		"ClusterCIDR": {"removed": 31},
		"IPAddress": {"removed": 33},
		"ServiceCIDR": {"removed": 33},
	},
	"networking.k8s.io/v1beta1": {
		"IPAddress": {"removed": 37, "instead": "networking.k8s.io/v1"},
		"Ingress": {"removed": 22, "instead": "networking.k8s.io/v1"},
		"IngressClass": {"removed": 22, "instead": "networking.k8s.io/v1"},
		"ServiceCIDR": {"removed": 37, "instead": "networking.k8s.io/v1"},
	},
	"node.k8s.io/v1beta1": {
		"RuntimeClass": {"removed": 25, "instead": "node.k8s.io/v1"},
	},
	"policy/v1beta1": {
		"Eviction": {"removed": 25, "instead": "policy/v1"},
		"PodDisruptionBudget": {"removed": 25, "instead": "policy/v1"},
		"PodSecurityPolicy": {"removed": 25},
	},
	"rbac.authorization.k8s.io/v1beta1": {
		"ClusterRole": {"removed": 22, "instead": "rbac.authorization.k8s.io/v1"},
		"ClusterRoleBinding": {"removed": 22, "instead": "rbac.authorization.k8s.io/v1"},
		"Role": {"removed": 22, "instead": "rbac.authorization.k8s.io/v1"},
		"RoleBinding": {"removed": 22, "instead": "rbac.authorization.k8s.io/v1"},
	},
	"resource.k8s.io/v1alpha3": {
		"DeviceTaintRule": {"removed": 39, "instead": "resource.k8s.io/v1"},
		"ResourcePoolStatusRequest": {"removed": 42},
	},
	"resource.k8s.io/v1beta1": {
		"DeviceClass": {"removed": 38, "instead": "resource.k8s.io/v1"},
		"ResourceClaim": {"removed": 38, "instead": "resource.k8s.io/v1"},
		"ResourceClaimTemplate": {"removed": 38, "instead": "resource.k8s.io/v1"},
		"ResourceSlice": {"removed": 38, "instead": "resource.k8s.io/v1"},
	},
	"resource.k8s.io/v1beta2": {
		"DeviceClass": {"removed": 39, "instead": "resource.k8s.io/v1"},
		"DeviceTaintRule": {"removed": 42, "instead": "resource.k8s.io/v1"},
		"ResourceClaim": {"removed": 39, "instead": "resource.k8s.io/v1"},
		"ResourceClaimTemplate": {"removed": 39, "instead": "resource.k8s.io/v1"},
		"ResourceSlice": {"removed": 39, "instead": "resource.k8s.io/v1"},
	},
	"scheduling.k8s.io/v1beta1": {
		"PodGroup": {"removed": 43, "instead": "scheduling.k8s.io/v1alpha3"},
		"PriorityClass": {"removed": 22, "instead": "scheduling.k8s.io/v1"},
		"Workload": {"removed": 43, "instead": "scheduling.k8s.io/v1alpha3"},
	},
	"storage.k8s.io/v1alpha1": {
		"CSIStorageCapacity": {"removed": 24, "instead": "storage.k8s.io/v1"},
		"VolumeAttachment": {"removed": 24, "instead": "storage.k8s.io/v1"},
		"VolumeAttributesClass": {"removed": 35, "instead": "storage.k8s.io/v1"},
	},
	"storage.k8s.io/v1beta1": {
		"CSIDriver": {"removed": 22, "instead": "storage.k8s.io/v1"},
		"CSINode": {"removed": 22, "instead": "storage.k8s.io/v1"},
		"CSIStorageCapacity": {"removed": 27, "instead": "storage.k8s.io/v1"},
		"StorageClass": {"removed": 22, "instead": "storage.k8s.io/v1"},
		"VolumeAttachment": {"removed": 22, "instead": "storage.k8s.io/v1"},
		"VolumeAttributesClass": {"removed": 37, "instead": "storage.k8s.io/v1"},
	},
	"storagemigration.k8s.io/v1alpha1": {
		"StorageVersionMigration": {"removed": 36},
	},
	"storagemigration.k8s.io/v1beta1": {
		"StorageVersionMigration": {"removed": 40, "instead": "storagemigration.k8s.io/v1"},
	},
}

# By group: the kinds that lost, or will lose, some version in it.
kinds := {
	"admission.k8s.io": {"AdmissionReview"},
	"admissionregistration.k8s.io": {"MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding", "MutatingWebhookConfiguration", "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "ValidatingWebhookConfiguration"},
	"apidiscovery.k8s.io": {"APIGroupDiscovery"},
	"apiextensions.k8s.io": {"ConversionReview", "CustomResourceDefinition"},
	"apiregistration.k8s.io": {"APIService"},
	"apps": {"ControllerRevision", "DaemonSet", "Deployment", "DeploymentRollback", "ReplicaSet", "Scale", "StatefulSet"},
	"authentication.k8s.io": {"SelfSubjectReview", "TokenReview"},
	"authorization.k8s.io": {"LocalSubjectAccessReview", "SelfSubjectAccessReview", "SelfSubjectRulesReview", "SubjectAccessReview"},
	"autoscaling": {"HorizontalPodAutoscaler"},
	"batch": {"CronJob", "JobTemplate"},
	"certificates.k8s.io": {"CertificateSigningRequest", "ClusterTrustBundle", "PodCertificateRequest"},
	"coordination.k8s.io": {"Lease", "LeaseCandidate"},
	"discovery.k8s.io": {"EndpointSlice"},
	"events.k8s.io": {"Event"},
	"extensions": {"DaemonSet", "Deployment", "DeploymentRollback", "Ingress", "NetworkPolicy", "PodSecurityPolicy", "ReplicaSet", "Scale"},
	"flowcontrol.apiserver.k8s.io": {"FlowSchema", "PriorityLevelConfiguration"},
	"lifecycle.k8s.io": {"Eviction", "EvictionRequest"},
	"networking.k8s.io": {"ClusterCIDR", "IPAddress", "Ingress", "IngressClass", "ServiceCIDR"},
	"node.k8s.io": {"RuntimeClass"},
	"policy": {"Eviction", "PodDisruptionBudget", "PodSecurityPolicy"},
	"rbac.authorization.k8s.io": {"ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"},
	"resource.k8s.io": {"DeviceClass", "DeviceTaintRule", "ResourceClaim", "ResourceClaimTemplate", "ResourcePoolStatusRequest", "ResourceSlice"},
	"scheduling.k8s.io": {"PodGroup", "PriorityClass", "Workload"},
	"storage.k8s.io": {"CSIDriver", "CSINode", "CSIStorageCapacity", "StorageClass", "VolumeAttachment", "VolumeAttributesClass"},
	"storagemigration.k8s.io": {"StorageVersionMigration"},
}
