import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { requirePublicId, systemScope, type JsonObject } from '#kernel';
import { RunLedger } from '#evaluation';
import { Database } from '#platform';
import { OrganizationsDirectory } from '#tenancy';
import { RelatedCluster } from '../support/related-cluster.js';
import { TestPlatform } from '../support/test-platform.js';

interface Taker {
  namespace: string;
  name: string;
  ports: number[];
}

/** One thing that may happen to a cluster whose workloads take ports of their nodes. */
type Step = { kind: 'put' | 'remove' | 'list'; takers: Taker[] } | { kind: 'run' } | { kind: 'settle' };

const takers = fc.array(
  fc.record<Taker>({
    namespace: fc.constantFrom('shop', 'data'),
    name: fc.constantFrom('a', 'b'),
    ports: fc.uniqueArray(fc.constantFrom(1, 2, 3), { maxLength: 2 }),
  }),
  { minLength: 1, maxLength: 3 },
);
const aStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('put' as const), takers }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), takers }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('list' as const), takers }) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'run' }) },
  { weight: 4, arbitrary: fc.constant<Step>({ kind: 'settle' }) },
);

describe('whatever happens to workloads that take ports of their nodes', () => {
  let platform: TestPlatform;
  let orgId: string;
  let clusters = 0;
  beforeAll(async () => {
    platform = await TestPlatform.start();
    [orgId = ''] = await platform.app.get(OrganizationsDirectory).dangerouslyListAll();
    await RelatedCluster.bind(platform, 'host-port-unique');
  });
  afterAll(() => platform.stop());

  it('those fail that share one, in the audit and in CI alike, and a row is kept for each port (V2, E7)', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(aStep, { minLength: 4, maxLength: 16 }), async (steps) => {
        const cluster = await RelatedCluster.enroll(platform, 'host-port-unique', `cluster-${clusters++}`);
        const model = new Map<string, Taker>();
        for (const step of steps) {
          await take(cluster, step);
          follow(model, step);
        }
        await platform.settle();
        expect(await seen(cluster, [...model.values()])).toEqual(expected([...model.values()]));
      }),
      { numRuns: 25 },
    );
  }, 240_000);

  async function take({ view }: RelatedCluster, step: Step): Promise<void> {
    if (step.kind === 'settle') return platform.settle();
    if (step.kind === 'run') return wantRun(view.agent.clusterId);
    const objects = once(step.takers).map(asDeployment);
    if (step.kind === 'list') return void (await view.agent.list(objects));
    if (step.kind === 'put') return void (await view.agent.send(objects.map((object) => ({ op: 'upsert', object }))));
    await view.agent.send(
      step.takers.map(({ namespace, name }) => ({
        op: 'delete',
        api_version: 'apps/v1',
        kind: 'Deployment',
        namespace,
        name,
      })),
    );
  }

  async function wantRun(publicClusterId: string): Promise<void> {
    const clusterId = requirePublicId('cluster', publicClusterId);
    await platform.app
      .get(Database)
      .run(systemScope(orgId, 'test'), (tx) =>
        platform.app.get(RunLedger).want(tx, clusterId, { trigger: 'manual', scope: { all: true }, force: true }),
      );
  }

  async function seen(cluster: RelatedCluster, present: readonly Taker[]): Promise<unknown> {
    const inCi: string[] = [];
    for (const taker of present) if ((await cluster.inCi(asDeployment(taker))).length > 0) inCi.push(keyOf(taker));
    const audited = (await cluster.view.violations()).map(({ object }) => `${object.namespace}/${object.name}`);
    const rows = await platform.query<{ row: string }>(
      `select o.namespace || '/' || o.name || ' ' || k.key as row from app.object_key k
         join app.inventory_object o on o.org_id = k.org_id and o.object_id = k.object_id where k.cluster_id = $1`,
      [requirePublicId('cluster', cluster.clusterId)],
    );
    return { audited: audited.sort(), inCi: inCi.sort(), rows: rows.map(({ row }) => row).sort() };
  }
});

function follow(model: Map<string, Taker>, step: Step): void {
  if (!('takers' in step)) return;
  if (step.kind === 'list') model.clear();
  for (const taker of step.takers) {
    if (step.kind === 'remove') model.delete(keyOf(taker));
    else model.set(keyOf(taker), taker);
  }
}

function expected(present: readonly Taker[]): unknown {
  const clashing = present.filter((one) =>
    present.some((other) => other !== one && other.ports.some((port) => one.ports.includes(port))),
  );
  const failing = clashing.map(keyOf).sort();
  const rows = present.flatMap((taker) => taker.ports.map((port) => `${keyOf(taker)} ${port}`));
  return { audited: failing, inCi: failing, rows: rows.sort() };
}

function once(some: readonly Taker[]): Taker[] {
  return [...new Map(some.map((taker) => [keyOf(taker), taker])).values()];
}

function keyOf({ namespace, name }: Taker): string {
  return `${namespace}/${name}`;
}

function asDeployment({ namespace, name, ports }: Taker): JsonObject {
  const container = {
    name: 'app',
    image: 'nginx:1.27',
    ports: ports.map((hostPort) => ({ containerPort: 80, hostPort })),
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: { selector: {}, replicas: 2, template: { spec: { containers: [container] } } },
  };
}
