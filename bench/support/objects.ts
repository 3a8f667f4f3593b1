import type { JsonObject } from '#kernel';

/**
 * Makes a Deployment as teams write them: two containers, an init container, probes, resources. Nine in ten are a careful
 * team's, which names images by tag, limits no CPU and sets no priority; one in ten lacks most of what the policies ask for. About 8 % of
 * all pairs fail, as in the `history` bench of the contract.
 * @param index decides name, namespace and what is missing, so that objects differ
 */
export function aDeployment(index: number): JsonObject {
  const good = index % 10 !== 0;
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: `app-${index}`,
      namespace: `team-${index % 40}`,
      labels: { app: `app-${index}`, tier: index % 2 === 0 ? 'web' : 'worker' },
    },
    spec: {
      replicas: good ? 2 + (index % 4) : 1,
      selector: { matchLabels: { app: `app-${index}` } },
      template: {
        metadata: { labels: { app: `app-${index}` } },
        spec: {
          ...(good && {
            affinity: anAffinity(`app-${index}`),
            automountServiceAccountToken: false,
            serviceAccountName: `app-${index}`,
          }),
          securityContext: good
            ? { runAsNonRoot: true, runAsUser: 10_001, runAsGroup: 10_001, seccompProfile: { type: 'RuntimeDefault' } }
            : {},
          initContainers: [
            {
              name: 'migrate',
              image: `registry.example.com/app-${index}:1.${index % 20}`,
              command: ['./migrate'],
              ...(good && careOf()),
            },
          ],
          containers: [aContainer('app', index, good), aContainer('sidecar', index, good)],
        },
      },
    },
  };
}

function anAffinity(app: string): JsonObject {
  const podAffinityTerm = { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app } } };
  return { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm }] } };
}

/** What a careful team gives each container. */
function careOf(): JsonObject {
  return {
    resources: {
      requests: { cpu: '100m', memory: '128Mi', 'ephemeral-storage': '64Mi' },
      limits: { memory: '128Mi', 'ephemeral-storage': '64Mi' },
    },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
  };
}

function aContainer(name: string, index: number, good: boolean): JsonObject {
  return {
    name,
    image: good ? `registry.example.com/team/${name}:2.${index % 30}.1` : `${name}:latest`,
    ports: [{ containerPort: 8080, name: 'http' }],
    env: [
      { name: 'LOG_LEVEL', value: 'info' },
      { name: 'REGION', value: `r${index % 7}` },
    ],
    ...(good
      ? {
          ...careOf(),
          readinessProbe: { httpGet: { path: '/ready', port: 8080 } },
          livenessProbe: { httpGet: { path: '/live', port: 8080 } },
        }
      : { resources: { requests: { cpu: '50m' } } }),
  };
}
