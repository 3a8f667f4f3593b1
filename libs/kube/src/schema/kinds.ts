import { labelSelector, localReference } from './metadata.js';
import { claimSpec, podSpec, podTemplate, rollingUpdate } from './pod.js';
import {
  any,
  boolean,
  fields,
  int32,
  int64,
  intOrString,
  list,
  map,
  object,
  quantity,
  string,
  text,
  type Shape,
} from './shape.js';

const strategy = object({ type: string, rollingUpdate });
const objectReference = object(fields(string, 'apiVersion kind name namespace uid resourceVersion fieldPath'));

const workload = {
  ...fields(int32, 'replicas minReadySeconds revisionHistoryLimit progressDeadlineSeconds'),
  template: podTemplate,
};

const deployment = object({
  spec: object({ ...workload, selector: labelSelector, strategy, paused: boolean }),
});

const daemonSet = object({ spec: object({ ...workload, selector: labelSelector, updateStrategy: strategy }) });

const statefulSet = object({
  spec: object({
    ...workload,
    selector: labelSelector,
    ...fields(string, 'serviceName podManagementPolicy'),
    updateStrategy: object({ type: string, rollingUpdate: object({ partition: int32, maxUnavailable: intOrString }) }),
    volumeClaimTemplates: list(object({ spec: claimSpec })),
    persistentVolumeClaimRetentionPolicy: object(fields(string, 'whenDeleted whenScaled')),
    ordinals: object({ start: int32 }),
  }),
});

const jobSpec = object({
  ...fields(
    int32,
    'parallelism completions backoffLimit backoffLimitPerIndex maxFailedIndexes ttlSecondsAfterFinished',
  ),
  activeDeadlineSeconds: int64,
  ...fields(boolean, 'manualSelector suspend'),
  ...fields(string, 'completionMode podReplacementPolicy managedBy'),
  selector: labelSelector,
  template: podTemplate,
});

const cronJob = object({
  spec: object({
    ...fields(string, 'schedule timeZone concurrencyPolicy'),
    startingDeadlineSeconds: int64,
    suspend: boolean,
    ...fields(int32, 'successfulJobsHistoryLimit failedJobsHistoryLimit'),
    jobTemplate: object({ spec: jobSpec }),
  }),
});

const service = object({
  spec: object({
    ...fields(string, 'type clusterIP externalName loadBalancerIP loadBalancerClass sessionAffinity ipFamilyPolicy'),
    ...fields(string, 'externalTrafficPolicy internalTrafficPolicy trafficDistribution'),
    ...fields(list(string), 'clusterIPs externalIPs loadBalancerSourceRanges ipFamilies'),
    ...fields(boolean, 'publishNotReadyAddresses allocateLoadBalancerNodePorts'),
    healthCheckNodePort: int32,
    selector: map(string),
    ports: list(
      object({
        ...fields(string, 'name protocol appProtocol'),
        ...fields(int32, 'port nodePort'),
        targetPort: intOrString,
      }),
    ),
  }),
});

const policyRule = object(fields(list(string), 'apiGroups resources verbs resourceNames nonResourceURLs'));
const role = object({
  rules: list(policyRule),
  aggregationRule: object({ clusterRoleSelectors: list(labelSelector) }),
});
const roleBinding = object({
  roleRef: object(fields(string, 'apiGroup kind name')),
  subjects: list(object(fields(string, 'apiGroup kind name namespace'))),
});

const backend = object({
  service: object({ name: string, port: object({ name: string, number: int32 }) }),
  resource: object(fields(string, 'apiGroup kind name')),
  serviceName: string,
  servicePort: intOrString,
});
const ingress = object({
  spec: object({
    ingressClassName: string,
    ...fields(backend, 'defaultBackend backend'),
    tls: list(object({ hosts: list(string), secretName: string })),
    rules: list(
      object({
        host: string,
        http: object({ paths: list(object({ ...fields(string, 'path pathType'), backend })) }),
      }),
    ),
  }),
});

const networkPolicyPorts = list(object({ protocol: string, port: intOrString, endPort: int32 }));
const peers = list(
  object({
    podSelector: labelSelector,
    namespaceSelector: labelSelector,
    ipBlock: object({ cidr: string, except: list(string) }),
  }),
);
const networkPolicy = object({
  spec: object({
    podSelector: labelSelector,
    policyTypes: list(string),
    ingress: list(object({ from: peers, ports: networkPolicyPorts })),
    egress: list(object({ to: peers, ports: networkPolicyPorts })),
  }),
});

const autoscaler = object({
  spec: object({
    scaleTargetRef: object(fields(string, 'apiVersion kind name')),
    ...fields(int32, 'minReplicas maxReplicas targetCPUUtilizationPercentage'),
    metrics: list(object({ type: string })),
    behavior: object(),
  }),
});

