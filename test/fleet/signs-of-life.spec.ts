import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeClock, requirePublicId } from '#kernel';
import type { AgentMessage, ClusterShape } from '#contracts';
import { TestAgent } from '../support/test-agent.js';
import type { TestClient } from '../support/test-client.js';
import { TestLink } from '../support/test-link.js';
import { TestPlatform } from '../support/test-platform.js';
import { aPod } from '../support/workloads.js';

const SECOND = 1_000;
const FLEET = 20;

interface Connected {
  agent: TestAgent;
  link: TestLink;
}

describe('signs of life that come together over connections', () => {
  const clock = new FakeClock(Date.UTC(2026, 10, 24, 12));
  let platform: TestPlatform;
  let stranger: TestClient;
  let fleet: Connected[];
  let clusters = 0;
  beforeAll(async () => {
    platform = await TestPlatform.start({ clock });
    stranger = await platform.stranger();
  });
  beforeEach(async () => {
    fleet = [];
    for (let n = 0; n < FLEET; n++) fleet.push(await connect(n === 0 ? stranger : platform.owner));
    clock.advance(30 * SECOND);
  });
  afterEach(() => {
    for (const { link } of fleet) link.close();
  });
  afterAll(() => platform.stop());

  const connect = async (owner: TestClient): Promise<Connected> => {
    const agent = await TestAgent.enroll(platform, owner, `cluster-${clusters++}`);
    await agent.list([aPod('a', 'nginx')]);
    const link = await TestLink.open(platform.url, agent.credential);
    const connected = { agent, link };
    say(connected);
    await link.next('ack');
    return connected;
  };
  const say = ({ agent, link }: Connected, more: Partial<AgentMessage> = {}): void =>
    link.say({
      type: 'heartbeat',
      ...agent.position,
      digest: agent.digestOf([aPod('a', 'nginx')]),
      agent_version: 'test',
      ...more,
    } as AgentMessage);
  const one = (n: number): Connected => {
    const found = fleet[n];
    if (found === undefined) throw new Error(`there are ${FLEET}`);
    return found;
  };
  const seenAt = async ({ agent }: Connected, owner = platform.owner): Promise<ClusterShape> =>
    (await owner.get(`/api/v1/clusters/${agent.clusterId}`)).body as ClusterShape;
  const now = (): string => new Date(clock.now()).toISOString();

  it('are each answered, and move the time of each cluster and of nothing else', async () => {
    for (const connected of fleet) say(connected);
    for (const { link } of fleet) expect(await link.next('ack')).toMatchObject({ in_sync: true });
    expect(await seenAt(one(0), stranger)).toMatchObject({ connection: 'connected', last_seen_at: now() });
    for (const connected of fleet.slice(1))
      expect(await seenAt(connected)).toMatchObject({ connection: 'connected', last_seen_at: now() });
    const ids = fleet.slice(1).map(({ agent }) => requirePublicId('cluster', agent.clusterId));
    const rows = await platform.query<{ state: Date; tick: Date; lease: Date; connected: Date }>(
      `select f.state_as_of as state, k.tick, n.alive_until as lease, n.connected_at as connected
       from app.inventory_feed f join app.cluster_clock k using (org_id, cluster_id) join app.agent_connection n using (org_id, cluster_id)
       where cluster_id = any($1::uuid[])`,
      [ids],
    );
    expect(rows).toHaveLength(FLEET - 1);
    for (const { state, tick, lease, connected } of rows) {
      expect([state, tick].map((at) => at.toISOString())).toEqual([now(), now()]);
      expect(lease.getTime()).toBe(clock.now() + 90 * SECOND);
      expect(connected.getTime()).toBe(clock.now() - 30 * SECOND);
    }
  });

  it('are told apart by what else they tell, though they come in one moment', async () => {
    const [behind, other, updated, ended] = [one(1), one(2), one(3), one(4)];
    const { token } = (await platform.owner.post(`/api/v1/clusters/${ended.agent.clusterId}/enrollment`)).body as {
      token: string;
    };
    await platform.client().post('/agent/v1/enroll', { token, agent_version: 'next' });
    const told = new Map<Connected, Partial<AgentMessage>>([
      [behind, { epoch: 1, seq: 0 }],
      [other, { digest: other.agent.digestOf([aPod('b', 'nginx')]) }],
      [updated, { agent_version: 'newer', kubernetes_version: '1.34' }],
    ]);
    for (const connected of fleet) say(connected, told.get(connected));
    const acks = await Promise.all(
      fleet.filter((connected) => connected !== ended).map(async ({ link }) => (await link.next('ack')).in_sync),
    );
    expect(acks).toEqual([true, false, false, true, ...Array.from({ length: FLEET - 5 }, () => true)]);
    expect(await ended.link.untilEnded()).toBe(4003);
    expect(await seenAt(updated)).toMatchObject({ agent_version: 'newer', kubernetes_version: '1.34' });
    for (const connected of [behind, other, updated]) expect((await seenAt(connected)).last_seen_at).toBe(now());
  });

  it('after a silence leave it in the history', async () => {
    clock.advance(70 * SECOND);
    for (const connected of fleet) say(connected);
    for (const { link } of fleet) await link.next('ack');
    const rows = await platform.query<{ connection: string; ms: number }>(
      `select connection, extract(epoch from valid_to - valid_from)::int * 1000 as ms from hist.connection_span
       where connection = 'stale' and cluster_id = any($1::uuid[])`,
      [fleet.slice(1).map(({ agent }) => requirePublicId('cluster', agent.clusterId))],
    );
    expect(rows).toEqual(Array.from({ length: FLEET - 1 }, () => ({ connection: 'stale', ms: 10 * SECOND })));
  });

  it('of a connection that was replaced don’t stand for the one that replaced it', async () => {
    const old = one(1);
    say(old);
    const link = await TestLink.open(platform.url, old.agent.credential);
    fleet.push({ agent: old.agent, link });
    say({ agent: old.agent, link });
    await link.next('ack');
    expect(await old.link.untilEnded()).toBe(4000);
    // One that comes later is gathered after those of before.
    say(one(2));
    await one(2).link.next('ack');
    const rows = await platform.query<{ at: Date }>(
      'select connected_at as at from app.agent_connection where cluster_id = $1',
      [requirePublicId('cluster', old.agent.clusterId)],
    );
    expect(rows.map(({ at }) => at.toISOString())).toEqual([now()]);
  });
});
