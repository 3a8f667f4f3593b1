import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '#kernel';
import { RelatedCluster } from '../support/related-cluster.js';
import { TestPlatform } from '../support/test-platform.js';

const API_GROUP = 'rbac.authorization.k8s.io';
const PATCHES = [{ apiGroups: ['apps'], resources: ['deployments'], verbs: ['get', 'patch'] }];
const READS = [{ apiGroups: ['apps'], resources: ['deployments'], verbs: ['get'] }];

function aRole(name: string, rules: JsonObject[], namespace?: string): JsonObject {
  const kind = namespace === undefined ? 'ClusterRole' : 'Role';
  return {
    apiVersion: `${API_GROUP}/v1`,
    kind,
    metadata: { name, uid: `uid-of-${kind}-${name}`, ...(namespace !== undefined && { namespace }) },
    rules,
  };
}

function aBinding(name: string, namespace: string, kind: 'Role' | 'ClusterRole', role: string): JsonObject {
  return {
    apiVersion: `${API_GROUP}/v1`,
    kind: 'RoleBinding',
    metadata: { name, namespace, uid: `uid-of-RoleBinding-${namespace}-${name}` },
    roleRef: { apiGroup: API_GROUP, kind, name: role },
    subjects: [{ apiGroup: API_GROUP, kind: 'User', name: 'jane' }],
  };
}

describe('a RoleBinding', () => {
  let platform: TestPlatform;
  let cluster: RelatedCluster;
  let clusters = 0;
  beforeAll(async () => {
    platform = await TestPlatform.start();
    await RelatedCluster.bind(platform, 'rolebinding-patch-approved');
  });
  beforeEach(async () => {
    cluster = await RelatedCluster.enroll(platform, 'rolebinding-patch-approved', `cluster-${clusters++}`);
  });
  afterAll(() => platform.stop());

  const failing = (): Promise<string[]> => cluster.view.failing();
  const counted = async (): Promise<{ objects: unknown; evaluated: unknown }> => {
    const { counts } = await cluster.view.lastRun();
    return { objects: counts['objects'], evaluated: counts['evaluated'] };
  };

  it('is judged again when the Role that it names appears, changes and goes', async () => {
    await cluster.view.list(aBinding('deployers', 'shop', 'Role', 'deployer'));
    expect([await failing(), await cluster.view.counts()]).toEqual([[], { pass: 0, fail: 0 }]);
    await cluster.view.put(aRole('deployer', PATCHES, 'shop'));
    expect(await failing()).toEqual(['RoleBinding deployers']);
    await cluster.view.put(aRole('deployer', READS, 'shop'));
    expect([await failing(), await cluster.view.counts()]).toEqual([[], { pass: 1, fail: 0 }]);
    expect(await cluster.view.resolved()).toEqual(['RoleBinding deployers: fixed']);
    await cluster.view.remove(aRole('deployer', READS, 'shop'));
    expect([await failing(), await cluster.view.counts()]).toEqual([[], { pass: 0, fail: 0 }]);
  });

  it('is not judged for Roles that it does not name', async () => {
    const bindings = [aBinding('a', 'shop', 'Role', 'deployer'), aBinding('b', 'data', 'Role', 'deployer')];
    await cluster.view.list(...bindings, aBinding('c', 'shop', 'ClusterRole', 'deployer'));
    await cluster.view.put(aRole('deployer', PATCHES, 'shop'));
    expect([await failing(), await counted()]).toEqual([['RoleBinding a'], { objects: 2, evaluated: 2 }]);
    await cluster.view.put(aRole('other', PATCHES, 'shop'));
    expect(await counted()).toEqual({ objects: 1, evaluated: 1 });
    await cluster.view.put(aRole('deployer', PATCHES));
    expect(await failing()).toEqual(['RoleBinding a', 'RoleBinding c']);
  });

  it('in any namespace is judged again when its ClusterRole changes', async () => {
    await cluster.view.list(
      aBinding('a', 'shop', 'ClusterRole', 'deployer'),
      aBinding('b', 'data', 'ClusterRole', 'deployer'),
      aRole('deployer', READS),
    );
    expect(await failing()).toEqual([]);
    await cluster.view.put(aRole('deployer', PATCHES));
    expect(await failing()).toEqual(['RoleBinding a', 'RoleBinding b']);
  });

  it('that names another role is judged by that one from then on', async () => {
    await cluster.view.list(
      aBinding('a', 'shop', 'Role', 'reader'),
      aRole('reader', READS, 'shop'),
      aRole('deployer', READS, 'shop'),
    );
    await cluster.view.put(aBinding('a', 'shop', 'Role', 'deployer'));
    await cluster.view.put(aRole('deployer', PATCHES, 'shop'));
    expect(await failing()).toEqual(['RoleBinding a']);
    await cluster.view.put(aRole('reader', PATCHES, 'shop'));
    expect(await counted()).toEqual({ objects: 1, evaluated: 1 });
  });

  it('says the same in CI: from what is posted, over what the cluster has', async () => {
    const binding = aBinding('deployers', 'shop', 'Role', 'deployer');
    const [unresolved = ''] = await cluster.alone(binding);
    expect(unresolved).toMatch(/^RoleBinding deployers skipped: Role "deployer"/);
    expect(await cluster.inCi(binding)).toEqual([unresolved]);
    const [failed = ''] = await cluster.alone(binding, aRole('deployer', PATCHES, 'shop'));
    expect(failed).toContain('jane');
    expect(await cluster.alone(binding, aRole('deployer', PATCHES, 'data'))).toEqual([unresolved]);
    await cluster.view.list(aRole('deployer', PATCHES, 'shop'));
    expect(await cluster.inCi(binding)).toEqual([failed]);
    expect(await cluster.inCi(binding, aRole('deployer', READS, 'shop'))).toEqual([]);
    await cluster.view.put(binding);
    expect((await cluster.view.violations())[0]?.findings[0]?.message).toBe(
      failed.replace('RoleBinding deployers: ', ''),
    );
  });
});
