import { requirePublicId, systemScope, uuidV7 } from '#kernel';
import type { ViolationShape } from '#contracts';
import { Database } from '#platform';
import { OrganizationsDirectory } from '#tenancy';
import { eventually } from '#testing';
import { TestAgent } from '../test/support/test-agent.js';
import type { TestClient } from '../test/support/test-client.js';
import type { TestPlatform } from '../test/support/test-platform.js';
import { aDeployment } from './support/objects.js';
import { withPlatform } from './support/bench-platform.js';
import { report, type Figure } from './support/report.js';

/** One organization with ten thousand runs that wait, and another's single change beside them. */
const QUEUED = 10_000;
const CHANGES = 20;

const figures: Figure[] = [];
await withPlatform(async (platform) => {
  const neighbour = await platform.stranger('neighbour');
  const agent = await TestAgent.enroll(platform, neighbour, 'one');
  const alone = await changes(neighbour, agent, 'alone');
  await queueRuns(platform);
  const beside = await changes(neighbour, agent, 'beside');
  const left = await waiting(platform);
  for (const [name, times] of [
    ['alone', alone],
    [`beside ${QUEUED} queued runs of another organization`, beside],
  ] as const) {
    figures.push(figure(`change → violation visible, ${name}: p50`, times, 0.5));
    figures.push(figure(`change → violation visible, ${name}: p95`, times, 0.95));
  }
  const delay = Math.max(...beside) - Math.min(...alone);
  figures.push({
    bench: 'tenants',
    figure: 'delay of the slowest',
    value: delay,
    unit: 'ms',
    n: CHANGES,
    promise: '≤ 2,000 ms',
  });
  figures.push({
    bench: 'tenants',
    figure: 'queued runs that were left after the last',
    value: left,
    unit: 'runs',
    n: 1,
  });
});
report(figures);

/** Runs of as many clusters, each with one object that was never judged. */
async function queueRuns(platform: TestPlatform): Promise<void> {
  const [orgId = ''] = (await platform.app.get(OrganizationsDirectory).dangerouslyListAll()).sort();
  await platform.app.get(Database).run(systemScope(orgId, 'bench'), async (tx) => {
    const agent = await TestAgent.enroll(platform, platform.owner, 'template');
    await agent.send([{ op: 'upsert', object: aDeployment(0) }]);
    const template = requirePublicId('cluster', agent.clusterId);
    await tx.query(
      `insert into app.cluster (org_id, cluster_id, name, connection, connection_since, created_at)
       select $1, gen_random_uuid(), 'queued-' || n, 'connected', $2, $2 from generate_series(1, ${QUEUED}) n`,
      [orgId, tx.now],
    );
    await tx.query(
      `insert into app.inventory_object (org_id, cluster_id, object_id, api_group, kind, namespace, name, api_version, body_hash, seen_epoch, present_since)
       select $1, c.cluster_id, gen_random_uuid(), o.api_group, o.kind, o.namespace, o.name, o.api_version, o.body_hash, 1, $2
       from app.cluster c join app.inventory_object o on o.org_id = c.org_id and o.cluster_id = $3
       where c.org_id = $1 and c.name like 'queued-%'`,
      [orgId, tx.now, template],
    );
    await tx.query(
      `with run as (
         insert into app.run (org_id, run_id, cluster_id, trigger, triggers, status, requested_at)
         select $1, gen_random_uuid(), cluster_id, 'object-change', '{object-change}', 'waiting', $2 from app.cluster
         where org_id = $1 and name like 'queued-%' returning run_id)
       insert into app.run_request (org_id, request_id, run_id, trigger, scope, requested_at)
       select $1, gen_random_uuid(), run_id, 'object-change', '{"all": true}', $2 from run`,
      [orgId, tx.now],
    );
  });
  await eventually(async () => (await waiting(platform)) < QUEUED - 10, 'the queue to be worked on');
}

async function waiting(platform: TestPlatform): Promise<number> {
  const rows = await platform.query<{ n: number }>(`select count(*)::int as n from app.run where status = 'waiting'`);
  return rows[0]?.n ?? 0;
}

/** From the moment that an agent sends an object to the moment that its violation is there. */
async function changes(owner: TestClient, agent: TestAgent, name: string): Promise<number[]> {
  const times: number[] = [];
  for (let n = 0; n < CHANGES; n++) {
    const pod = `${name}-${n}-${uuidV7(Date.now()).slice(-4)}`;
    const begun = performance.now();
    await agent.send([
      {
        op: 'upsert',
        object: {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { name: pod, namespace: 'shop' },
          spec: { containers: [{ name: 'app', image: 'nginx' }] },
        },
      },
    ]);
    await eventually(
      async () => {
        const { body } = await owner.get(`/api/v1/violations?policy=no-latest-tag&q=${pod}`);
        return (body as { items: ViolationShape[] }).items.length > 0;
      },
      'the violation',
      60_000,
    );
    times.push(performance.now() - begun);
  }
  return times;
}

function figure(name: string, times: readonly number[], share: number): Figure {
  const sorted = [...times].sort((a, b) => a - b);
  return {
    bench: 'tenants',
    figure: name,
    value: sorted[Math.floor((sorted.length - 1) * share)] ?? 0,
    unit: 'ms',
    n: times.length,
  };
}
