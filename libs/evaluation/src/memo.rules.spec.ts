import { describe, expect, it } from '@jest/globals';
import type { EffectiveCheck } from '#decision';
import { memoChange, memoOf, sliceOf, type MemoParts } from './memo.rules.js';

const aNamespace = (labels: Record<string, string>) => ({ kind: 'Namespace', metadata: { name: 'shop', labels } });
const parts: MemoParts = {
  settling: null,
  bodyHash: Buffer.alloc(32, 1),
  engine: 'e1',
  kubernetesVersion: '1.33',
  writtenAs: 'apps/v1',
  namespace: aNamespace({ team: 'shop', tier: 'gold' }),
  related: { 'replicas-minimum': { horizontal_pod_autoscalers: [{ spec: { minReplicas: 2, maxReplicas: 4 } }] } },
  fold: 'f1',
};
const aCheck: EffectiveCheck = {
  checkId: 7,
  policyId: 'p',
  slug: 'no-latest-tag',
  instance: '',
  title: 'No latest tag',
  version: 1,
  severity: 'medium',
  category: 'reliability',
  kinds: ['Pod'],
  origin: 'builtin',
  parameters: { denied_tags: ['latest'], exclude_images: [] },
  enforcement: 'audit',
  bindings: ['b'],
};

describe('an object is judged again', () => {
  it.each<[string, Partial<MemoParts>]>([
    ['its content', { bodyHash: Buffer.alloc(32, 9) }],
    ['the engine', { engine: 'e2' }],
    ['whether it has settled', { settling: '2026-11-24T12:00:00.000Z' }],
    ['the cluster’s version', { kubernetesVersion: '1.34' }],
    ['the API version in which it is written', { writtenAs: 'apps/v1beta2' }],
    ['whether the cluster’s version is known', { kubernetesVersion: null }],
    ['a label of its namespace', { namespace: aNamespace({ team: 'data', tier: 'gold' }) }],
    ['an annotation of its namespace', { namespace: { ...aNamespace({ team: 'shop', tier: 'gold' }), extra: 1 } }],
    ['whether its namespace is known', { namespace: undefined }],
    ['what its controller fails in', { fold: 'f2' }],
    ['whether something controls it', { fold: null }],
  ])('by all policies where %s changed', (_what, change) => {
    expect(memoChange(memoOf(parts), memoOf({ ...parts, ...change }))).toBe('own');
  });

  it.each<[string, MemoParts['related']]>([
    [
      'another object is beside it',
      { 'replicas-minimum': { horizontal_pod_autoscalers: [{ spec: { minReplicas: 1 } }] } },
    ],
    ['nothing is beside it any more', { 'replicas-minimum': { horizontal_pod_autoscalers: [] } }],
    ['nothing looks beside it any more', {}],
  ])('by policies that look beside it where %s', (_what, related) => {
    expect(memoChange(memoOf(parts), memoOf({ ...parts, related }))).toBe('beside');
    expect(memoChange(memoOf({ ...parts, related }), memoOf(parts))).toBe('beside');
  });

  it('where nothing is known of it', () => {
    expect(memoChange(null, memoOf(parts))).toBe('own');
  });

  it('not where the same is only written in another order', () => {
    const reordered: MemoParts = {
      ...parts,
      namespace: aNamespace({ tier: 'gold', team: 'shop' }),
      related: { 'replicas-minimum': { horizontal_pod_autoscalers: [{ spec: { maxReplicas: 4, minReplicas: 2 } }] } },
    };
    expect(memoChange(memoOf(parts), memoOf(reordered))).toBe('none');
  });
});

describe('what is checked', () => {
  it.each<[string, Partial<EffectiveCheck>]>([
    ['the check', { checkId: 8 }],
    ['the policy', { slug: 'image-by-digest' }],
    ['its version', { version: 2 }],
    ['its severity', { severity: 'high' }],
    ['a parameter', { parameters: { denied_tags: ['latest', 'dev'], exclude_images: [] } }],
  ])('differs with %s', (_what, change) => {
    expect(sliceOf([{ ...aCheck, ...change }])).not.toEqual(sliceOf([aCheck]));
  });

  it('differs with the number of checks', () => {
    expect(sliceOf([aCheck, { ...aCheck, checkId: 8 }])).not.toEqual(sliceOf([aCheck]));
    expect(sliceOf([])).not.toEqual(sliceOf([aCheck]));
  });

  it.each<[string, Partial<EffectiveCheck>]>([
    ['the order of a parameter’s keys', { parameters: { exclude_images: [], denied_tags: ['latest'] } }],
    ['what happens to a failing object', { enforcement: 'deny' }],
    ['which bindings it comes from', { bindings: ['c', 'b'] }],
  ])('is the same whatever %s', (_what, change) => {
    expect(sliceOf([{ ...aCheck, ...change }])).toEqual(sliceOf([aCheck]));
  });

  it('keeps the digest of each check, whatever stands beside it', () => {
    const both = sliceOf([aCheck, { ...aCheck, checkId: 8, version: 2 }]);
    expect(both.checkDigests[0]).toEqual(sliceOf([aCheck]).checkDigests[0]);
    expect(both.checkDigests[1]).not.toEqual(both.checkDigests[0]);
  });

  it('is worked out once for objects that have the same list', () => {
    const list = [aCheck];
    expect(sliceOf(list)).toBe(sliceOf(list));
    expect(sliceOf(list)).not.toBe(sliceOf([aCheck]));
  });
});
