import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FakeClock, requirePublicId, systemScope } from '#kernel';
import type { ClusterShape, ComplianceShape, ViolationShape } from '#contracts';
import { ClustersService } from '#fleet';
import { Database } from '#platform';
import { OrganizationsDirectory } from '#tenancy';
import { TestAgent } from '../support/test-agent.js';
import type { TestClient } from '../support/test-client.js';
import { TestPlatform } from '../support/test-platform.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const aPod = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop' },
  spec: { containers: [{ name: 'a', image: 'nginx' }] },
});

describe('a fleet of which a part falls silent', () => {
  let platform: TestPlatform;
  let stranger: TestClient;
  let acme: string;
  let globex: string;
  const clock = new FakeClock(Date.UTC(2026, 10, 24, 12));
  beforeAll(async () => {
    platform = await TestPlatform.start({ clock });
    [acme = ''] = await platform.app.get(OrganizationsDirectory).dangerouslyListAll();
    stranger = await platform.stranger();
    globex = (await platform.app.get(OrganizationsDirectory).dangerouslyListAll()).find((id) => id !== acme) ?? '';
  });
  afterAll(() => platform.stop());

  const beat = async (agent: TestAgent): Promise<void> => {
    const { status } = await agent.client.post('/agent/v1/heartbeat', { epoch: 0, seq: 0, agent_version: 'x' });
    expect(status).toBe(200);
  };
  const sweep = (orgId: string): Promise<void> =>
    platform.app.get(ClustersService).sweepConnections(systemScope(orgId, 'test'));
  const compliance = async (filter = ''): Promise<ComplianceShape> =>
    (await platform.owner.get(`/api/v1/compliance${filter}`)).body as ComplianceShape;

  /** What was, then what is: each with the milliseconds since the cluster was registered. */
  const history = (orgId: string, clusterId: string): Promise<[string, number][]> =>
    platform.app.get(Database).run(systemScope(orgId, 'test'), async (tx) => {
      const rows = await tx.query<{ connection: string; since: number; until: number | null }>(
        `select s.connection, round(extract(epoch from s.valid_from - c.created_at) * 1000)::int as since,
           round(extract(epoch from s.valid_to - c.created_at) * 1000)::int as until
         from app.cluster c join hist.connection_span s using (org_id, cluster_id) where c.org_id = $1 and c.cluster_id = $2
         union all
         select connection, round(extract(epoch from connection_since - created_at) * 1000)::int, null
         from app.cluster where org_id = $1 and cluster_id = $2 order by since`,
        [orgId, requirePublicId('cluster', clusterId)],
      );
      for (const [index, row] of rows.entries()) expect(row.until).toBe(rows[index + 1]?.since ?? null);
      return rows.map(({ connection, since }) => [connection, since]);
    });

  it('has the same history of connections, whether the clock was watched or looked at only in the end (P2)', async () => {
    const watched = await TestAgent.enroll(platform, platform.owner, 'watched');
    const unwatched = await TestAgent.enroll(platform, stranger, 'unwatched');
    // Silence, in seconds, before each sign of life: short, stale, disconnected, and on the edge of both.
    for (const silence of [30, 89, 90, 300, 599, 600, 3_600, 45]) {
      const until = clock.now() + silence * SECOND;
      while (clock.now() + 47 * SECOND < until) {
        clock.advance(47 * SECOND);
        await sweep(acme);
      }
      clock.advance(until - clock.now());
      await beat(watched);
      await beat(unwatched);
    }
    clock.advance(15 * MINUTE);
    await sweep(acme);
    await sweep(globex);
    const seen = await history(acme, watched.clusterId);
    expect(seen).toEqual(await history(globex, unwatched.clusterId));
    expect(seen.map(([connection]) => connection).filter((state) => state === 'disconnected')).toHaveLength(2);
    expect(new Set(seen.map(([connection]) => connection))).toEqual(new Set(['connected', 'stale', 'disconnected']));
  });

  it('counts the silent part as unknown since its last sign of life, and only that part (V1)', async () => {
    const before = await compliance();
    const silent = await TestAgent.enroll(platform, platform.owner, 'silent');
    const talking = await TestAgent.enroll(platform, platform.owner, 'talking');
    await silent.list([aPod('a'), aPod('b')]);
    await talking.list([aPod('c')]);
    await platform.settle();
    const one = (await compliance(`?cluster_id=${talking.clusterId}`)).counts;
    const two = (await compliance(`?cluster_id=${silent.clusterId}`)).counts;
    const { last_seen_at: seenAt } = (await platform.owner.get(`/api/v1/clusters/${silent.clusterId}`))
      .body as ClusterShape;
    clock.advance(Date.parse(seenAt ?? '') + 10 * MINUTE - clock.now());
    await beat(talking);
    const after = await compliance();
    expect(after.counts).toMatchObject({
      pass: one.pass,
      fail: one.fail,
      unknown: two.eligible,
      eligible: one.eligible + two.eligible,
    });
    expect(after.coverage).toBeCloseTo(one.evaluated / (one.eligible + two.eligible));
    expect(after.clusters).toMatchObject({ connected: 1, disconnected: before.clusters.total + 1 });
    expect(after.objects).toMatchObject({ total: 3, compliant: 0 });
    const { items } = (await platform.owner.get('/api/v1/violations?limit=500')).body as { items: ViolationShape[] };
    const since = new Map(items.map((item) => [item.cluster.name, item.unknown_since]));
    expect([...since].sort()).toEqual([
      ['silent', seenAt],
      ['talking', null],
    ]);
    await beat(silent);
    expect((await compliance()).counts).toMatchObject({ fail: one.fail + two.fail, unknown: 0 });
  });

  it('and is taken out of it: what it last said is no longer counted, and its history ends', async () => {
    const agent = await TestAgent.enroll(platform, platform.owner, 'leaving');
    const { id } = (await platform.owner.get(`/api/v1/clusters/${agent.clusterId}`)).body as ClusterShape;
    await agent.list([aPod('a')]);
    await platform.settle();
    clock.advance(2 * MINUTE);
    const others = (await compliance()).counts.eligible - (await compliance(`?cluster_id=${id}`)).counts.eligible;
    expect((await platform.owner.delete(`/api/v1/clusters/${id}`)).status).toBe(204);
    // At once, and not only when the event has been delivered.
    expect((await compliance()).counts.eligible).toBe(others);
    await platform.settle();
    expect((await compliance()).counts.eligible).toBe(others);
    const seen = await history(acme, agent.clusterId);
    clock.advance(20 * MINUTE);
    await sweep(acme);
    expect(await history(acme, agent.clusterId)).toEqual(seen);
  });

  it('that nobody ever connected to is pending for ever, and counts for nothing', async () => {
    const { body } = await platform.owner.post('/api/v1/clusters', { name: 'never' });
    clock.advance(60 * MINUTE);
    await sweep(acme);
    const { id } = body as ClusterShape;
    const shape = (await platform.owner.get(`/api/v1/clusters/${id}`)).body as ClusterShape;
    expect(shape).toMatchObject({ connection: 'pending', unknown_since: null, last_seen_at: null });
    expect(await history(acme, id)).toEqual([['pending', 0]]);
    expect(await compliance(`?cluster_id=${id}`)).toMatchObject({
      score: null,
      coverage: null,
      clusters: { pending: 1 },
    });
  });
});
