import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { FakeClock, systemScope, uuidV7 } from '#kernel';
import { liveEventSchema } from '#contracts';
import { ClustersService } from '#fleet';
import { Database, emitLive, OutboxDelivery } from '#platform';
import { OrganizationsDirectory } from '#tenancy';
import { eventually } from '#testing';
import { EventReader } from '../support/event-reader.js';
import { TestAgent } from '../support/test-agent.js';
import type { TestClient } from '../support/test-client.js';
import { TestPlatform } from '../support/test-platform.js';
import { aPod } from '../support/workloads.js';

const HOUR = 3_600_000;
/** Only intervals are moved by hand. */
const REAL = [
  'Date',
  'hrtime',
  'nextTick',
  'performance',
  'queueMicrotask',
  'setImmediate',
  'clearImmediate',
  'setTimeout',
  'clearTimeout',
] as const;

describe('following events', () => {
  let first: TestPlatform;
  let second: TestPlatform;
  let stranger: TestClient;
  let agent: TestAgent;
  let other: TestAgent;
  let orgId: string;
  const clock = new FakeClock(Date.UTC(2026, 10, 24, 12));
  const open: EventReader[] = [];
  let marks = 0;
  beforeAll(async () => {
    first = await TestPlatform.start({ clock });
    second = await TestPlatform.start({ clock, beside: first });
    [orgId = ''] = await first.app.get(OrganizationsDirectory).dangerouslyListAll();
    stranger = await first.stranger();
    agent = await TestAgent.enroll(first, first.owner, 'one');
    other = await TestAgent.enroll(first, first.owner, 'two');
    await first.settle();
  });
  afterEach(() => {
    for (const reader of open.splice(0)) reader.leave();
  });
  afterAll(async () => {
    await second.stop();
    await first.stop();
  });

  const follow = async (filters = '', lastId?: string, platform = first): Promise<EventReader> => {
    const reader = await EventReader.open(platform.url, platform.owner, filters, lastId);
    open.push(reader);
    return reader;
  };
  /** Tells of a connection that nobody has: an event that can be told from all others. */
  const mark = async (platform = first): Promise<string> => {
    const name = `mark-${marks++}`;
    await platform.app.get(Database).run(systemScope(orgId, 'test'), async (tx) =>
      emitLive(tx, {
        topic: 'cluster.connection',
        payload: { cluster_id: name, connection: 'stale', since: tx.now.toISOString() },
      }),
    );
    return name;
  };
  const marked = (reader: EventReader): unknown[] =>
    reader.events.map(({ data }) => data['cluster_id']).filter((id) => String(id).startsWith('mark-'));
  const nextMark = (reader: EventReader, name: string): Promise<unknown> =>
    reader.next('cluster.connection', (data) => data['cluster_id'] === name);

  it('shows a run from its beginning to its end, on another replica than its worker’s, and what it found', async () => {
    const reader = await follow('', undefined, second);
    expect([reader.status, reader.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    await agent.list([aPod('a', 'nginx'), aPod('b', 'nginx')]);
    await first.settle();
    // What was just before may come too, where an older transaction was still open.
    const ofAgent = (data: Record<string, unknown>): boolean => data['cluster_id'] === agent.clusterId;
    const judged = ({ counts }: Record<string, unknown>): boolean => (counts as { objects: number }).objects === 2;
    const finished = await reader.next('run.finished', (data) => ofAgent(data) && judged(data));
    expect(finished.data).toMatchObject({ status: 'done' });
    const opened = await reader.next('violation.opened', ofAgent);
    const { body } = await first.owner.get(`/api/v1/violations?cluster_id=${agent.clusterId}&limit=500`);
    const listed = (body as { items: { id: string }[] }).items.map(({ id }) => id);
    expect(opened.data['count']).toBe(listed.length);
    for (const id of opened.data['violation_ids'] as string[]) expect(listed).toContain(id);
    expect(reader.topics().filter((topic) => topic === 'run.progress').length).toBeGreaterThanOrEqual(2);
    for (const { topic, data } of reader.events) liveEventSchema.parse({ topic, payload: data });
    await agent.list([]);
    await first.settle();
    expect((await reader.next('violation.resolved')).data['count']).toBe(listed.length);
  });

  it('shows a cluster that comes and falls silent, once each', async () => {
    await other.beat();
    const reader = await follow(`?cluster_id=${other.clusterId}&topics=cluster.connection`);
    clock.advance(120_000);
    await first.app.get(ClustersService).sweepConnections(systemScope(orgId, 'test'));
    await first.app.get(ClustersService).sweepConnections(systemScope(orgId, 'test'));
    await other.beat();
    const states = (): unknown[] => reader.events.map(({ data }) => data['connection']);
    // What was just before may come too, where an older transaction was still open.
    await eventually(async () => states().lastIndexOf('connected') > states().indexOf('stale'), 'the return');
    expect(states().slice(states().indexOf('stale'))).toEqual(['stale', 'connected']);
  });

  it('gives a stranger nothing of another organization, by filter neither', async () => {
    const readers = [
      await EventReader.open(first.url, stranger),
      await EventReader.open(second.url, stranger, `?cluster_id=${agent.clusterId}`),
    ];
    open.push(...readers);
    const mine = await follow();
    const from = mine.lastId;
    await agent.list([aPod('secret', 'nginx')]);
    await first.settle();
    await mine.next('run.finished');
    // What the owner came to is no way in either.
    const resumed = await EventReader.open(first.url, stranger, '', mine.lastId || from);
    const theirs = await TestAgent.enroll(first, stranger, 'theirs');
    await theirs.beat();
    await readers[0]?.next('cluster.connection');
    const seen = [...readers, resumed].flatMap(({ events }) => events);
    resumed.leave();
    expect(JSON.stringify(seen)).not.toContain(agent.clusterId);
    expect(JSON.stringify(mine.events)).not.toContain(theirs.clusterId);
  });

  it('leaves out what was not asked for', async () => {
    const runs = await follow('?topics=run.finished,run.progress');
    const ofOther = await follow(`?cluster_id=${other.clusterId}`);
    await agent.list([aPod('filtered', 'nginx')]);
    await other.list([aPod('filtered', 'nginx')]);
    await first.settle();
    await ofOther.next('run.finished');
    await runs.next('run.finished', (data) => data['cluster_id'] === other.clusterId);
    expect(new Set(runs.topics())).toEqual(new Set(['run.progress', 'run.finished']));
    expect(new Set(ofOther.events.map(({ data }) => data['cluster_id']))).toEqual(new Set([other.clusterId]));
  });

  it.each([
    ['an unknown topic', '?topics=audit'],
    ['no topic', '?topics='],
    ['an unknown filter', '?severity=high'],
    ['a huge filter', `?topics=${'run.progress,'.repeat(100)}run.progress`],
  ])('refuses %s', async (_what, filters) => {
    expect((await first.owner.get(`/api/v1/events${filters}`)).status).toBe(400);
  });

  it.each([
    'x',
    '1',
    '-',
    '1-',
    '-1',
    '1-evt_',
    '1-2-3',
    "1-1' or 1=1",
    `1-${'9'.repeat(400)}`,
    '1-evt_ZZZZZZZZZZZZZZZZZZZZZZZZZZ',
  ])('refuses %s as the last id', async (id) => {
    expect((await follow('', id)).status).toBe(400);
  });

  it('goes on after a break, on another replica, without a loss and without anything twice', async () => {
    const reader = await follow();
    const seen: unknown[] = [];
    const names: string[] = [];
    for (let i = 0; i < 3; i++) names.push(await mark());
    await nextMark(reader, names[2] ?? '');
    seen.push(...marked(reader));
    reader.leave();
    for (let i = 0; i < 5; i++) names.push(await mark(i % 2 === 0 ? first : second));
    const again = await follow('', reader.lastId, second);
    for (let i = 0; i < 3; i++) names.push(await mark());
    await nextMark(again, names.at(-1) ?? '');
    expect([...seen, ...marked(again)].filter((name) => names.includes(String(name)))).toEqual(names);
  });

  it('goes on from where nothing came, too: the id of a stream moves by itself', async () => {
    const reader = await follow('?topics=run.finished');
    await eventually(async () => reader.lastId !== '', 'the first id');
    reader.leave();
    const name = await mark();
    await nextMark(await follow('', reader.lastId), name);
  });

  it('misses nothing of a transaction that commits after later ones (F10)', async () => {
    const reader = await follow();
    const observer = await follow('', undefined, second);
    const late = await LateTransaction.open(first, orgId, clock.now());
    const names = ['late', await mark(), await mark(second)];
    // Both are committed, and held back: what is older is still open.
    const resumedMeanwhile = await follow('', reader.lastId || undefined);
    await eventually(async () => (await late.committed()) >= 2, 'the later ones to be committed');
    expect([marked(reader), marked(observer)].flat().filter((name) => names.includes(String(name)))).toEqual([]);
    await late.commit();
    for (const one of [reader, observer, resumedMeanwhile]) {
      await nextMark(one, names[2] ?? '');
      const order = one.events.map(({ data }) => data['cluster_id']).filter((id) => names.includes(String(id)));
      expect(order).toEqual(names);
    }
  });

  it('takes a thousand events that were missed, in their order', async () => {
    const reader = await follow();
    await eventually(async () => reader.lastId !== '', 'the first id');
    reader.leave();
    await mark();
    await first.query(
      `insert into app.outbox (org_id, event_id, topic, payload, at, live, dispatched_at)
       select org_id, (substr(event_id::text, 1, 24) || lpad(to_hex(n), 12, '0'))::uuid, topic,
         jsonb_build_object('cluster_id', 'mark-' || n, 'connection', 'stale', 'since', at), at, true, at
       from (select * from app.outbox where live order by xid desc limit 1) x, generate_series(10000, 10999) n`,
    );
    const again = await follow('', reader.lastId);
    await nextMark(again, 'mark-10999');
    const got = marked(again).filter((name) => Number(String(name).slice(5)) >= 10_000);
    expect(got).toEqual(Array.from({ length: 1_000 }, (_, n) => `mark-${10_000 + n}`));
  });

  it('says so where what came since is not known any more, and goes on from there', async () => {
    const reader = await follow();
    await nextMark(reader, await mark());
    clock.advance(HOUR + 1_000);
    const late = await follow('', reader.lastId);
    await late.next('reset');
    const name = await mark();
    await nextMark(late, name);
    expect(late.topics()[0]).toBe('reset');
    expect(late.topics().filter((topic) => topic === 'reset')).toHaveLength(1);
    // An id of another database is as good as an old one.
    await (await follow('', `9000000000000000000-${clock.now()}`)).next('reset');
  });

  it('keeps events until nobody can resume at them, and no longer', async () => {
    const left = async (): Promise<number> =>
      (await first.query<{ n: number }>('select count(*)::int as n from app.outbox where live'))[0]?.n ?? -1;
    await mark();
    const forget = (): Promise<void> => first.app.get(OutboxDelivery).forgetDelivered(systemScope(orgId, 'test'));
    clock.advance(HOUR);
    await forget();
    expect(await left()).toBeGreaterThan(0);
    clock.advance(HOUR);
    await forget();
    expect(await left()).toBe(0);
  });

  it('is refused where fifty streams of the organization are open, and not to others; who leaves makes room', async () => {
    for (let i = 0; i < 50; i++) expect((await follow()).status).toBe(200);
    const refused = await follow();
    expect([refused.status, Number(refused.headers.get('retry-after')) > 0]).toEqual([429, true]);
    const theirs = await EventReader.open(first.url, stranger);
    expect(theirs.status).toBe(200);
    theirs.leave();
    open[0]?.leave();
    await eventually(async () => (await follow()).status === 200, 'a free place');
  });

  it('ends with its key, and gives signs of life until then', async () => {
    const made = await first.owner.post('/api/v1/api-keys', { name: 'watcher', scopes: ['read'] });
    const { id, key } = made.body as { id: string; key: string };
    jest.useFakeTimers({ doNotFake: [...REAL] });
    try {
      const reader = await EventReader.open(first.url, first.client(key));
      jest.advanceTimersByTime(15_000);
      await eventually(async () => reader.comments > 0, 'a sign of life');
      await first.owner.delete(`/api/v1/api-keys/${id}`);
      jest.advanceTimersByTime(15_000);
      await eventually(async () => reader.ended, 'the end of the stream');
    } finally {
      jest.useRealTimers();
    }
  });

  it('ends with its replica, and says when to come back', async () => {
    const leaving = await TestPlatform.start({ clock, beside: first });
    const reader = await follow('', undefined, leaving);
    await eventually(async () => reader.lastId !== '', 'the first id');
    await leaving.stop();
    await eventually(async () => reader.ended, 'the end of the stream');
    expect(reader.retryMs).toBeGreaterThanOrEqual(4_000);
    const name = await mark();
    await nextMark(await follow('', reader.lastId), name);
  });

  it('answers HEAD without a stream', async () => {
    const { status, body } = await first.owner.send('HEAD', '/api/v1/events');
    expect([status, body]).toEqual([200, '']);
  });
});

/** Has told of something, and commits when the test says so. */
class LateTransaction {
  private constructor(
    private readonly client: pg.Client,
    private readonly platform: TestPlatform,
  ) {}

  static async open(platform: TestPlatform, orgId: string, at: number): Promise<LateTransaction> {
    const client = new pg.Client({ connectionString: platform.database.logins.applicationUrl });
    await client.connect();
    await client.query('begin');
    await client.query(`select set_config('bylaw.org_id', $1, true)`, [orgId]);
    await client.query(
      `insert into app.outbox (org_id, event_id, topic, payload, at, live, dispatched_at)
       select org_id, $1, topic, '{"cluster_id": "late", "connection": "stale"}', at, true, at from app.outbox where live limit 1`,
      [uuidV7(at)],
    );
    return new LateTransaction(client, platform);
  }

  /** @returns how many events are committed though their transaction began after this one */
  async committed(): Promise<number> {
    const { rows } = await this.client.query<{ xid: string }>('select pg_current_xact_id()::text as xid');
    const found = await this.platform.query('select 1 from app.outbox where live and xid > $1::xid8', [rows[0]?.xid]);
    return found.length;
  }

  async commit(): Promise<void> {
    await this.client.query('commit');
    await this.client.end();
  }
}
