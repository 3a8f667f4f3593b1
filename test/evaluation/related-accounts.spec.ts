import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '#kernel';
import { RelatedCluster } from '../support/related-cluster.js';
import { TestPlatform } from '../support/test-platform.js';

const API_GROUP = 'rbac.authorization.k8s.io';

function anAccount(name: string, namespace = 'shop'): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name, namespace, uid: `uid-of-ServiceAccount-${namespace}-${name}` },
  };
}

function aBinding(name: string, ...subjects: JsonObject[]): JsonObject {
  return {
    apiVersion: `${API_GROUP}/v1`,
    kind: 'RoleBinding',
    metadata: { name, namespace: 'shop', uid: `uid-of-RoleBinding-${name}` },
    roleRef: { apiGroup: API_GROUP, kind: 'ClusterRole', name: 'view' },
    subjects,
  };
}

const account = (name: string, namespace?: string): JsonObject => ({
  kind: 'ServiceAccount',
  name,
  ...(namespace !== undefined && { namespace }),
});

describe('a RoleBinding that names ServiceAccounts', () => {
  let platform: TestPlatform;
  let cluster: RelatedCluster;
  let clusters = 0;
  beforeAll(async () => {
    platform = await TestPlatform.start();
    await RelatedCluster.bind(platform, 'rolebinding-subject-exists');
  });
  beforeEach(async () => {
    cluster = await RelatedCluster.enroll(platform, 'rolebinding-subject-exists', `cluster-${clusters++}`);
  });
  afterAll(() => platform.stop());

  const failing = (): Promise<string[]> => cluster.view.failing();

  it('fails while one of them is missing, be it the only one, and is judged again when it comes and goes', async () => {
    await cluster.view.list(aBinding('one', account('app')), aBinding('two', account('app'), account('job')));
    expect(await failing()).toEqual(['RoleBinding one', 'RoleBinding two']);
    await cluster.view.put(anAccount('app'));
    expect(await failing()).toEqual(['RoleBinding two']);
    await cluster.view.put(anAccount('job'));
    expect(await failing()).toEqual([]);
    await cluster.view.remove(anAccount('app'));
    expect(await failing()).toEqual(['RoleBinding one', 'RoleBinding two']);
  });

  it('finds one of another namespace where the subject says so, and not where it doesn’t', async () => {
    await cluster.view.list(
      anAccount('app', 'ci'),
      aBinding('there', account('app', 'ci')),
      aBinding('here', account('app')),
    );
    expect(await failing()).toEqual(['RoleBinding here']);
  });

  it('without a cluster is skipped; with one it is judged by what that has, and by what is posted over it', async () => {
    await cluster.view.list(anAccount('app'));
    const binding = aBinding('one', account('app'), account('job'));
    expect(await cluster.alone(binding, anAccount('job'))).toEqual([
      expect.stringMatching(/^RoleBinding one skipped: .*no cluster was named/),
    ]);
    expect(await cluster.inCi(binding)).toEqual([
      expect.stringContaining('ServiceAccount "shop/job" doesn\'t exist, yet gets ClusterRole "view"'),
    ]);
    expect(await cluster.inCi(binding, anAccount('job'))).toEqual([]);
  });

  it('that names only people is left alone', async () => {
    await cluster.view.list(aBinding('people', { apiGroup: API_GROUP, kind: 'User', name: 'jane' }));
    expect([await failing(), await cluster.view.counts()]).toEqual([[], { pass: 0, fail: 0 }]);
  });
});
