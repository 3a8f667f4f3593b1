import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { requirePublicId, type JsonObject } from '#kernel';
import { BuiltInLibrary } from '#policies';
import { RelatedCluster } from '../support/related-cluster.js';
import { TestPlatform } from '../support/test-platform.js';
import { aPod, aWorkload, controlledBy } from '../support/workloads.js';

const PATHS = ['@pod.containers[].ports[].hostPort', '@pod.initContainers[].ports[].hostPort'];

/** A Deployment whose container takes these ports of its node. */
function taking(name: string, namespace: string, ...hostPorts: number[]): JsonObject & { metadata: JsonObject } {
  const workload = aWorkload('Deployment', name, 'nginx:1.27');
  const ports = hostPorts.map((hostPort) => ({ containerPort: 8_080, hostPort }));
  return {
    ...workload,
    metadata: { ...workload.metadata, namespace },
    spec: {
      selector: {},
      replicas: 2,
      template: { spec: { containers: [{ name: 'app', image: 'nginx:1.27', ...(ports.length > 0 && { ports }) }] } },
    },
  };
}

describe('workloads that take a port of the node', () => {
  let platform: TestPlatform;
  let cluster: RelatedCluster;
  let clusters = 0;
  beforeAll(async () => {
    platform = await TestPlatform.start();
    await RelatedCluster.bind(platform, 'host-port-unique');
  });
  beforeEach(async () => {
    cluster = await RelatedCluster.enroll(platform, 'host-port-unique', `cluster-${clusters++}`);
  });
  afterAll(() => platform.stop());

  const failing = (): Promise<string[]> => cluster.view.failing();
  const counts = async (): Promise<object> => {
    const run = await cluster.view.lastRun();
    return { objects: run.counts['objects'], evaluated: run.counts['evaluated'], reused: run.counts['reused'] };
  };
  const rows = (): Promise<unknown[]> =>
    platform.query(
      `select k.path, k.key, o.name from app.object_key k join app.inventory_object o on o.org_id = k.org_id and o.object_id = k.object_id
       where k.cluster_id = $1 order by o.name, k.key`,
      [requirePublicId('cluster', cluster.clusterId)],
    );

  it('fail both where they take the same one, in whatever namespace; one goes, and the other is fixed', async () => {
    const other = taking('api', 'data', 9_100);
    await cluster.view.list(taking('web', 'shop', 9_100), other, taking('alone', 'shop', 9_200));
    expect(await failing()).toEqual(['Deployment api: app', 'Deployment web: app']);
    await cluster.view.remove(other);
    expect(await failing()).toEqual([]);
    expect(await cluster.view.resolved()).toEqual(['Deployment api: deleted', 'Deployment web: fixed']);
  });

  it('fail as soon as a second one comes, and are fixed when it takes another; others aren’t looked at', async () => {
    await cluster.view.list(taking('web', 'shop', 9_100), taking('alone', 'shop', 9_200), taking('none', 'shop'));
    expect(await failing()).toEqual([]);
    await cluster.view.put(taking('api', 'data', 9_100));
    expect(await failing()).toEqual(['Deployment api: app', 'Deployment web: app']);
    expect(await counts()).toEqual({ objects: 2, evaluated: 2, reused: 0 });
    await cluster.view.put(taking('api', 'data', 9_200));
    expect(await failing()).toEqual(['Deployment alone: app', 'Deployment api: app']);
    expect(await counts()).toEqual({ objects: 3, evaluated: 3, reused: 0 });
    await cluster.view.put(taking('api', 'data'));
    expect(await failing()).toEqual([]);
    expect(await counts()).toEqual({ objects: 2, evaluated: 2, reused: 0 });
  });

  it('are not judged again for what the policy does not look at', async () => {
    const web = taking('web', 'shop', 9_100);
    await cluster.view.list(web, taking('api', 'data', 9_100));
    await cluster.view.put({ ...web, metadata: { ...web.metadata, labels: { team: 'shop' } } });
    expect(await counts()).toEqual({ objects: 2, evaluated: 1, reused: 1 });
  });

  it('meet in init containers too, and with the pods of others', async () => {
    const init = [{ name: 'init', image: 'nginx:1.27', ports: [{ containerPort: 1, hostPort: 9_100 }] }];
    await cluster.view.list(
      taking('web', 'shop', 9_100),
      aPod('p', 'nginx:1.27', undefined, { spec: { initContainers: init } }),
    );
    expect(await failing()).toEqual(['Deployment web: app', 'Pod p: init']);
  });

  it('leave no row behind when they go, are kept once, and only where they take one', async () => {
    const web = taking('web', 'shop', 9_100, 9_100, 9_200);
    await cluster.view.list(web, taking('none', 'shop'));
    const [path] = PATHS;
    const row = (key: string, name = 'web'): object => ({ path, key, name });
    expect(await rows()).toEqual([row('9100'), row('9200')]);
    await cluster.view.put(taking('web', 'shop', 9_200, 9_300));
    expect(await rows()).toEqual([row('9200'), row('9300')]);
    await cluster.view.remove(web);
    expect(await rows()).toEqual([]);
  });

  it('are found again by a run that was killed after it had begun', async () => {
    const web = taking('web', 'shop', 9_100);
    await cluster.view.list(web, taking('api', 'data', 9_100));
    expect(await failing()).toHaveLength(2);
    await cluster.view.agent.send([{ op: 'upsert', object: taking('api', 'data', 9_300) }]);
    const library = platform.app.get(BuiltInLibrary);
    const get = (): never => {
      throw new Error('killed');
    };
    Object.defineProperty(library, 'digest', { get, configurable: true });
    await expect(platform.settle()).rejects.toThrow('killed');
    Reflect.deleteProperty(library, 'digest');
    expect(await rows()).toHaveLength(3);
    await platform.query(`update app.run set lease_until = requested_at where status = 'running'`);
    await platform.settle();
    expect(await failing()).toEqual([]);
    expect(await rows()).toHaveLength(2);
  });

  it('that are one family don’t stand in each other’s way', async () => {
    const web = taking('web', 'shop', 9_100);
    const owner = controlledBy({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: web.metadata as never });
    const set = aWorkload('ReplicaSet', 'web-1', 'nginx:1.27', owner);
    await cluster.view.list(web, { ...set, spec: { ...(web['spec'] as JsonObject) } });
    expect(await failing()).toEqual([]);
  });

  describe('in CI', () => {
    it('are told alike, from what was posted and from the named cluster’s inventory', async () => {
      await cluster.view.list(taking('api', 'data', 9_100));
      const web = taking('web', 'shop', 9_100);
      await cluster.view.put(web);
      const audited = (await cluster.view.violations()).find(({ object }) => object.name === 'web');
      const message = `Deployment web: ${audited?.findings[0]?.message}`;
      expect(message).toContain('Deployment data/api');
      await cluster.view.remove(web);
      expect(await cluster.inCi(web)).toEqual([message]);
      expect(await cluster.alone(web, taking('api', 'data', 9_100))).toContain(message);
      expect(await cluster.alone(web)).toEqual([]);
    });

    it('are compared with what is posted in place of what the cluster has', async () => {
      await cluster.view.list(taking('api', 'data', 9_100), taking('web', 'shop'));
      expect(await cluster.inCi(taking('web', 'shop', 9_100), taking('api', 'data'))).toEqual([]);
      expect(await cluster.inCi(taking('web', 'shop', 9_100), taking('none', 'data'))).toHaveLength(1);
    });
  });

  it('are known by their keys from the moment that a policy asks for them, and no longer than one does', async () => {
    const fresh = await TestPlatform.start();
    try {
      const before = await RelatedCluster.enroll(fresh, 'host-port-unique', 'before');
      await before.view.list(taking('web', 'shop', 9_100), taking('api', 'data', 9_100));
      const kept = (): Promise<{ path: string }[]> =>
        fresh.query<{ path: string }>('select path from app.object_key_path union all select path from app.object_key');
      expect(await kept()).toEqual([]);
      await RelatedCluster.bind(fresh, 'host-port-unique');
      expect(await before.view.failing()).toEqual(['Deployment api: app', 'Deployment web: app']);
      expect(await kept()).toHaveLength(4);
      const { body } = await fresh.owner.get('/api/v1/bindings');
      const binding = (body as { items: { id: string; name: string }[] }).items.find(
        ({ name }) => name === 'host-port-unique',
      );
      await fresh.owner.delete(`/api/v1/bindings/${binding?.id}`);
      await fresh.settle();
      expect(await before.view.failing()).toEqual([]);
      expect(await kept()).toEqual([]);
    } finally {
      await fresh.stop();
    }
  });

  it('of a cluster that left the fleet are forgotten', async () => {
    await cluster.view.list(taking('web', 'shop', 9_100));
    expect(await rows()).toHaveLength(1);
    await platform.owner.delete(`/api/v1/clusters/${cluster.clusterId}`);
    await platform.settle();
    expect(await rows()).toEqual([]);
  });
});
