import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { requirePublicId, systemScope, type JsonObject } from '#kernel';
import type { TargetCondition } from '#decision';
import { RunLedger } from '#evaluation';
import { Database } from '#platform';
import { OrganizationsDirectory } from '#tenancy';
import { ClusterView } from '../support/cluster-view.js';
import { TestAgent } from '../support/test-agent.js';
import { TestPlatform } from '../support/test-platform.js';
import { aNamespace, anAutoscaler, aPod, aWorkload } from '../support/workloads.js';

type RunRequest = Parameters<RunLedger['want']>[2];

const GOOD = 'nginx:1.27';
const BAD = 'nginx';

describe('an object is judged again', () => {
  let platform: TestPlatform;
  let agent: TestAgent;
  let clusters = 0;
  beforeAll(async () => {
    platform = await TestPlatform.start();
  });
  beforeEach(async () => {
    agent = await TestAgent.enroll(platform, platform.owner, `cluster-${clusters++}`);
  });
  afterAll(() => platform.stop());

  describe('when its autoscaler', () => {
    const lone = aWorkload('Deployment', 'web', GOOD, undefined, { replicas: 1 });
    let cluster: ClusterView;
    beforeEach(() => {
      cluster = new ClusterView(platform, agent, 'replicas-minimum');
    });
    const message = async (): Promise<string | undefined> => (await cluster.violations())[0]?.findings[0]?.message;

    it('comes and raises the minimum: the violation is fixed', async () => {
      await cluster.list(lone);
      expect(await message()).toContain('no autoscaler');
      await cluster.put(anAutoscaler('web', 'web', { minReplicas: 3 }));
      expect([await cluster.failing(), await cluster.resolved()]).toEqual([[], ['Deployment web: fixed']]);
    });

    it('changes its minimum: the violation says which autoscaler may go how low', async () => {
      await cluster.list(lone, anAutoscaler('web', 'web', { minReplicas: 3 }));
      expect(await cluster.failing()).toEqual([]);
      await cluster.put(anAutoscaler('web', 'web', { minReplicas: 1 }));
      expect(await message()).toContain('HorizontalPodAutoscaler "web" may scale this Deployment down to 1');
    });

    it('goes: what counts again is the number of replicas', async () => {
      const autoscaler = anAutoscaler('web', 'web', { minReplicas: 3 });
      await cluster.list(lone, autoscaler);
      await cluster.remove(autoscaler);
      expect(await message()).toContain('runs with 1 replica');
      expect((await cluster.violations()).map(({ state }) => state)).toEqual(['new']);
    });

    it('turns to another workload: the one it leaves fails, the one it finds does not', async () => {
      const api = aWorkload('Deployment', 'api', GOOD, undefined, { replicas: 1 });
      await cluster.list(lone, api, anAutoscaler('scaler', 'web', { minReplicas: 3 }));
      expect(await cluster.failing()).toEqual(['Deployment api']);
      await cluster.put(anAutoscaler('scaler', 'api', { minReplicas: 3 }));
      expect(await cluster.failing()).toEqual(['Deployment web']);
    });

    it('but not when only what the policy does not look at changes', async () => {
      await cluster.list(lone, anAutoscaler('web', 'web', { minReplicas: 3, maxReplicas: 5 }));
      await cluster.put(anAutoscaler('web', 'web', { minReplicas: 3, maxReplicas: 50 }));
      expect((await cluster.lastRun()).counts).toMatchObject({ objects: 2, evaluated: 1, reused: 1 });
    });

    it('but not when an autoscaler of another namespace changes', async () => {
      const elsewhere = (minReplicas: number): JsonObject => {
        const autoscaler = anAutoscaler('web', 'web', { minReplicas });
        return { ...autoscaler, metadata: { ...autoscaler.metadata, namespace: 'data' } };
      };
      await cluster.list(lone, elsewhere(3));
      expect(await cluster.failing()).toEqual(['Deployment web']);
      await cluster.put(elsewhere(4));
      expect((await cluster.lastRun()).counts).toMatchObject({ objects: 1, evaluated: 1, reused: 0 });
    });
  });

  describe('when the labels of its namespace change', () => {
    let cluster: ClusterView;
    beforeEach(() => {
      cluster = new ClusterView(platform, agent, 'no-latest-tag');
    });

    it('and with them whether a binding means it', async () => {
      const everything = await setTarget({ namespace_selector: { matchLabels: { tier: 'gold' } } });
      try {
        await cluster.list(aNamespace('shop', { tier: 'tin' }), aPod('a', BAD));
        expect([await cluster.failing(), await cluster.counts()]).toEqual([[], { pass: 0, fail: 0 }]);
        await cluster.put(aNamespace('shop', { tier: 'gold' }));
        expect([await cluster.failing(), await cluster.counts()]).toEqual([['Pod a: app'], { pass: 0, fail: 1 }]);
        await cluster.put(aNamespace('shop', { tier: 'tin' }));
        expect([await cluster.failing(), await cluster.resolved()]).toEqual([[], ['Pod a: target-changed']]);
        expect(await cluster.counts()).toEqual({ pass: 0, fail: 0 });
      } finally {
        await setTarget(everything);
      }
    });

    it('or anything else that policies are told of it, as an annotation', async () => {
      const annotated = (owner: string): JsonObject => ({
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: 'shop', annotations: { owner } },
      });
      await cluster.list(annotated('ann'), aPod('a', GOOD));
      await cluster.put(annotated('bob'));
      expect((await cluster.lastRun()).counts).toMatchObject({ objects: 2, evaluated: 2, reused: 0 });
    });

    it('with all other objects there, and none elsewhere', async () => {
      const elsewhere = aPod('c', GOOD);
      const inData = { ...elsewhere, metadata: { ...elsewhere.metadata, namespace: 'data' } };
      await cluster.list(aNamespace('shop', {}), aPod('a', GOOD), aPod('b', GOOD), inData);
      await cluster.put(aNamespace('shop', { team: 'shop' }));
      expect((await cluster.lastRun()).counts).toMatchObject({ objects: 3, evaluated: 3, reused: 0 });
    });
  });

  describe('only when it has to be', () => {
    const pods = [aPod('a', GOOD), aPod('b', GOOD), aPod('c', BAD)];
    let cluster: ClusterView;
    beforeEach(async () => {
      cluster = new ClusterView(platform, agent, 'no-latest-tag');
      await cluster.list(...pods);
    });

    it('a change looks at what changed, and at nothing else', async () => {
      await cluster.put(aPod('b', BAD));
      expect((await cluster.lastRun()).counts).toMatchObject({ objects: 1, evaluated: 1, reused: 0 });
    });

    it('a listing of what is known already asks for no run at all', async () => {
      const before = await cluster.lastRun();
      await cluster.list(...pods);
      expect((await cluster.lastRun()).id).toBe(before.id);
    });

    it('a run over everything keeps the verdicts of what did not change, and counts them', async () => {
      const { counts } = await cluster.lastRun();
      await want({ trigger: 'policy-change', scope: { all: true }, force: false });
      expect((await cluster.lastRun()).counts).toEqual({ ...counts, objects: 3, evaluated: 0, reused: 3 });
    });

    it('a run that is asked for by hand judges everything anew, and finds the same', async () => {
      const before = await cluster.violations();
      const answer = await platform.owner.post(`/api/v1/clusters/${agent.clusterId}/runs`);
      expect(answer.body).toMatchObject({ trigger: 'manual', status: 'waiting' });
      await platform.settle();
      expect((await cluster.lastRun()).counts).toMatchObject({ objects: 3, evaluated: 3, reused: 0 });
      expect(await cluster.violations()).toEqual(before);
    });

    it('a run that absorbed requests forces only what one of them forced', async () => {
      const first = agent.objectId({ namespace: 'shop', name: 'a' });
      const request = (force: boolean, objects: string[]): RunRequest => ({
        trigger: force ? 'manual' : 'object-change',
        scope: { objects },
        force,
      });
      const second = agent.objectId({ namespace: 'shop', name: 'b' });
      await want(request(true, [first]), request(false, [first, second]));
      const run = await cluster.lastRun();
      expect(run).toMatchObject({ trigger: 'manual', counts: { objects: 2, evaluated: 1, reused: 1 } });
      expect(run.triggers.toSorted()).toEqual(['manual', 'object-change']);
    });
  });

  /** Asks for runs as features do, in one transaction, and carries out what comes of it. */
  async function want(...requests: RunRequest[]): Promise<void> {
    const clusterId = requirePublicId('cluster', agent.clusterId);
    await inOrganization(async (tx) => {
      for (const request of requests) await platform.app.get(RunLedger).want(tx, clusterId, request);
    });
    await platform.settle();
  }

  /** Sets what the default binding is about, as a change of targets will; there is no route for it yet. */
  async function setTarget(condition: TargetCondition): Promise<TargetCondition> {
    return inOrganization(async (tx) => {
      const [before] = await tx.query<{ condition: TargetCondition }>('select condition from app.target', []);
      await tx.query('update app.target set condition = $1', [JSON.stringify(condition)]);
      if (before === undefined) throw new Error('there is no target');
      return before.condition;
    });
  }

  async function inOrganization<Result>(work: Parameters<typeof Database.prototype.run<Result>>[1]): Promise<Result> {
    const [orgId = ''] = await platform.app.get(OrganizationsDirectory).dangerouslyListAll();
    return platform.app.get(Database).run(systemScope(orgId, 'test'), work);
  }
});
