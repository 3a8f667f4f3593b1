import { describe, it, expect } from '@jest/globals';
import * as fc from 'fast-check';
import type { Json, JsonObject } from '#kernel';
import { normalise } from './normalise.js';

const accepted = (object: JsonObject, options = {}) => {
  const result = normalise(object, options);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result;
};
const problems = (object: JsonObject) => {
  const result = normalise(object);
  return result.ok ? [] : result.problems.map(({ path, message }) => `${path} ${message}`);
};
const pod = (container: JsonObject, spec: JsonObject = {}): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'a', namespace: 'n' },
  spec: { ...spec, containers: [{ name: 'c', ...container }] },
});

describe('normalising', () => {
  it('drops what is no content and keeps it as attributes', () => {
    const { object, identity, attributes } = accepted({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: {
        name: 'a',
        uid: 'u-1',
        resourceVersion: '7',
        generation: 3,
        creationTimestamp: '2026-01-01T00:00:00Z',
        selfLink: '/x',
        annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}' },
        ownerReferences: [{ apiVersion: 'v1', kind: 'X', name: 'x', uid: 'u-0', controller: true }],
        managedFields: [
          {
            manager: 'old',
            apiVersion: 'apps/v1beta2',
            time: '2025-01-01T00:00:00Z',
            fieldsV1: { 'f:metadata': {}, 'f:spec': {} },
          },
          { manager: 'argocd', apiVersion: 'apps/v1', time: '2026-01-01T00:00:00Z', fieldsV1: { 'f:spec': {} } },
          {
            manager: 'kubelet',
            apiVersion: 'apps/v2',
            time: '2026-02-01T00:00:00Z',
            subresource: 'status',
            fieldsV1: { 'f:metadata': {}, 'f:status': {} },
          },
        ],
      },
      spec: { replicas: 2 },
      status: { replicas: 2 },
    });
    expect(object).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: {
        name: 'a',
        ownerReferences: [{ apiVersion: 'v1', kind: 'X', name: 'x', uid: 'u-0', controller: true }],
      },
      spec: { replicas: 2 },
    });
    expect(identity).toEqual({ group: 'apps', kind: 'Deployment', namespace: 'default', name: 'a' });
    expect(attributes).toEqual({
      api_version: 'apps/v1',
      uid: 'u-1',
      resource_version: '7',
      generation: 3,
      creation_timestamp: '2026-01-01T00:00:00Z',
      namespace_assumed: true,
      scope_assumed: false,
      name_generated: false,
      owner_references: [{ api_version: 'v1', kind: 'X', name: 'x', uid: 'u-0', controller: true }],
      origin: {
        api_versions: ['apps/v1', 'apps/v1beta2'],
        last_manager: 'argocd',
        manager_by_top_field: { metadata: 'old', spec: 'argocd' },
      },
      masked: [],
    });
  });

  it('knows who writes the status of older API servers, which name no subresource, by what he writes', () => {
    const entry = (manager: string, apiVersion: string, month: number, fields: string[]): JsonObject => ({
      manager,
      apiVersion,
      time: `2026-0${month}-01T00:00:00Z`,
      fieldsV1: Object.fromEntries(fields.map((field) => [field, {}])),
    });
    const managedFields = [
      entry('kubectl', 'extensions/v1beta1', 1, ['f:metadata', 'f:spec']),
      entry('kube-controller-manager', 'apps/v1', 2, ['f:metadata', 'f:status']),
      entry('operator', 'apps/v1beta1', 1, ['f:spec', 'f:status']),
    ];
    const { attributes } = accepted({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'a', managedFields },
    });
    expect(attributes.origin.api_versions).toEqual(['extensions/v1beta1', 'apps/v1beta1']);
  });

  it('takes the document’s own version where nobody manages the object', () => {
    expect(accepted(pod({})).attributes.origin).toEqual({
      api_versions: ['v1'],
      last_manager: null,
      manager_by_top_field: {},
    });
  });

  it('treats null as absent, at any depth, and leaves the given object as it was', () => {
    const written = pod(
      { livenessProbe: null, env: null, securityContext: { privileged: null, runAsUser: 0 } },
      { volumes: null },
    );
    const before = structuredClone(written);
    expect(accepted(written).object).toEqual(pod({ securityContext: { runAsUser: 0 } }));
    expect(written).toEqual(before);
  });

  it('keeps a namespace as written and says which it assumed', () => {
    const written = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } };
    expect(accepted(written, { namespace: 'team' })).toMatchObject({
      object: written,
      identity: { namespace: 'team' },
      attributes: { namespace_assumed: true },
    });
    expect(accepted({ apiVersion: 'x.io/v1', kind: 'Thing', metadata: { name: 'a' } })).toMatchObject({
      identity: { namespace: '' },
      attributes: { namespace_assumed: false, scope_assumed: true },
    });
  });

  it.each([
    [
      pod({ securityContext: { allowPrivilegeEscalation: 'false' } }),
      'spec.containers[0].securityContext.allowPrivilegeEscalation must be a boolean, got string "false"',
    ],
    [
      pod({ ports: [{ containerPort: '80' }] }),
      'spec.containers[0].ports[0].containerPort must be an integer, got string "80"',
    ],
    [
      pod({ ports: [{ containerPort: 80.5 }] }),
      'spec.containers[0].ports[0].containerPort must be an integer, got number 80.5',
    ],
    [
      pod({ ports: [{ containerPort: 2 ** 31 }] }),
      'spec.containers[0].ports[0].containerPort must be a 32-bit integer, got number 2147483648',
    ],
    [pod({ env: [{ name: 'A', value: true }] }), 'spec.containers[0].env[0].value must be a string, got boolean true'],
    [
      pod({ resources: { limits: { memory: '1GB' } } }),
      'spec.containers[0].resources.limits.memory must be a quantity such as "500m" or "1Gi", got string "1GB"',
    ],
    [
      pod({ resources: { limits: { cpu: true } } }),
      'spec.containers[0].resources.limits.cpu must be a quantity such as "500m" or "1Gi", got boolean true',
    ],
    [pod({ args: 'x' }), 'spec.containers[0].args must be a list, got string "x"'],
    [pod({ image: { $masked: 'jwt' } }), 'spec.containers[0].image must be a string, got an object'],
    [pod({ args: [{ $masked: 'jwt', more: 1 }] }), 'spec.containers[0].args[0] must be a string, got an object'],
    [pod({ args: [{ $masked: 'forged' }] }), 'spec.containers[0].args[0] must be a string, got an object'],
    [pod({}, { hostNetwork: 'yes' }), 'spec.hostNetwork must be a boolean, got string "yes"'],
    [pod({}, { initContainers: [null] }), 'spec.initContainers[0] must be an object, got null'],
    [
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { a: 1 } },
      'data.a must be a string, got number 1',
    ],
    [
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', annotations: { 'x.io/y': true } } },
      'metadata.annotations["x.io/y"] must be a string, got boolean true',
    ],
    [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: [] }, 'metadata must be an object, got a list'],
    [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 3 } }, 'metadata.name must be a string, got number 3'],
    [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: {} }, 'metadata.name must be set, or metadata.generateName'],
    [{ apiVersion: 'v1', kind: 'ConfigMap' }, 'metadata.name must be set, or metadata.generateName'],
    [
      { apiVersion: '', kind: 'ConfigMap', metadata: { name: 'a' } },
      'apiVersion must be a non-empty string, got string ""',
    ],
    [
      { apiVersion: 'v1', kind: 'Service', metadata: { name: 'a' }, spec: { ports: [{ port: 'http' }] } },
      'spec.ports[0].port must be an integer, got string "http"',
    ],
    [
      { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name: 'a' }, rules: [{ verbs: 'get' }] },
      'rules[0].verbs must be a list, got string "get"',
    ],
    [
      { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'a' }, spec: { replicas: '2' } },
      'spec.replicas must be an integer, got string "2"',
    ],
    [
      {
        apiVersion: 'x.io/v1',
        kind: 'CloneSet',
        metadata: { name: 'a' },
        spec: { template: { spec: { containers: [{ name: 'a', tty: 'x' }] } } },
      },
      'spec.template.spec.containers[0].tty must be a boolean, got string "x"',
    ],
  ] as [JsonObject, string][])('refuses a wrong type and says what would be right (%#)', (object, problem) => {
    expect(problems(object)).toEqual([problem]);
  });

  it('tells all mistakes of an object at once, up to fifty', () => {
    expect(problems(pod({ tty: 1, stdin: 1 }, { hostPID: 1 }))).toHaveLength(3);
    expect(problems(pod({ args: Array.from({ length: 200 }, () => 1) }))).toHaveLength(50);
  });

  it('refuses an object nested a hundred thousand deep and lives on', () => {
    const deep = (levels: number) =>
      JSON.parse(
        `{"apiVersion":"x.io/v1","kind":"T","metadata":{"name":"a"},"x":${'['.repeat(levels)}${']'.repeat(levels)}}`,
      ) as JsonObject;
    expect(problems(deep(100_000))).toEqual([' must not be nested deeper than 100 levels']);
    expect(problems(deep(101))).toHaveLength(1);
    expect(problems(deep(90))).toEqual([]);
  });

  it('takes what Kubernetes takes', () => {
    const right = pod(
      {
        ports: [{ containerPort: 80 }],
        livenessProbe: { httpGet: { port: 'http' } },
        readinessProbe: { tcpSocket: { port: 8080 } },
        resources: {
          limits: { cpu: 0.5, memory: '1e3', 'nvidia.com/gpu': 1, storage: ' 5Gi ' },
          requests: { cpu: '+.5', memory: '128Mi' },
        },
        future: { anything: [true] },
      },
      { securityContext: { runAsUser: 2 ** 40 }, volumes: [{ name: 'v', emptyDir: null, mystery: 3 }] },
    );
    expect(problems(right)).toEqual([]);
    expect(
      problems({
        apiVersion: 'x.io/v1',
        kind: 'Thing',
        metadata: { name: 'a' },
        spec: { replicas: '2', containers: 1 },
      }),
    ).toEqual([]);
  });

  it.each([
    ['v1', 'Pod', 'My_Pod', 'must be a DNS subdomain'],
    ['v1', 'Service', '1st', 'must be a DNS label that begins with a letter'],
    ['v1', 'Namespace', 'a.b', 'must be a DNS label'],
    ['v1', 'Pod', 'x'.repeat(254), 'at most 253 characters'],
    ['rbac.authorization.k8s.io/v1', 'ClusterRole', 'a/b', 'must be a name without "/" and "%"'],
    ['rbac.authorization.k8s.io/v1', 'ClusterRole', '..', 'must be a name without "/" and "%"'],
    ['x.io/v1', 'Thing', 'a%b', 'must be a name without "/" and "%"'],
    ['v1', 'Pod', '{{ .Values.name }}', 'a template must be rendered first'],
  ])('refuses the name of a %s %s: %s', (apiVersion, kind, name, message) => {
    expect(problems({ apiVersion, kind, metadata: { name } })).toEqual([expect.stringContaining(message)]);
  });

  it('takes the names that only some kinds may have', () => {
    expect(
      problems({
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRole',
        metadata: { name: 'system:node-proxier' },
      }),
    ).toEqual([]);
    expect(problems({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'kube-root-ca.crt' } })).toEqual([]);
    expect(problems({ apiVersion: 'batch/v1', kind: 'Job', metadata: { generateName: 'import-' } })).toEqual([]);
    expect(problems({ apiVersion: 'batch/v1', kind: 'Job', metadata: { generateName: '-Import' } })).toHaveLength(1);
    expect(problems({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', namespace: 'A_b' } })).toHaveLength(1);
  });

  it('is not fooled by keys that every JavaScript object has', () => {
    const object = JSON.parse(
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"__proto__":"x","constructor":"y"}}',
    ) as JsonObject;
    const result = accepted(object);
    expect(JSON.stringify(result.object['data'])).toBe('{"__proto__":"x","constructor":"y"}');
    expect(
      problems(pod(JSON.parse('{"__proto__":{"privileged":true},"toString":1,"hasOwnProperty":2}') as JsonObject)),
    ).toEqual([]);
  });
});

