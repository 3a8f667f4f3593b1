import { boolean, fields, int32, int64, intOrString, list, map, object, quantity, string, text } from './shape.js';

const httpGet = object({
  ...fields(string, 'path host scheme'),
  port: intOrString,
  httpHeaders: list(object({ name: string, value: text })),
});

const exec = object({ command: list(text) });
const tcpSocket = object({ host: string, port: intOrString });

const probe = object({
  httpGet,
  exec,
  tcpSocket,
  grpc: object({ port: int32, service: string }),
  ...fields(int32, 'initialDelaySeconds timeoutSeconds periodSeconds successThreshold failureThreshold'),
  terminationGracePeriodSeconds: int64,
});

const hook = object({ httpGet, exec, tcpSocket, sleep: object({ seconds: int64 }) });

/** What container and pod security contexts have in common. */
const commonSecurity = {
  seLinuxOptions: object(fields(string, 'user role type level')),
  windowsOptions: object({
    ...fields(string, 'gmsaCredentialSpecName gmsaCredentialSpec runAsUserName'),
    hostProcess: boolean,
  }),
  seccompProfile: object(fields(string, 'type localhostProfile')),
  appArmorProfile: object(fields(string, 'type localhostProfile')),
  ...fields(int64, 'runAsUser runAsGroup'),
  runAsNonRoot: boolean,
};

const securityContext = object({
  ...commonSecurity,
  ...fields(boolean, 'privileged allowPrivilegeEscalation readOnlyRootFilesystem'),
  capabilities: object(fields(list(string), 'add drop')),
  procMount: string,
});

/** PodSecurityContext of core/v1. */
export const podSecurityContext = object({
  ...commonSecurity,
  fsGroup: int64,
  supplementalGroups: list(int64),
  ...fields(string, 'fsGroupChangePolicy supplementalGroupsPolicy seLinuxChangePolicy'),
  sysctls: list(object({ name: string, value: string })),
});

/** ResourceRequirements of core/v1. */
export const resources = object({
  limits: map(quantity),
  requests: map(quantity),
  claims: list(object(fields(string, 'name request'))),
});

const keySelector = object({ ...fields(string, 'name key'), optional: boolean });

const envVar = object({
  name: string,
  value: text,
  valueFrom: object({
    fieldRef: object(fields(string, 'apiVersion fieldPath')),
    resourceFieldRef: object({ ...fields(string, 'containerName resource'), divisor: quantity }),
    configMapKeyRef: keySelector,
    secretKeyRef: keySelector,
  }),
});

const reference = object({ name: string, optional: boolean });
const envFrom = object({ prefix: string, configMapRef: reference, secretRef: reference });

const port = object({ ...fields(int32, 'containerPort hostPort'), ...fields(string, 'name protocol hostIP') });

const volumeMount = object({
  ...fields(string, 'name mountPath subPath subPathExpr mountPropagation recursiveReadOnly'),
  readOnly: boolean,
});

/** Container of core/v1; ephemeral and init containers have the same fields. */
export const container = object({
  ...fields(string, 'name image imagePullPolicy workingDir terminationMessagePath terminationMessagePolicy'),
  ...fields(string, 'restartPolicy targetContainerName'),
  ...fields(boolean, 'stdin stdinOnce tty'),
  ...fields(list(text), 'command args'),
  ports: list(port),
  env: list(envVar),
  envFrom: list(envFrom),
  resources,
  volumeMounts: list(volumeMount),
  volumeDevices: list(object(fields(string, 'name devicePath'))),
  ...fields(probe, 'livenessProbe readinessProbe startupProbe'),
  lifecycle: object({ postStart: hook, preStop: hook, stopSignal: string }),
  securityContext,
});
