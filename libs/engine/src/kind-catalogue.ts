import type { JsonObject } from '#kernel';
import { kindMatches } from '#kube';

/** A kind into which a proof transplants, and where it holds a pod's template. */
export interface CatalogueKind {
  group: string;
  version: string;
  kind: string;
  /** Fields that lead to the holder of the pod's metadata and spec; absent where the kind holds no pod. */
  template?: readonly string[];
  /** What the kind needs beside metadata and pod, to be an object that the API server takes. */
  body?: JsonObject;
}

const IN_SPEC = ['spec', 'template'] as const;
const SELECTOR: JsonObject = { selector: { matchLabels: { app: 'web' } } };
/** Older kinds select by labels alone. */
const PLAIN_SELECTOR: JsonObject = { selector: { app: 'web' } };

/** Of what comes in. */
const HOST = 'web.example.com';

const POD_KINDS: readonly CatalogueKind[] = [
  { group: '', version: 'v1', kind: 'Pod', template: [] },
  { group: 'apps', version: 'v1', kind: 'Deployment', template: IN_SPEC, body: { spec: SELECTOR } },
  { group: 'apps', version: 'v1', kind: 'ReplicaSet', template: IN_SPEC, body: { spec: SELECTOR } },
  {
    group: 'apps',
    version: 'v1',
    kind: 'StatefulSet',
    template: IN_SPEC,
    body: { spec: { ...SELECTOR, serviceName: 'web' } },
  },
  { group: 'apps', version: 'v1', kind: 'DaemonSet', template: IN_SPEC, body: { spec: SELECTOR } },
  { group: 'batch', version: 'v1', kind: 'Job', template: IN_SPEC },
  {
    group: 'batch',
    version: 'v1',
    kind: 'CronJob',
    template: ['spec', 'jobTemplate', 'spec', 'template'],
    body: { spec: { schedule: '0 3 * * *' } },
  },
  {
    group: 'batch',
    version: 'v1beta1',
    kind: 'CronJob',
    template: ['spec', 'jobTemplate', 'spec', 'template'],
    body: { spec: { schedule: '0 3 * * *' } },
  },
  { group: '', version: 'v1', kind: 'ReplicationController', template: IN_SPEC, body: { spec: PLAIN_SELECTOR } },
  { group: '', version: 'v1', kind: 'PodTemplate', template: ['template'] },
  {
    group: 'apps.openshift.io',
    version: 'v1',
    kind: 'DeploymentConfig',
    template: IN_SPEC,
    body: { spec: PLAIN_SELECTOR },
  },
  { group: 'argoproj.io', version: 'v1alpha1', kind: 'Rollout', template: IN_SPEC, body: { spec: SELECTOR } },
  { group: 'serving.knative.dev', version: 'v1', kind: 'Service', template: IN_SPEC },
  { group: 'example.com', version: 'v1', kind: 'Custom', template: IN_SPEC },
];