/** Objects of known and unknown kinds, with odd keys, nulls and values that look like secrets. */
const jsonValue = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.string(),
    fc.constantFrom(
      'AKIAIOSFODNN7EXAMPLE',
      'postgres://u:pass-w0rd@h/db',
      '-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----',
      '--password=Hunter2Hunter2',
    ),
    fc.array(tie('value')),
    fc.dictionary(
      fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'status', 'metadata', '$masked')),
      tie('value'),
    ),
  ) as fc.Arbitrary<Json>,
})).value;
const text = fc.oneof(
  fc.string(),
  fc.constantFrom(
    'ghp_0123456789abcdefghijABCDEFGHIJ012345',
    'token=Zx9$kQ2-vBn7pLm',
    'true',
    '/etc/x',
    'hunter2hunter2',
  ),
);
const anyObject = fc
  .record({
    kind: fc.constantFrom(['v1', 'ConfigMap'], ['v1', 'Secret'], ['v1', 'Pod'], ['x.io/v1', 'Thing']),
    annotations: fc.dictionary(fc.string(), text),
    data: fc.dictionary(fc.constantFrom('password', 'a', '__proto__', 'token.txt', 'DB_TOKEN'), text),
    env: fc.array(fc.record({ name: fc.constantFrom('PASSWORD', 'A', 'TOKEN_FILE'), value: text })),
    args: fc.array(fc.oneof(text, fc.constantFrom('--password', '--token'))),
    extra: jsonValue,
  })
  .map(({ kind: [apiVersion = '', kind = ''], annotations, data, env, args, extra }): JsonObject => ({
    apiVersion,
    kind,
    metadata: { name: 'a', namespace: 'n', annotations, managedFields: null, uid: 'u' },
    ...(kind === 'ConfigMap' || kind === 'Secret' ? { data } : {}),
    spec: { containers: [{ name: 'c', env, args }], extra },
    status: extra,
  }));

describe('normalising, whatever the object', () => {
  it('changes nothing the second time, and never says two things of one object', () => {
    fc.assert(
      fc.property(anyObject, (object) => {
        const first = accepted(object, { hmacKey: Buffer.from('k') });
        const second = accepted(first.object);
        expect(JSON.stringify(second.object)).toBe(JSON.stringify(first.object));
        expect(second.identity).toEqual(first.identity);
        expect(second.attributes.masked).toEqual([]);
        expect(JSON.stringify(accepted(structuredClone(object)).object)).toBe(JSON.stringify(first.object));
      }),
      { numRuns: 300 },
    );
  });
});
