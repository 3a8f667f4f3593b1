/**
 * The kinds whose scope is known without asking a cluster, per API group. Read off `kubectl api-resources` of
 * Kubernetes 1.31 and of the projects named by their group; `-` before a kind means cluster-scoped.
 */
const KINDS_BY_GROUP: Record<string, string> = {
  '': `Binding ConfigMap Endpoints Event LimitRange PersistentVolumeClaim Pod PodTemplate ReplicationController
    ResourceQuota Secret Service ServiceAccount -ComponentStatus -Namespace -Node -PersistentVolume`,
  apps: 'ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet',
  extensions: 'DaemonSet Deployment Ingress NetworkPolicy ReplicaSet -PodSecurityPolicy',
  batch: 'CronJob Job JobTemplate',
  autoscaling: 'HorizontalPodAutoscaler Scale',
  policy: 'PodDisruptionBudget Eviction -PodSecurityPolicy',
  'networking.k8s.io': 'Ingress NetworkPolicy -IngressClass -IPAddress -ServiceCIDR',
  'discovery.k8s.io': 'EndpointSlice',
  'coordination.k8s.io': 'Lease LeaseCandidate',
  'events.k8s.io': 'Event',
  'rbac.authorization.k8s.io': 'Role RoleBinding -ClusterRole -ClusterRoleBinding',
  'authorization.k8s.io':
    'LocalSubjectAccessReview -SelfSubjectAccessReview -SelfSubjectRulesReview -SubjectAccessReview',
  'authentication.k8s.io': '-TokenReview -SelfSubjectReview',
  'admissionregistration.k8s.io': `-MutatingWebhookConfiguration -ValidatingWebhookConfiguration
    -ValidatingAdmissionPolicy -ValidatingAdmissionPolicyBinding -MutatingAdmissionPolicy
    -MutatingAdmissionPolicyBinding -InitializerConfiguration`,
  'apiextensions.k8s.io': '-CustomResourceDefinition',
  'apiregistration.k8s.io': '-APIService',
  'certificates.k8s.io': '-CertificateSigningRequest -ClusterTrustBundle PodCertificateRequest',
  'flowcontrol.apiserver.k8s.io': '-FlowSchema -PriorityLevelConfiguration',
  'internal.apiserver.k8s.io': '-StorageVersion',
  'node.k8s.io': '-RuntimeClass',
  'scheduling.k8s.io': '-PriorityClass',
  'storage.k8s.io': 'CSIStorageCapacity -CSIDriver -CSINode -StorageClass -VolumeAttachment -VolumeAttributesClass',
  'storagemigration.k8s.io': '-StorageVersionMigration',
  'resource.k8s.io': 'ResourceClaim ResourceClaimTemplate -DeviceClass -ResourceSlice -DeviceTaintRule',
  'metrics.k8s.io': 'PodMetrics -NodeMetrics',
  'gateway.networking.k8s.io': `BackendLBPolicy BackendTLSPolicy Gateway GRPCRoute HTTPRoute ReferenceGrant TCPRoute
    TLSRoute UDPRoute -GatewayClass`,
  'snapshot.storage.k8s.io': 'VolumeSnapshot -VolumeSnapshotClass -VolumeSnapshotContent',
  'groupsnapshot.storage.k8s.io': 'VolumeGroupSnapshot -VolumeGroupSnapshotClass -VolumeGroupSnapshotContent',
  'autoscaling.k8s.io': 'VerticalPodAutoscaler VerticalPodAutoscalerCheckpoint',
  'keda.sh': 'ScaledJob ScaledObject TriggerAuthentication -ClusterTriggerAuthentication',
  'argoproj.io': `AnalysisRun AnalysisTemplate Application ApplicationSet AppProject CronWorkflow Experiment Rollout
    Workflow WorkflowTemplate -ClusterAnalysisTemplate -ClusterWorkflowTemplate`,
  'apps.openshift.io': 'DeploymentConfig',
  'route.openshift.io': 'Route',
  'security.openshift.io': '-SecurityContextConstraints',
  'project.openshift.io': '-Project -ProjectRequest',
  'serving.knative.dev': 'Configuration DomainMapping Revision Route Service',
  'cert-manager.io': 'Certificate CertificateRequest Issuer -ClusterIssuer',
  'monitoring.coreos.com': `Alertmanager AlertmanagerConfig PodMonitor Probe Prometheus PrometheusAgent PrometheusRule
    ScrapeConfig ServiceMonitor ThanosRuler`,
  'networking.istio.io': `DestinationRule EnvoyFilter Gateway ProxyConfig ServiceEntry Sidecar VirtualService
    WorkloadEntry WorkloadGroup`,
  'security.istio.io': 'AuthorizationPolicy PeerAuthentication RequestAuthentication',
  'telemetry.istio.io': 'Telemetry',
  'templates.gatekeeper.sh': '-ConstraintTemplate',
  'kyverno.io': 'Policy PolicyException -ClusterPolicy',
};

/** `group/Kind` → true where it is namespaced, false where it is cluster-scoped. */
const NAMESPACED: ReadonlyMap<string, boolean> = new Map(
  Object.entries(KINDS_BY_GROUP).flatMap(([group, kinds]) =>
    kinds.split(/\s+/).map((word): [string, boolean] => {
      const clusterScoped = word.startsWith('-');
      return [`${group}/${clusterScoped ? word.slice(1) : word}`, !clusterScoped];
    }),
  ),
);

/**
 * @param group API group, empty for the core group
 * @param kind as written in `kind`
 * @returns whether objects of this kind live in a namespace; undefined where the kind is not in the table
 */
export function builtinNamespaced(group: string, kind: string): boolean | undefined {
  return NAMESPACED.get(`${group}/${kind}`);
}
