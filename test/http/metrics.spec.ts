import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { RunLedger } from '#evaluation';
import { systemScope } from '#kernel';
import { Database, DEFAULT_RATES, Metrics } from '#platform';
import { eventually } from '#testing';
import { EventReader } from '../support/event-reader.js';
import { OperationsServer } from '../../apps/worker/src/operations-server.js';
import { TestAgent } from '../support/test-agent.js';
import { TestClient } from '../support/test-client.js';
import { TestLink } from '../support/test-link.js';
import { TestPlatform } from '../support/test-platform.js';

const TABLE = new URL('../../../docs/metrics.md', import.meta.url);

const aPod = (name: string, image: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: { containers: [{ name: 'a', image }] },
});

describe('what Prometheus reads', () => {
  let platform: TestPlatform;
  let agent: TestAgent;
  beforeAll(async () => {
    platform = await TestPlatform.start();
    agent = await TestAgent.enroll(platform, platform.owner, 'one');
    await platform.settle();
  });
  afterAll(() => platform.stop());

  /** @returns the value of one series, by its text without `bylaw_`; undefined where there is none */
  const value = async (series: string): Promise<number | undefined> => {
    const { body } = await platform.client().get('/metrics');
    const line = String(body)
      .split('\n')
      .find((one) => one.startsWith(`bylaw_${series} `));
    return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(' ') + 1));
  };
  const values = async (...series: string[]) => Promise.all(series.map((one) => value(one)));

  it('is what docs/metrics.md says, with its labels, and nothing besides', async () => {
    const rows = [...readFileSync(TABLE, 'utf8').matchAll(/^\| `(bylaw_\w+)` *\|([^|]*)\|/gm)];
    const told = rows.map(([, name, labels = '']) => [
      name,
      [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label),
    ]);
    const found = await platform.app.get(Metrics).registry.getMetricsAsJSON();
    const registry = platform.app.get(Metrics).registry;
    const there = found
      .filter(({ name }) => name.startsWith('bylaw_'))
      .map(({ name }) => [
        name,
        (registry.getSingleMetric(name) as unknown as { labelNames: string[] }).labelNames.filter(
          (label) => label !== 'le',
        ),
      ]);
    expect(Object.fromEntries(told)).toEqual(Object.fromEntries(there));
  });

  it('counts a change until everybody can see what became of it', async () => {
    await agent.list([aPod('a', 'a:latest'), aPod('b', 'b:latest')]);
    await platform.settle();
    expect(
      await values(
        'run_duration_seconds_count{trigger="object-change",outcome="done"}',
        'change_visible_seconds_count',
        'outbox_delivery_seconds_count',
        'objects_judged_total{reused="no"}',
      ),
    ).toEqual([1, 1, expect.any(Number), 2]);
    const { body } = await platform.owner.get('/api/v1/violations?limit=500');
    const open = (body as { items: unknown[] }).items.length;
    expect(open).toBeGreaterThan(0);
    expect(await value('pairs_judged_total{verdict="fail",reused="no"}')).toBe(open);
    const [pairs = 0, seconds = 0] = await values(
      'engine_pairs_total{pool="library"}',
      'engine_busy_seconds_total{pool="library"}',
    );
    expect(pairs).toBeGreaterThanOrEqual(open);
    expect(seconds).toBeGreaterThan(0);
  });

  it('tells what was kept from what was judged again, and whether the agent could be asked', async () => {
    const failing = (await value('pairs_judged_total{verdict="fail",reused="no"}')) ?? 0;
    await platform.owner.patch(`/api/v1/clusters/${agent.clusterId}`, { labels: { tier: 'one' } });
    await platform.settle();
    const series = [
      'objects_judged_total{reused="no"}',
      'objects_judged_total{reused="yes"}',
      'pairs_judged_total{verdict="fail",reused="no"}',
      'pairs_judged_total{verdict="fail",reused="yes"}',
    ];
    expect(await values(...series)).toEqual([2, 2, failing, failing]);
    await platform.owner.post(`/api/v1/clusters/${agent.clusterId}/runs`);
    await platform.settle();
    expect(await values(...series)).toEqual([4, 2, 2 * failing, failing]);
    expect(
      await values(
        'run_duration_seconds_count{trigger="manual",outcome="done"}',
        'agent_pull_duration_seconds_count{outcome="away"}',
        'change_visible_seconds_count',
      ),
    ).toEqual([1, 1, 1]);
  });

  it('tells who stood in the way of a run: one’s own, or others', async () => {
    const second = await TestAgent.enroll(platform, platform.owner, 'two');
    await platform.settle();
    const stranger = await platform.stranger('initech');
    const third = await TestAgent.enroll(platform, stranger, 'three');
    await platform.settle();
    const waits = () => values('run_wait_seconds_count{behind="own"}', 'run_wait_seconds_count{behind="others"}');
    const [own = 0, others = 0] = await waits();
    await agent.list([aPod('a', 'a:1')]);
    await second.list([aPod('c', 'c:1')]);
    await third.list([aPod('d', 'd:1')]);
    await platform.settle();
    expect(await waits()).toEqual([own + 1, others + 2]);
  });

  it('times validations by what was decided, and what was refused apart', async () => {
    const bad = aPod('x', 'x:latest');
    await platform.owner.post('/api/v1/validate', { specs: [bad], fail_on: 'low' });
    await platform.owner.post('/api/v1/validate', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n' } });
    await platform.owner.post('/api/v1/validate', {});
    await platform.client('nobody').post('/api/v1/validate', { specs: [bad] });
    await eventually(
      async () => (await value('validation_duration_seconds_count{outcome="refused"}')) === 2,
      'refusals',
    );
    expect(
      await values(
        'validation_duration_seconds_count{outcome="deny"}',
        'validation_duration_seconds_count{outcome="allow"}',
        'validation_duration_seconds_count{outcome="failed"}',
      ),
    ).toEqual([1, 1, undefined]);
  });

  it('says who is connected and who follows', async () => {
    const link = await TestLink.open(platform.url, agent.credential);
    const reader = await EventReader.open(platform.url, platform.owner);
    expect(await values('agents_connected', 'event_streams_open', 'exports_running')).toEqual([1, 1, 0]);
    link.close();
    reader.leave();
    await eventually(
      async () => (await values('agents_connected', 'event_streams_open')).every((count) => count === 0),
      'both to be gone',
    );
  });

  it('tells silent workers from those that gave back what they had', async () => {
    await platform.query(
      `insert into app.run (org_id, run_id, cluster_id, trigger, triggers, status, attempt, lease_until, requested_at, started_at)
       select org_id, gen_random_uuid(), cluster_id, 'manual', '{manual}', 'running', 1, $1, $1, $1 from app.cluster where name = 'two'`,
      [new Date(Date.now() - 60_000)],
    );
    await platform.settle();
    expect(
      await values(
        'runs_taken_over_total{cause="silent"}',
        'runs_taken_over_total{cause="handed_over"}',
        'run_lease_overdue_seconds_count',
        'run_lease_overdue_seconds_bucket{le="15"}',
        'run_lease_overdue_seconds_bucket{le="+Inf"}',
      ),
    ).toEqual([1, 0, 1, 0, 1]);
  });

  it('knows a run that was given back by a worker that ended in order', async () => {
    const [database, ledger] = [platform.app.get(Database), platform.app.get(RunLedger)];
    await platform.owner.post(`/api/v1/clusters/${agent.clusterId}/runs`);
    const [org] = await platform.query<{ org_id: string }>('select org_id from app.organization');
    const scope = systemScope(org?.org_id ?? '', 'test');
    const run = await ledger.takeNext(database, scope);
    if (run === undefined) throw new Error('there is no run');
    await database.run(scope, (tx) => ledger.handOver(tx, run, {}));
    await platform.settle();
    expect(
      await values(
        'runs_taken_over_total{cause="silent"}',
        'runs_taken_over_total{cause="handed_over"}',
        'run_lease_overdue_seconds_count',
      ),
    ).toEqual([1, 1, 1]);
  });

  it('says how much is kept, and how many connections there are', async () => {
    const [violations = 0, spans, used, waiting] = await values(
      'table_bytes{table="app.violation"}',
      'table_rows{table="hist.violation_span"}',
      'database_connections{state="used"}',
      'database_requests_waiting',
    );
    expect(violations).toBeGreaterThan(0);
    expect([spans, waiting]).toEqual([expect.any(Number), 0]);
    expect(used).toBeGreaterThanOrEqual(0);
    const { body } = await platform.client().get('/metrics');
    // Partitions are in their table's; no organization, cluster or object makes a series of its own.
    expect(String(body)).not.toMatch(/_20\d\d_\d\d|_rest"|cls_|org_id/);
  });
});