const disruptionBudget = object({
  spec: object({
    ...fields(intOrString, 'minAvailable maxUnavailable'),
    selector: labelSelector,
    unhealthyPodEvictionPolicy: string,
  }),
});

const gateway = object({
  spec: object({
    gatewayClassName: string,
    listeners: list(
      object({
        ...fields(string, 'name hostname protocol'),
        port: int32,
        tls: object({ mode: string, certificateRefs: list(object(fields(string, 'group kind name namespace'))) }),
        allowedRoutes: object({ namespaces: object({ from: string, selector: labelSelector }) }),
      }),
    ),
  }),
});

const routeReference = object({ ...fields(string, 'group kind name namespace sectionName'), port: int32 });
const httpRoute = object({
  spec: object({
    parentRefs: list(routeReference),
    hostnames: list(string),
    rules: list(
      object({
        matches: list(object()),
        filters: list(object({ type: string, requestRedirect: object({ scheme: string }) })),
        backendRefs: list(routeReference),
      }),
    ),
  }),
});

const persistentVolume = object({
  spec: object({
    ...fields(string, 'persistentVolumeReclaimPolicy storageClassName volumeMode'),
    capacity: map(quantity),
    accessModes: list(string),
  }),
});
const storageClass = object({
  ...fields(string, 'provisioner reclaimPolicy volumeBindingMode'),
  parameters: map(string),
  allowVolumeExpansion: boolean,
});

/**
 * The kinds whose fields are checked, by `group/Kind`. Read off the API reference of Kubernetes 1.31, and of the Gateway
 * API 1.2.
 */
export const KIND_SHAPES: ReadonlyMap<string, Shape & { type: 'object' }> = new Map([
  ['/Pod', object({ spec: podSpec })],
  ['/PodTemplate', object({ template: podTemplate })],
  ['/ReplicationController', object({ spec: object({ ...workload, selector: map(string) }) })],
  ['apps/Deployment', deployment],
  ['extensions/Deployment', deployment],
  ['apps/ReplicaSet', object({ spec: object({ ...workload, selector: labelSelector }) })],
  ['extensions/ReplicaSet', object({ spec: object({ ...workload, selector: labelSelector }) })],
  ['apps/DaemonSet', daemonSet],
  ['extensions/DaemonSet', daemonSet],
  ['apps/StatefulSet', statefulSet],
  ['batch/Job', object({ spec: jobSpec })],
  ['batch/CronJob', cronJob],
  ['/Service', service],
  [
    '/ServiceAccount',
    object({
      secrets: list(objectReference),
      imagePullSecrets: list(localReference),
      automountServiceAccountToken: boolean,
    }),
  ],
  ['/Namespace', object({ spec: object({ finalizers: list(string) }) })],
  ['/ConfigMap', object({ data: map(text), binaryData: map(text), immutable: boolean })],
  ['/Secret', object({ data: map(text), stringData: map(text), type: string, immutable: boolean })],
  ['/PersistentVolumeClaim', object({ spec: claimSpec })],
  ['/ResourceQuota', object({ spec: object({ hard: map(quantity), scopes: list(string), scopeSelector: any }) })],
  [
    '/LimitRange',
    object({
      spec: object({
        limits: list(
          object({ type: string, ...fields(map(quantity), 'max min default defaultRequest maxLimitRequestRatio') }),
        ),
      }),
    }),
  ],
  ['rbac.authorization.k8s.io/Role', role],
  ['rbac.authorization.k8s.io/ClusterRole', role],
  ['rbac.authorization.k8s.io/RoleBinding', roleBinding],
  ['rbac.authorization.k8s.io/ClusterRoleBinding', roleBinding],
  ['networking.k8s.io/Ingress', ingress],
  ['extensions/Ingress', ingress],
  ['networking.k8s.io/NetworkPolicy', networkPolicy],
  ['extensions/NetworkPolicy', networkPolicy],
  ['gateway.networking.k8s.io/Gateway', gateway],
  ['gateway.networking.k8s.io/HTTPRoute', httpRoute],
  ['/PersistentVolume', persistentVolume],
  ['storage.k8s.io/StorageClass', storageClass],
  ['autoscaling/HorizontalPodAutoscaler', autoscaler],
  ['policy/PodDisruptionBudget', disruptionBudget],
  [
    'apps.openshift.io/DeploymentConfig',
    object({ spec: object({ ...workload, selector: map(string), paused: boolean }) }),
  ],
  [
    'argoproj.io/Rollout',
    object({
      spec: object({
        replicas: int32,
        minReadySeconds: int32,
        revisionHistoryLimit: int32,
        selector: labelSelector,
        template: podTemplate,
      }),
    }),
  ],
  ['serving.knative.dev/Service', object({ spec: object({ template: podTemplate }) })],
]);