const OTHER_KINDS: readonly CatalogueKind[] = [
  { group: '', version: 'v1', kind: 'ConfigMap', body: { data: { mode: 'quiet' } } },
  { group: '', version: 'v1', kind: 'Secret', body: { type: 'Opaque' } },
  { group: '', version: 'v1', kind: 'Service', body: { spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } } },
  { group: '', version: 'v1', kind: 'ServiceAccount' },
  {
    group: '',
    version: 'v1',
    kind: 'PersistentVolumeClaim',
    body: { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } },
  },
  {
    group: '',
    version: 'v1',
    kind: 'PersistentVolume',
    body: {
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteOnce'],
        persistentVolumeReclaimPolicy: 'Retain',
        csi: { driver: 'disk.example.com', volumeHandle: 'disk-1' },
      },
    },
  },
  {
    group: 'storage.k8s.io',
    version: 'v1',
    kind: 'StorageClass',
    body: { provisioner: 'disk.example.com', reclaimPolicy: 'Retain' },
  },
  { group: '', version: 'v1', kind: 'Namespace' },
  {
    group: 'autoscaling',
    version: 'v2',
    kind: 'HorizontalPodAutoscaler',
    body: { spec: { maxReplicas: 4, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' } } },
  },
  {
    group: 'networking.k8s.io',
    version: 'v1',
    kind: 'Ingress',
    body: {
      spec: {
        ingressClassName: 'nginx',
        tls: [{ hosts: [HOST], secretName: 'web-tls' }],
        rules: [
          {
            host: HOST,
            http: {
              paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'web', port: { number: 80 } } } }],
            },
          },
        ],
      },
    },
  },
  {
    group: 'gateway.networking.k8s.io',
    version: 'v1',
    kind: 'Gateway',
    body: {
      spec: {
        gatewayClassName: 'nginx',
        listeners: [
          {
            name: 'https',
            port: 443,
            protocol: 'HTTPS',
            hostname: HOST,
            tls: { certificateRefs: [{ name: 'web-tls' }] },
          },
        ],
      },
    },
  },
  {
    group: 'gateway.networking.k8s.io',
    version: 'v1',
    kind: 'HTTPRoute',
    body: {
      spec: {
        parentRefs: [{ name: 'edge', port: 443 }],
        hostnames: [HOST],
        rules: [{ backendRefs: [{ name: 'web', port: 80 }] }],
      },
    },
  },
  { group: 'networking.k8s.io', version: 'v1', kind: 'NetworkPolicy', body: { spec: { podSelector: {} } } },
  { group: 'policy', version: 'v1', kind: 'PodDisruptionBudget', body: { spec: { minAvailable: 1, ...SELECTOR } } },
  { group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'Role', body: { rules: [] } },
  { group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'ClusterRole', body: { rules: [] } },
  {
    group: 'rbac.authorization.k8s.io',
    version: 'v1',
    kind: 'RoleBinding',
    body: { roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'web' }, subjects: [] },
  },
  {
    group: 'rbac.authorization.k8s.io',
    version: 'v1',
    kind: 'ClusterRoleBinding',
    body: { roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'web' }, subjects: [] },
  },
];

/** LIBRARY.md's long-running kinds. */
const LONG_RUNNING = new Set([
  'Pod',
  'Deployment',
  'ReplicaSet',
  'StatefulSet',
  'DaemonSet',
  'ReplicationController',
  'DeploymentConfig',
  'Rollout',
]);

/**
 * The kinds for which a declaration has to be proved.
 * @param declared of a policy's `kinds`: a kind, `group/Kind`, `*` or a class
 * @returns one for each kind that the declaration claims; a kind that is not in the catalogue stands for itself
 */
export function claimedKinds(declared: string): CatalogueKind[] {
  if (declared === '@pod-spec') return [...POD_KINDS];
  if (declared === '@long-running') return POD_KINDS.filter(({ kind }) => LONG_RUNNING.has(kind));
  const all = [...POD_KINDS, ...OTHER_KINDS];
  if (declared === '@namespaced') return all.filter((gvk) => kindMatches('@namespaced', gvk, sampleOf(gvk)));
  const found = all.filter((gvk) => kindMatches(declared, gvk));
  if (found.length > 0) return found;
  const slash = declared.lastIndexOf('/');
  return [{ group: declared.slice(0, Math.max(slash, 0)), version: 'v1', kind: declared.slice(slash + 1) }];
}

/** @returns `apiVersion/Kind`, short where the version tells nothing */
export function kindLabel({ group, version, kind }: CatalogueKind): string {
  const shared = [...POD_KINDS, ...OTHER_KINDS].filter((other) => other.kind === kind);
  if (shared.length <= 1) return kind;
  return shared.every((other) => other.group === group) ? `${kind} (${version})` : `${kind} (${group || 'core'})`;
}

function sampleOf({ group, version, kind }: CatalogueKind): JsonObject {
  const apiVersion = group === '' ? version : `${group}/${version}`;
  return { apiVersion, kind, metadata: { name: 'web', namespace: 'shop' } };
}