describe('a worker that is a process of its own', () => {
  let platform: TestPlatform;
  let operations: OperationsServer;
  let at: TestClient;
  beforeAll(async () => {
    platform = await TestPlatform.start();
    operations = platform.app.get(OperationsServer);
    at = new TestClient(`http://127.0.0.1:${await operations.listen(0)}`);
  });
  afterAll(() => platform.stop());

  it('says that it lives from the first moment on, and that it works once it does', async () => {
    const asked = async () => [(await at.get('/healthz')).status, (await at.get('/readyz')).status];
    expect(await asked()).toEqual([200, 503]);
    operations.isServing();
    expect(await asked()).toEqual([200, 200]);
  });

  it('shows its figures, and nothing else', async () => {
    const { status, headers, body } = await at.get('/metrics?x=1');
    expect([status, headers.get('content-type')]).toEqual([200, expect.stringContaining('text/plain')]);
    expect(String(body)).toContain('bylaw_run_duration_seconds');
    const others = [at.get('/'), at.get('/api/v1/clusters'), at.post('/metrics', {}), at.send('HEAD', '/metrics')];
    expect((await Promise.all(others)).map((answer) => answer.status)).toEqual([404, 404, 405, 200]);
  });

  it('says which port is taken, and what to do', async () => {
    const { port } = new URL(platform.url);
    await expect(platform.app.get(OperationsServer).listen(Number(port))).rejects.toThrow('BYLAW_WORKER_PORT');
  });
});

describe('a limit', () => {
  let platform: TestPlatform;
  beforeAll(async () => {
    const tight = { organization: 2, credential: 2 };
    platform = await TestPlatform.start({
      rates: { perMinute: { ...DEFAULT_RATES.perMinute, validate: tight }, badCredentialsPerMinute: 1 },
    });
  });
  afterAll(() => platform.stop());

  it('counts whom it refuses by its class', async () => {
    const post = () =>
      platform.owner.post('/api/v1/validate', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n' } });
    const statuses = [await post(), await post(), await post(), await post()].map(({ status }) => status);
    expect(statuses).toEqual([200, 200, 429, 429]);
    const { body } = await platform.client().get('/metrics');
    expect(String(body)).toContain('bylaw_requests_limited_total{class="validate"} 2\n');
    expect(String(body)).toContain('bylaw_requests_limited_total{class="export"} 0\n');
  });
});
