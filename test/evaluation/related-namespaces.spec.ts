import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '#kernel';
import type { RelatedDeclaration } from '#engine';
import { BuiltInLibrary } from '#policies';
import { RelatedCluster } from '../support/related-cluster.js';
import { TestPlatform } from '../support/test-platform.js';
import { aNamespace, aPod } from '../support/workloads.js';

const aQuota = (namespace: string, hard: JsonObject = { pods: '10' }): JsonObject => ({
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: 'quota', namespace, uid: `uid-of-quota-${namespace}` },
  spec: { hard },
});

describe('a Namespace', () => {
  let platform: TestPlatform;
  let cluster: RelatedCluster;
  let clusters = 0;
  beforeAll(async () => {
    platform = await TestPlatform.start();
    await RelatedCluster.bind(platform, 'namespace-quota-present');
  });
  beforeEach(async () => {
    cluster = await RelatedCluster.enroll(platform, 'namespace-quota-present', `cluster-${clusters++}`);
  });
  afterAll(() => platform.stop());

  const failing = (): Promise<string[]> => cluster.view.failing();

  it('is judged again when its quota comes, changes and goes', async () => {
    await cluster.view.list(aNamespace('shop', {}), aNamespace('data', {}), aQuota('data'));
    expect(await failing()).toEqual(['Namespace shop']);
    await cluster.view.put(aQuota('shop'));
    expect(await failing()).toEqual([]);
    await cluster.view.put(aQuota('shop', {}));
    expect(await failing()).toEqual(['Namespace shop']);
    await cluster.view.put(aQuota('shop', { pods: '20' }));
    await cluster.view.remove(aQuota('shop'));
    expect(await failing()).toEqual(['Namespace shop']);
  });

  it('is not judged for what else comes into it, nor for another’s quota', async () => {
    await cluster.view.list(aNamespace('shop', {}), aNamespace('data', {}));
    await cluster.view.put(aPod('a', 'nginx:1.27'));
    expect((await cluster.view.lastRun()).counts).toMatchObject({ objects: 1 });
    await cluster.view.put(aQuota('data'));
    expect(await failing()).toEqual(['Namespace shop']);
    expect((await cluster.view.lastRun()).counts).toMatchObject({ objects: 2 });
  });

  it('without a cluster is skipped, whatever is posted beside it; with one it is judged by what that has', async () => {
    const shop = aNamespace('shop', {});
    const unknown = [expect.stringMatching(/^Namespace shop skipped: .*no cluster/)];
    expect(await cluster.alone(shop)).toEqual(unknown);
    expect(await cluster.alone(shop, aQuota('shop'))).toEqual(unknown);
    expect(await cluster.inCi(shop)).toEqual([expect.stringContaining('has no ResourceQuota')]);
    expect(await cluster.inCi(shop, aQuota('shop'))).toEqual([]);
    await cluster.view.list(aQuota('shop'));
    expect(await cluster.inCi(shop)).toEqual([]);
    expect(await cluster.inCi(shop, aQuota('shop', {}))).toEqual([expect.stringContaining('spec.hard is empty')]);
  });

  it('is not blamed for a quota that the agent has not come to yet, only for one that it did not find', async () => {
    await cluster.view.list(aNamespace('old', {}));
    await cluster.view.listPart(aNamespace('shop', {}), aNamespace('data', {}));
    expect(await failing()).toEqual(['Namespace old']);
    expect(await cluster.inCi(aNamespace('new', {}))).toEqual([
      expect.stringMatching(/^Namespace new skipped: .*still being listed/),
    ]);
    await cluster.view.listEnd(aQuota('data'), aNamespace('old', {}));
    expect(await failing()).toEqual(['Namespace old', 'Namespace shop']);
  });

  it('passes no policy that could not look at what it needs; in a cluster, where it can, it does', async () => {
    const needing: RelatedDeclaration = {
      name: 'q',
      kind: 'ResourceQuota',
      select: 'same_namespace',
      need: 'complete',
    };
    const metadata = platform.app.get(BuiltInLibrary).metadata('no-latest-tag');
    metadata?.related.push(needing);
    try {
      const policy = await RelatedCluster.enroll(platform, 'no-latest-tag', `cluster-${clusters++}`);
      const pods = [aPod('good', 'nginx:1.27'), aPod('bad', 'nginx')];
      expect(await policy.alone(...pods)).toEqual([
        expect.stringMatching(/^Pod bad: /),
        'Pod good skipped: no ResourceQuota can be looked up: name a cluster',
      ]);
      expect(await policy.inCi(...pods)).toEqual([expect.stringMatching(/^Pod bad: /)]);
      await policy.view.list(...pods);
      expect(await policy.view.counts()).toEqual({ pass: 1, fail: 1 });
    } finally {
      metadata?.related.pop();
    }
  });
});
