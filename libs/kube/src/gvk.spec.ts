import { describe, it, expect } from '@jest/globals';
import type { JsonObject } from '#kernel';
import { apiVersionOf, effectiveNamespace, gvkOf, parseGvk, scopeOf } from './gvk.js';
import { globMatches, kindMatches } from './kind-match.js';
import { podTemplateOf } from './pod-spec.js';

const pod = (spec: JsonObject): JsonObject => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec });

describe('kinds', () => {
  it('tells the core group from others', () => {
    expect(parseGvk('v1', 'Pod')).toEqual({ group: '', version: 'v1', kind: 'Pod' });
    expect(parseGvk('apps/v1', 'Deployment')).toEqual({ group: 'apps', version: 'v1', kind: 'Deployment' });
    expect(apiVersionOf(parseGvk('apps/v1', 'x'))).toBe('apps/v1');
    expect(apiVersionOf(parseGvk('v1', 'x'))).toBe('v1');
    expect(gvkOf({ apiVersion: 'v1', kind: 3 })).toBeUndefined();
  });

  it('takes an unknown kind without a namespace as cluster-scoped, and says that it assumed so', () => {
    expect(scopeOf({ group: 'example.com', kind: 'Thing' }, false)).toEqual({ scope: 'Cluster', assumed: true });
    expect(scopeOf({ group: 'example.com', kind: 'Thing' }, true)).toEqual({ scope: 'Namespaced', assumed: false });
    expect(scopeOf({ group: '', kind: 'Pod' }, false)).toEqual({ scope: 'Namespaced', assumed: false });
    expect(scopeOf({ group: 'rbac.authorization.k8s.io', kind: 'ClusterRole' }, true)).toEqual({
      scope: 'Cluster',
      assumed: false,
    });
  });

  it('does not mix up kinds of one name in different groups', () => {
    expect(scopeOf({ group: 'serving.knative.dev', kind: 'Service' }, false).scope).toBe('Namespaced');
    expect(scopeOf({ group: 'example.com', kind: 'Service' }, false)).toEqual({ scope: 'Cluster', assumed: true });
  });

  it('assumes the given namespace, else default, and none for what is cluster-scoped', () => {
    const kind = { group: 'apps', kind: 'Deployment' };
    expect(effectiveNamespace(kind, 'a', 'b')).toMatchObject({ namespace: 'a', namespaceAssumed: false });
    expect(effectiveNamespace(kind, undefined, 'b')).toMatchObject({ namespace: 'b', namespaceAssumed: true });
    expect(effectiveNamespace(kind, '', '')).toMatchObject({ namespace: 'default', namespaceAssumed: true });
    expect(effectiveNamespace({ group: '', kind: 'Node' }, 'a')).toMatchObject({ namespace: '', scope: 'Cluster' });
  });
});

describe('patterns of kinds', () => {
  const deployment = { group: 'apps', kind: 'Deployment' };
  it.each([
    ['Deployment', true],
    ['apps/Deployment', true],
    ['extensions/Deployment', false],
    ['*', true],
    ['*/*', true],
    ['apps/*', true],
    ['Deploy*', true],
    ['deployment', false],
    ['/Deployment', false],
    ['@pod-spec', true],
    ['@long-running', true],
    ['@namespaced', true],
    ['@nothing', false],
  ])('%s means a Deployment: %s', (pattern, expected) => {
    expect(kindMatches(pattern, deployment)).toBe(expected);
  });

  it('names the core group by nothing or by core', () => {
    const kind = { group: '', kind: 'Pod' };
    expect(['/Pod', 'core/Pod', 'Pod', '*/Pod', 'apps/Pod'].map((pattern) => kindMatches(pattern, kind))).toEqual([
      true,
      true,
      true,
      true,
      false,
    ]);
  });

  it('takes a Pod as long-running unless it is not restarted', () => {
    const kind = { group: '', kind: 'Pod' };
    expect(kindMatches('@long-running', kind)).toBe(true);
    expect(kindMatches('@long-running', kind, pod({}))).toBe(true);
    expect(kindMatches('@long-running', kind, pod({ restartPolicy: 'Always' }))).toBe(true);
    expect(kindMatches('@long-running', kind, pod({ restartPolicy: 'Never' }))).toBe(false);
    expect(kindMatches('@long-running', { group: 'batch', kind: 'Job' })).toBe(false);
  });

  it('sees a custom kind as holding a pod spec only with the object', () => {
    const kind = { group: 'example.com', kind: 'CloneSet' };
    const object = {
      apiVersion: 'example.com/v1',
      kind: 'CloneSet',
      spec: { template: { spec: { containers: [{ name: 'a' }] } } },
    };
    expect(kindMatches('@pod-spec', kind)).toBe(false);
    expect(kindMatches('@pod-spec', kind, object)).toBe(true);
    expect(kindMatches('@long-running', kind, object)).toBe(false);
  });

  it('is not slowed down by a pattern made of stars', () => {
    expect(globMatches('*a'.repeat(50) + 'b', 'a'.repeat(5000))).toBe(false);
    expect(globMatches('a?c*', 'abcdef')).toBe(true);
    expect(globMatches('', '')).toBe(true);
    expect(globMatches('*', '')).toBe(true);
    expect(globMatches('a', 'ab')).toBe(false);
  });
});

describe('pod specs', () => {
  const spec = { containers: [{ name: 'a' }] };
  const template = { metadata: { labels: { a: 'b' } }, spec };
  it.each([
    ['v1', 'Pod', { spec, metadata: {} }, 'spec', 'metadata'],
    ['v1', 'PodTemplate', { template }, 'template.spec', 'template.metadata'],
    ['v1', 'ReplicationController', { spec: { template } }, 'spec.template.spec', 'spec.template.metadata'],
    [
      'batch/v1',
      'CronJob',
      { spec: { jobTemplate: { spec: { template } } } },
      'spec.jobTemplate.spec.template.spec',
      'spec.jobTemplate.spec.template.metadata',
    ],
    [
      'batch/v1beta1',
      'CronJob',
      { spec: { jobTemplate: { spec: { template: { spec } } } } },
      'spec.jobTemplate.spec.template.spec',
      undefined,
    ],
    [
      'apps.openshift.io/v1',
      'DeploymentConfig',
      { spec: { template } },
      'spec.template.spec',
      'spec.template.metadata',
    ],
    ['argoproj.io/v1alpha1', 'Rollout', { spec: { template } }, 'spec.template.spec', 'spec.template.metadata'],
    ['serving.knative.dev/v1', 'Service', { spec: { template } }, 'spec.template.spec', 'spec.template.metadata'],
    ['example.com/v1', 'Anything', { spec: { template } }, 'spec.template.spec', 'spec.template.metadata'],
  ])('is found in %s %s', (apiVersion, kind, body, path, metadataPath) => {
    const found = podTemplateOf({ apiVersion, kind, ...body });
    expect(found).toMatchObject({ podSpec: spec, path });
    expect(found?.metadataPath).toBe(metadataPath);
  });

  it.each([
    ['example.com/v1', 'Thing', { spec: { template: { spec: { containers: ['a'] } } } }],
    ['example.com/v1', 'Thing', { spec: { template: { spec: { containers: [] } } } }],
    ['example.com/v1', 'Thing', { spec: { template: 'text' } }],
    ['apps/v1', 'Deployment', { spec: null }],
  ])('is not made up in %s %s', (apiVersion, kind, body) => {
    expect(podTemplateOf({ apiVersion, kind, ...body })).toBeUndefined();
  });
});
