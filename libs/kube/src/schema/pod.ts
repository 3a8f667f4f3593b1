import { container, podSecurityContext, resources } from './container.js';
import { labelSelector, localReference, metadata } from './metadata.js';
import { boolean, fields, int32, int64, intOrString, list, map, object, quantity, string } from './shape.js';

const keyToPath = list(object({ ...fields(string, 'key path'), mode: int32 }));
const projectedItems = { items: keyToPath, optional: boolean };

const downwardFile = object({
  path: string,
  mode: int32,
  fieldRef: object(fields(string, 'apiVersion fieldPath')),
  resourceFieldRef: object({ ...fields(string, 'containerName resource'), divisor: quantity }),
});

const projectedSource = object({
  secret: object({ name: string, ...projectedItems }),
  configMap: object({ name: string, ...projectedItems }),
  downwardAPI: object({ items: list(downwardFile) }),
  serviceAccountToken: object({ audience: string, expirationSeconds: int64, path: string }),
});

/** PersistentVolumeClaimSpec of core/v1. */
export const claimSpec = object({
  accessModes: list(string),
  selector: labelSelector,
  resources: object({ limits: map(quantity), requests: map(quantity) }),
  ...fields(string, 'volumeName storageClassName volumeMode volumeAttributesClassName'),
});

const volume = object({
  name: string,
  hostPath: object(fields(string, 'path type')),
  emptyDir: object({ medium: string, sizeLimit: quantity }),
  secret: object({ secretName: string, defaultMode: int32, ...projectedItems }),
  configMap: object({ name: string, defaultMode: int32, ...projectedItems }),
  persistentVolumeClaim: object({ claimName: string, readOnly: boolean }),
  projected: object({ defaultMode: int32, sources: list(projectedSource) }),
  downwardAPI: object({ defaultMode: int32, items: list(downwardFile) }),
  csi: object({ ...fields(string, 'driver fsType'), readOnly: boolean, volumeAttributes: map(string) }),
  ephemeral: object({ volumeClaimTemplate: object({ metadata, spec: claimSpec }) }),
  nfs: object({ ...fields(string, 'server path'), readOnly: boolean }),
  image: object(fields(string, 'reference pullPolicy')),
});

const expressions = list(object({ ...fields(string, 'key operator'), values: list(string) }));
const nodeTerm = object({ matchExpressions: expressions, matchFields: expressions });
const podTerm = object({
  labelSelector,
  namespaceSelector: labelSelector,
  namespaces: list(string),
  topologyKey: string,
  ...fields(list(string), 'matchLabelKeys mismatchLabelKeys'),
});
const podAffinity = object({
  requiredDuringSchedulingIgnoredDuringExecution: list(podTerm),
  preferredDuringSchedulingIgnoredDuringExecution: list(object({ weight: int32, podAffinityTerm: podTerm })),
});

const affinity = object({
  nodeAffinity: object({
    requiredDuringSchedulingIgnoredDuringExecution: object({ nodeSelectorTerms: list(nodeTerm) }),
    preferredDuringSchedulingIgnoredDuringExecution: list(object({ weight: int32, preference: nodeTerm })),
  }),
  ...fields(podAffinity, 'podAffinity podAntiAffinity'),
});

const spreadConstraint = object({
  ...fields(int32, 'maxSkew minDomains'),
  ...fields(string, 'topologyKey whenUnsatisfiable nodeAffinityPolicy nodeTaintsPolicy'),
  labelSelector,
  matchLabelKeys: list(string),
});

const toleration = object({ ...fields(string, 'key operator value effect'), tolerationSeconds: int64 });

/** PodSpec of core/v1. */
export const podSpec = object({
  ...fields(list(container), 'containers initContainers ephemeralContainers'),
  volumes: list(volume),
  ...fields(string, 'restartPolicy dnsPolicy serviceAccountName serviceAccount nodeName hostname subdomain'),
  ...fields(string, 'schedulerName priorityClassName runtimeClassName preemptionPolicy hostnameOverride'),
  ...fields(boolean, 'automountServiceAccountToken hostNetwork hostPID hostIPC hostUsers shareProcessNamespace'),
  ...fields(boolean, 'enableServiceLinks setHostnameAsFQDN'),
  ...fields(int64, 'terminationGracePeriodSeconds activeDeadlineSeconds'),
  priority: int32,
  nodeSelector: map(string),
  securityContext: podSecurityContext,
  resources,
  imagePullSecrets: list(localReference),
  affinity,
  tolerations: list(toleration),
  topologySpreadConstraints: list(spreadConstraint),
  hostAliases: list(object({ ip: string, hostnames: list(string) })),
  dnsConfig: object({
    ...fields(list(string), 'nameservers searches'),
    options: list(object(fields(string, 'name value'))),
  }),
  os: object({ name: string }),
  overhead: map(quantity),
  readinessGates: list(object({ conditionType: string })),
});

/** PodTemplateSpec of core/v1. */
export const podTemplate = object({ metadata, spec: podSpec });

/** IntOrString limits of a rolling update. */
export const rollingUpdate = object(fields(intOrString, 'maxUnavailable maxSurge'));
