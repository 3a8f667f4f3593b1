import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FakeClock, requirePublicId } from '#kernel';
import type { ClusterShape, ComplianceShape } from '#contracts';
import { TestAgent } from '../support/test-agent.js';
import type { TestAnswer } from '../support/test-client.js';
import { TestPlatform } from '../support/test-platform.js';

const MINUTE = 60_000;
const aPod = (name: string, image = 'nginx') => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop' },
  spec: { containers: [{ name: 'a', image }] },
});
const problem = ({ status, body }: TestAnswer): [number, string] => [status, (body as { code: string }).code];

describe('an agent', () => {
  let platform: TestPlatform;
  const clock = new FakeClock(Date.UTC(2026, 10, 24, 12));
  beforeAll(async () => {
    platform = await TestPlatform.start({ clock });
  });
  afterAll(() => platform.stop());

  const register = async (name: string): Promise<{ id: string; token: string }> => {
    const { body } = await platform.owner.post('/api/v1/clusters', { name });
    const { id, enrollment } = body as { id: string; enrollment: { token: string } };
    return { id, token: enrollment.token };
  };
  const enroll = (token: string, more: object = {}): Promise<TestAnswer> =>
    platform.client().post('/agent/v1/enroll', { token, agent_version: 'test', ...more });
  const cluster = async (id: string): Promise<ClusterShape> =>
    (await platform.owner.get(`/api/v1/clusters/${id}`)).body as ClusterShape;

  it('enrols once with a token, and not after a quarter of an hour', async () => {
    const { token } = await register('once');
    expect((await enroll(token)).status).toBe(200);
    expect(problem(await enroll(token))).toEqual([401, 'token_used']);
    const late = await register('late');
    clock.advance(15 * MINUTE);
    expect(problem(await enroll(late.token))).toEqual([401, 'token_expired']);
    expect(problem(await enroll('bylaw_enroll_nonsense'))).toEqual([401, 'unauthenticated']);
    expect(problem(await enroll(''))).toEqual([400, 'invalid_body']);
  });

  it('is replaced by the next one that enrols; a token that was replaced is good for nothing', async () => {
    const { id, token } = await register('replaced');
    const first = (await enroll(token)).body as { credential: string };
    const renewed = (await platform.owner.post(`/api/v1/clusters/${id}/enrollment`)).body as { token: string };
    const again = (await platform.owner.post(`/api/v1/clusters/${id}/enrollment`)).body as { token: string };
    expect(problem(await enroll(renewed.token))).toEqual([401, 'token_used']);
    expect((await enroll(again.token)).status).toBe(200);
    const beat = { epoch: 0, seq: 0, agent_version: 'x' };
    expect(problem(await platform.client(first.credential).post('/agent/v1/heartbeat', beat))).toEqual([
      401,
      'credential_revoked',
    ]);
  });

  it('enrols while the one before is still talking, and while its cluster is renamed', async () => {
    const { id, token } = await register('busy');
    let { credential } = (await enroll(token)).body as { credential: string };
    for (let round = 0; round < 10; round++) {
      const talking = platform.client(credential);
      const beat = { epoch: 0, seq: 0, agent_version: `x${round}` };
      const renewed = (await platform.owner.post(`/api/v1/clusters/${id}/enrollment`)).body as { token: string };
      const others = [
        ...[1, 2, 3].map(() => talking.post('/agent/v1/heartbeat', beat)),
        platform.owner.patch(`/api/v1/clusters/${id}`, { labels: { round: String(round) } }),
      ];
      const enrolled = await enroll(renewed.token);
      expect(enrolled.status).toBe(200);
      for (const { status } of await Promise.all(others)) expect([200, 401]).toContain(status);
      ({ credential } = enrolled.body as { credential: string });
    }
  });

  it('gets its cluster’s history back by the UID, and the entry made a moment ago goes (F7)', async () => {
    const first = await register('by-uid');
    expect((await enroll(first.token, { cluster_uid: 'uid-1' })).status).toBe(200);
    const second = await register('by-uid-again');
    const { cluster_id: attached } = (await enroll(second.token, { cluster_uid: 'uid-1' })).body as {
      cluster_id: string;
    };
    expect(attached).toBe(first.id);
    expect((await platform.owner.get(`/api/v1/clusters/${second.id}`)).status).toBe(404);
  });

  it('may send a batch twice, late or out of order: each counts once and in its place', async () => {
    const agent = await TestAgent.enroll(platform, platform.owner, 'batches');
    const send = (epoch: number, seq: number, changes: object[], more: object = {}): Promise<TestAnswer> =>
      agent.client.post('/agent/v1/inventory', { epoch, seq, normaliser: 1, changes, ...more });
    const upsert = (name: string): object => ({ op: 'upsert', object: aPod(name) });
    expect((await send(5, 1, [upsert('a')])).body).toMatchObject({ applied: true, seq: 1 });
    expect((await send(5, 1, [upsert('a')])).body).toMatchObject({ applied: false, seq: 1 });
    expect(problem(await send(5, 3, [upsert('c')]))).toEqual([409, 'batch_gap']);
    expect((await send(5, 2, [upsert('b')])).body).toMatchObject({ applied: true, seq: 2 });
    expect(problem(await send(6, 2, [upsert('x')]))).toEqual([409, 'batch_gap']);
    expect((await send(6, 1, [upsert('b')], { snapshot: 'end' })).body).toMatchObject({ applied: true, epoch: 6 });
    expect(problem(await send(5, 3, [upsert('late')]))).toEqual([409, 'stale_epoch']);
    const { items } = (await platform.owner.get(`/api/v1/clusters/${agent.clusterId}/objects`)).body as {
      items: { name: string }[];
    };
    expect(items.map(({ name }) => name)).toEqual(['b']);
  });

  it('sends one bad object among good ones, and only that one is not taken', async () => {
    const agent = await TestAgent.enroll(platform, platform.owner, 'one-bad');
    const ack = await agent.send([
      { op: 'upsert', object: aPod('good') },
      { op: 'upsert', object: { apiVersion: 'v1', kind: 'Pod', metadata: {} } },
      { op: 'upsert', object: { ...aPod('bad'), spec: { hostNetwork: 'yes' } } },
      { op: 'delete', api_version: 'v1', kind: 'Pod', namespace: 'shop', name: 'never-there' },
    ]);
    expect(ack.rejected.map(({ index, code }) => [index, code])).toEqual([
      [1, 'invalid_object'],
      [2, 'invalid_object'],
    ]);
    expect((await cluster(agent.clusterId)).objects).toBe(1);
    const large = Array.from({ length: 501 }, (_, i) => ({ op: 'upsert', object: aPod(`p${i}`) }));
    expect(
      problem(await agent.client.post('/agent/v1/inventory', { epoch: 1, seq: 2, normaliser: 1, changes: large })),
    ).toEqual([400, 'invalid_body']);
  });

  it('and the platform know by a digest whether they hold the same (F9)', async () => {
    const agent = await TestAgent.enroll(platform, platform.owner, 'digest');
    await agent.list([aPod('a'), aPod('b')]);
    const beat = (digest: string): Promise<TestAnswer> =>
      agent.client.post('/agent/v1/heartbeat', { epoch: 2, seq: 1, digest, agent_version: 'x' });
    expect((await beat(agent.digestOf([aPod('a'), aPod('b')]))).body).toMatchObject({ in_sync: true });
    expect((await beat(agent.digestOf([aPod('a')]))).body).toMatchObject({ in_sync: false });
    expect(problem(await beat('short'))).toEqual([400, 'invalid_body']);
  });

  it('that falls silent makes its cluster stale, then disconnected: its counts are unknown since then, never compliant (V1)', async () => {
    const agent = await TestAgent.enroll(platform, platform.owner, 'silent');
    await agent.list([aPod('a')]);
    await platform.settle();
    const seenAt = (await cluster(agent.clusterId)).last_seen_at ?? '';
    const silentFor = (ms: number): void => clock.advance(Date.parse(seenAt) + ms - clock.now());
    const compliance = async (): Promise<ComplianceShape> =>
      (await platform.owner.get(`/api/v1/compliance?cluster_id=${agent.clusterId}`)).body as ComplianceShape;
    const before = await compliance();
    expect(before.counts.fail).toBeGreaterThan(0);
    silentFor(90_000);
    expect((await cluster(agent.clusterId)).connection).toBe('stale');
    expect((await compliance()).counts).toEqual(before.counts);
    silentFor(10 * MINUTE);
    expect(await cluster(agent.clusterId)).toMatchObject({ connection: 'disconnected', unknown_since: seenAt });
    const after = await compliance();
    expect(after).toMatchObject({
      score: null,
      coverage: 0,
      unknown_since: seenAt,
      counts: { pass: 0, fail: 0, unknown: before.counts.eligible },
    });
    const { items } = (await platform.owner.get(`/api/v1/violations?cluster_id=${agent.clusterId}`)).body as {
      items: { unknown_since: string }[];
    };
    expect(items.length).toBe(before.counts.fail);
    expect(new Set(items.map(({ unknown_since: since }) => since))).toEqual(new Set([seenAt]));
    clock.advance(MINUTE);
    await agent.client.post('/agent/v1/heartbeat', { epoch: 2, seq: 1, agent_version: 'x' });
    expect((await compliance()).counts).toEqual(before.counts);
    expect(await connectionHistory(platform, agent.clusterId)).toEqual([
      // From the enrolment on, a moment before the last sign of life.
      ['connected', expect.any(Number)],
      ['stale', 10 * MINUTE - 90_000],
      ['disconnected', MINUTE],
    ]);
  });
});

/** Closed spans of the connection: what, and for how many milliseconds; they leave no gap. */
async function connectionHistory(platform: TestPlatform, clusterId: string): Promise<[string, number][]> {
  const rows = await platform.query<{ connection: string; valid_from: Date; valid_to: Date }>(
    'select connection, valid_from, valid_to from hist.connection_span where cluster_id = $1 order by valid_from',
    [requirePublicId('cluster', clusterId)],
  );
  for (const [index, row] of rows.entries()) if (index > 0) expect(row.valid_from).toEqual(rows[index - 1]?.valid_to);
  return rows
    .filter(({ connection }) => connection !== 'pending')
    .map((row) => [row.connection, row.valid_to.getTime() - row.valid_from.getTime()]);
}
