import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ClusterView } from '../support/cluster-view.js';
import { TestAgent } from '../support/test-agent.js';
import { TestPlatform } from '../support/test-platform.js';
import { aCustomResource, aPod, aWorkload, controlledBy } from '../support/workloads.js';

const BAD = 'nginx';
const GOOD = 'nginx:1.27';

describe('objects that others control', () => {
  let platform: TestPlatform;
  let cluster: ClusterView;
  let clusters = 0;
  beforeAll(async () => {
    platform = await TestPlatform.start();
  });
  beforeEach(async () => {
    const agent = await TestAgent.enroll(platform, platform.owner, `cluster-${clusters++}`);
    cluster = new ClusterView(platform, agent, 'no-latest-tag');
  });
  afterAll(() => platform.stop());

  describe('are said once, by their controller', () => {
    it('from the Deployment over its ReplicaSet to its pods', async () => {
      const deployment = aWorkload('Deployment', 'web', BAD);
      const replicaSet = aWorkload('ReplicaSet', 'web-1', BAD, controlledBy(deployment));
      const pods = ['a', 'b', 'c'].map((name) => aPod(`web-1-${name}`, BAD, controlledBy(replicaSet)));
      await cluster.list(deployment, replicaSet, ...pods);
      expect(await cluster.failing()).toEqual(['Deployment web: app']);
      expect(await cluster.counts()).toEqual({ pass: 0, fail: 1 });
    });

    it('also where the pods are told of before their controllers', async () => {
      const deployment = aWorkload('Deployment', 'web', BAD);
      const replicaSet = aWorkload('ReplicaSet', 'web-1', BAD, controlledBy(deployment));
      await cluster.put(aPod('web-1-a', BAD, controlledBy(replicaSet)));
      expect(await cluster.failing()).toEqual(['Pod web-1-a: app']);
      await cluster.put(replicaSet);
      await cluster.put(deployment);
      expect(await cluster.failing()).toEqual(['Deployment web: app']);
      expect(await cluster.resolved()).toEqual(['Pod web-1-a: not-applicable', 'ReplicaSet web-1: not-applicable']);
      expect(await cluster.counts()).toEqual({ pass: 0, fail: 1 });
    });

    it('ten old ReplicaSets and all', async () => {
      const deployment = aWorkload('Deployment', 'web', BAD);
      const old = Array.from({ length: 10 }, (_, index) =>
        aWorkload('ReplicaSet', `web-${index}`, `${BAD}:latest`, controlledBy(deployment), { replicas: 0 }),
      );
      await cluster.list(deployment, ...old);
      expect(await cluster.failing()).toEqual(['Deployment web: app']);
      expect(await cluster.counts()).toEqual({ pass: 0, fail: 1 });
    });

    it('also where their controller is told of anew, with the uid that they name', async () => {
      const old = aWorkload('Deployment', 'web', BAD);
      const anew = { ...old, metadata: { ...old.metadata, uid: 'made-anew' } };
      await cluster.list(old, aPod('web-a', BAD, controlledBy(anew)));
      expect(await cluster.failing()).toEqual(['Deployment web: app', 'Pod web-a: app']);
      await cluster.put(anew);
      expect(await cluster.failing()).toEqual(['Deployment web: app']);
    });

    it('again, once the controller fails again', async () => {
      const good = aWorkload('Deployment', 'web', GOOD);
      const pod = aPod('web-a', BAD, controlledBy(good));
      await cluster.list(good, pod);
      expect(await cluster.failing()).toEqual(['Pod web-a: app']);
      await cluster.put(aWorkload('Deployment', 'web', BAD));
      expect(await cluster.failing()).toEqual(['Deployment web: app']);
      expect(await cluster.resolved()).toEqual(['Pod web-a: not-applicable']);
    });
  });

  describe('have a violation of their own', () => {
    it('where an operator’s resource controls a DaemonSet: it has no pod template to be blamed', async () => {
      const operator = aCustomResource('a');
      const daemonSet = aWorkload('DaemonSet', 'logs', BAD, controlledBy(operator));
      await cluster.list(operator, daemonSet);
      expect(await cluster.failing()).toEqual(['DaemonSet logs: app']);
    });

    it('where an operator’s resource controls the pod itself', async () => {
      const operator = aCustomResource('a');
      await cluster.list(operator, aPod('db-0', BAD, controlledBy(operator)));
      expect(await cluster.failing()).toEqual(['Pod db-0: app']);
    });

    it.each([
      ['the uid of nobody', { uid: 'made-up' }],
      ['another name', { name: 'api' }],
      ['another kind', { kind: 'StatefulSet' }],
      ['another group', { apiVersion: 'example.org/v1' }],
    ])('where the owner is forged with %s', async (_what, forged) => {
      const deployment = aWorkload('Deployment', 'web', BAD);
      await cluster.list(deployment, aPod('mine', BAD, controlledBy(deployment, forged)));
      expect(await cluster.failing()).toEqual(['Deployment web: app', 'Pod mine: app']);
      expect(await cluster.counts()).toEqual({ pass: 0, fail: 2 });
    });

    it('where a container was injected that the template does not have', async () => {
      const deployment = aWorkload('Deployment', 'web', BAD);
      const injected = aPod('web-a', BAD, controlledBy(deployment), { images: { proxy: 'proxy:latest' } });
      await cluster.list(deployment, injected, aPod('web-b', BAD, controlledBy(deployment)));
      expect(await cluster.failing()).toEqual(['Deployment web: app', 'Pod web-a: app, proxy']);
    });

    it('where a container was injected into what is otherwise in order', async () => {
      const deployment = aWorkload('Deployment', 'web', GOOD);
      await cluster.list(deployment, aPod('web-a', GOOD, controlledBy(deployment), { images: { proxy: 'proxy' } }));
      expect(await cluster.failing()).toEqual(['Pod web-a: proxy']);
      expect(await cluster.counts()).toEqual({ pass: 1, fail: 1 });
    });

    it('where somebody debugs in an ephemeral container', async () => {
      const deployment = aWorkload('Deployment', 'web', BAD);
      const pod = aPod('web-a', BAD, controlledBy(deployment));
      await cluster.list(deployment, pod);
      expect(await cluster.failing()).toEqual(['Deployment web: app']);
      const withDebugger = { ephemeralContainers: [{ name: 'debug', image: 'busybox' }] };
      await cluster.put(aPod('web-a', BAD, controlledBy(deployment), { spec: withDebugger }));
      expect(await cluster.failing()).toEqual(['Deployment web: app', 'Pod web-a: app, debug']);
    });

    it('where the kubelet mirrors a static pod: its node has no template', async () => {
      const node = { apiVersion: 'v1', kind: 'Node', name: 'node-a', uid: 'node', controller: true };
      const annotations = { 'kubernetes.io/config.mirror': 'abc', 'kubernetes.io/config.source': 'file' };
      await cluster.list(aPod('agent-node-a', BAD, node, { annotations }));
      expect(await cluster.failing()).toEqual(['Pod agent-node-a: app']);
    });

    it('where a pod only says that it is a mirror, and a Deployment controls it', async () => {
      const deployment = aWorkload('Deployment', 'web', BAD);
      const annotations = { 'kubernetes.io/config.mirror': 'abc' };
      await cluster.list(deployment, aPod('web-a', BAD, controlledBy(deployment), { annotations }));
      expect(await cluster.failing()).toEqual(['Deployment web: app', 'Pod web-a: app']);
    });

    it('while an old pod of a mended Deployment still runs, until it is gone', async () => {
      const deployment = aWorkload('Deployment', 'web', BAD);
      const replicaSet = aWorkload('ReplicaSet', 'web-1', BAD, controlledBy(deployment));
      const pod = aPod('web-1-a', BAD, controlledBy(replicaSet));
      await cluster.list(deployment, replicaSet, pod);
      await cluster.put(aWorkload('Deployment', 'web', GOOD));
      expect(await cluster.failing()).toEqual(['Pod web-1-a: app', 'ReplicaSet web-1: app']);
      expect(await cluster.resolved()).toEqual(['Deployment web: fixed']);
      expect(await cluster.counts()).toEqual({ pass: 1, fail: 2 });
      await cluster.remove(pod, replicaSet);
      expect(await cluster.failing()).toEqual([]);
      expect(await cluster.counts()).toEqual({ pass: 1, fail: 0 });
    });

    it('where their controller was deleted and they were left behind', async () => {
      const deployment = aWorkload('Deployment', 'web', BAD);
      const replicaSet = aWorkload('ReplicaSet', 'web-1', BAD, controlledBy(deployment));
      const pod = aPod('web-1-a', BAD, controlledBy(replicaSet));
      await cluster.list(deployment, replicaSet, pod);
      await cluster.remove(deployment);
      expect(await cluster.failing()).toEqual(['Pod web-1-a: app', 'ReplicaSet web-1: app']);
      expect(await cluster.resolved()).toEqual(['Deployment web: deleted']);
    });

    it('where their controller was made anew under its old name: that one never made them', async () => {
      const deployment = aWorkload('Deployment', 'web', BAD);
      const pod = aPod('web-a', BAD, controlledBy(deployment));
      await cluster.list(deployment, pod);
      await cluster.put({ ...deployment, metadata: { ...deployment.metadata, uid: 'made-anew' } });
      expect(await cluster.failing()).toEqual(['Deployment web: app', 'Pod web-a: app']);
    });
  });
});
