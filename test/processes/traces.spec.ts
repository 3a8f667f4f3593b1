import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { pino } from 'pino';
import type { RunShape } from '#contracts';
import { eventually } from '#testing';
import { startTracing } from '#tracing';
import { Deployment } from '../support/deployment.js';
import { RedisServer } from '../support/redis-server.js';
import { TestAgent } from '../support/test-agent.js';
import { TestPlatform } from '../support/test-platform.js';
import { TraceReceiver, type ReceivedSpan } from '../support/trace-receiver.js';

const SERVER = 2;

/** A client's place in a trace of its own. */
function client(flags = '01'): { traceId: string; spanId: string; header: { traceparent: string } } {
  const [traceId, spanId] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')];
  return { traceId, spanId, header: { traceparent: `00-${traceId}-${spanId}-${flags}` } };
}

const aPod = (image: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'a' },
  spec: { containers: [{ name: 'a', image }] },
});

const where = RedisServer.isInstalled() ? describe : describe.skip;

where('a trace through every process', () => {
  let receiver: TraceReceiver;
  let deployment: Deployment;
  let clusterId: string;
  beforeAll(async () => {
    receiver = await TraceReceiver.start();
    deployment = new Deployment({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: '100' });
    await deployment.start();
    deployment.write('shop/pod.yaml', JSON.stringify(aPod('a:1')));
    await deployment.addAgent('shop');
    const { items } = (await deployment.owner.get('/api/v1/clusters')).body as { items: { id: string }[] };
    clusterId = items[0]?.id ?? '';
    const database = new pg.Client({ connectionString: deployment.databaseUrl() });
    await database.connect();
    // A wish that met another one that still waits would be of no trace alone.
    await eventually(
      async () => {
        const { rows } = await database.query(
          `select 1 from app.agent_connection, app.inventory_feed where complete and exists (select 1 from app.run where status = 'done')
             and not exists (select 1 from app.run where status in ('waiting', 'running')) and not exists (select 1 from app.outbox where dispatched_at is null)`,
        );
        return rows.length === 1;
      },
      'the agent to have listed, to be judged, and to be connected',
      60_000,
    );
    await database.end();
  }, 120_000);
  afterAll(async () => {
    await deployment.stop();
    await receiver.stop();
  }, 60_000);

  /** Asks for a run until the agent has answered in time: where the machine is busy it may be late, and the run goes on without it. */
  const askThatIsAnswered = async (): Promise<ReturnType<typeof client>> => {
    for (;;) {
      const asked = client();
      receiver.foreign.add(asked.spanId);
      const route = `/api/v1/clusters/${clusterId}/runs`;
      const { status } = await deployment.owner.send('POST', route, undefined, asked.header);
      expect(status).toBe(202);
      const pulled = await eventually(
        async () => receiver.of(asked.traceId).find(({ name }) => name === 'agent pull'),
        'the run to have asked the agent',
      );
      if (pulled?.attributes['bylaw.outcome'] === 'synced') return asked;
    }
  };

  const named = (spans: readonly ReceivedSpan[]) => spans.map(({ service, name }) => `${service}: ${name}`);

  it('leads from the client’s request over run and agent to the request that brings what had changed', async () => {
    const asked = await askThatIsAnswered();
    const brings = ({ service, name, traceId }: ReceivedSpan): boolean =>
      traceId === asked.traceId && service === 'bylaw-api' && name === 'POST /agent/v1/inventory';
    const path = await receiver.ancestry(brings);
    expect(named(path)).toEqual([
      'bylaw-api: POST /agent/v1/inventory',
      'bylaw-agent: POST /agent/v1/inventory',
      'bylaw-agent: update',
      'bylaw-worker: agent pull',
      'bylaw-worker: run',
      'bylaw-api: transaction',
      'bylaw-api: POST /api/v1/clusters/:id/runs',
    ]);
    expect(path.at(-1)).toMatchObject({
      parentSpanId: asked.spanId,
      kind: SERVER,
      attributes: { 'http.route': '/api/v1/clusters/:id/runs', 'http.response.status_code': 202 },
    });
    const run = path.find(({ name }) => name === 'run');
    const { body } = await deployment.owner.get(`/api/v1/runs/${String(run?.attributes['bylaw.run_id'])}`);
    expect(body as RunShape).toMatchObject({ cluster_id: clusterId, trigger: 'manual' });
    expect(named(receiver.of(asked.traceId))).toEqual(
      expect.arrayContaining(['bylaw-worker: judge', 'bylaw-worker: write']),
    );
  });

  it('begins at the agent where an object changes, and leads to the run that looks at it', async () => {
    deployment.write('shop/pod.yaml', JSON.stringify(aPod('a:2')));
    const begun = (traceId: string): boolean =>
      receiver.of(traceId).some(({ name, parentSpanId }) => name === 'update' && parentSpanId === '');
    const path = await receiver.ancestry(({ name, traceId }) => name === 'run' && begun(traceId));
    expect(named(path)).toEqual([
      'bylaw-worker: run',
      'bylaw-worker: deliver inventory.changed',
      'bylaw-api: transaction',
      'bylaw-api: POST /agent/v1/inventory',
      'bylaw-agent: POST /agent/v1/inventory',
      'bylaw-agent: update',
    ]);
  });
});

describe('traces of one process', () => {
  let receiver: TraceReceiver;
  let platform: TestPlatform;
  let agent: TestAgent;
  const lines: Record<string, unknown>[] = [];
  beforeAll(async () => {
    receiver = await TraceReceiver.start();
    process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = receiver.url;
    process.env['OTEL_BSP_SCHEDULE_DELAY'] = '50';
    const logger = pino({ level: 'debug' }, { write: (line) => void lines.push(JSON.parse(line)) });
    platform = await TestPlatform.start({ logger });
    agent = await TestAgent.enroll(platform, platform.owner, 'one');
    await platform.settle();
    const options = { service: 'test', version: '0', environment: process.env, onError: () => undefined };
    await startTracing(options);
  });
  afterAll(async () => {
    await platform.stop();
    await receiver.stop();
    delete process.env['OTEL_EXPORTER_OTLP_ENDPOINT'];
    delete process.env['OTEL_BSP_SCHEDULE_DELAY'];
  });

  const get = (path: string, headers: Record<string, string>) => platform.owner.send('GET', path, undefined, headers);
  const served = (traceId: string) =>
    eventually(async () => receiver.of(traceId).find(({ kind }) => kind === SERVER), 'the span of a request');

  it('say what was answered, in the log too', async () => {
    const asked = client();
    await get('/api/v1/policies/nobody', asked.header);
    const span = await served(asked.traceId);
    expect(span).toMatchObject({
      name: 'GET /api/v1/policies/:id',
      parentSpanId: asked.spanId,
      failed: false,
      attributes: {
        'http.request.method': 'GET',
        'http.response.status_code': 404,
        'url.path': '/api/v1/policies/nobody',
      },
    });
    expect(lines).toContainEqual(expect.objectContaining({ trace_id: asked.traceId, status: 404, msg: 'request' }));
    // Refusing is no failure, of the transaction that it was refused in either.
    expect(receiver.of(asked.traceId).filter(({ failed }) => failed)).toEqual([]);
  });

  it('are taken up from well-formed places alone', async () => {
    const before = receiver.spans.length;
    const { traceId, spanId } = client();
    for (const wrong of [
      '',
      'x',
      `00-${traceId}`,
      `00-${'0'.repeat(32)}-${spanId}-01`,
      `ff-${traceId}-${spanId}-01`,
      'é'.repeat(9),
    ])
      await get('/api/v1/roles', { traceparent: encodeURI(wrong) });
    const own = await eventually(
      async () => receiver.spans.slice(before).length >= 6 && receiver.spans.slice(before),
      'six spans',
    );
    expect(own.filter(({ parentSpanId }) => parentSpanId !== '')).toEqual([]);
    expect(new Set(own.map((span) => span.traceId)).size).toBe(6);
    expect(receiver.of(traceId)).toEqual([]);
  });

  it('leave out whom the client leaves out, and those who look whether we are there', async () => {
    const [silent, probing, last] = [client('00'), client(), client()];
    await get('/api/v1/clusters', silent.header);
    for (const path of ['/healthz', '/readyz', '/metrics']) await get(path, probing.header);
    await get('/api/v1/clusters', last.header);
    await served(last.traceId);
    expect([...receiver.of(silent.traceId), ...receiver.of(probing.traceId)]).toEqual([]);
  });

  it('of a run that took up several wishes point at each', async () => {
    const [first, second] = [client(), client()];
    for (const { header } of [first, second])
      await platform.owner.send('POST', `/api/v1/clusters/${agent.clusterId}/runs`, undefined, header);
    await platform.settle();
    const run = await eventually(async () => receiver.spans.find(({ links }) => links.length > 0), 'the run’s span');
    expect([run.name, run.parentSpanId]).toEqual(['run', '']);
    const traces = run.links.map((link) => receiver.spans.find(({ spanId }) => spanId === link)?.traceId);
    expect(traces.sort()).toEqual([first.traceId, second.traceId].sort());
  });

  it('show which run went wrong, and how, as the log does', async () => {
    const owner = new pg.Client({ connectionString: platform.database.logins.ownerUrl });
    await owner.connect();
    const asked = client();
    try {
      await agent.list([aPod('a:3')]);
      await platform.settle();
      await owner.query('alter table app.object_evaluation add constraint broken check (false) not valid');
      await platform.owner.send('POST', `/api/v1/clusters/${agent.clusterId}/runs`, undefined, asked.header);
      await expect(platform.settle()).rejects.toMatchObject({
        message: expect.stringContaining('broken'),
        told: { run_id: expect.stringMatching(/^run_/), trace_id: asked.traceId },
      });
    } finally {
      await owner.query('alter table app.object_evaluation drop constraint if exists broken');
      await owner.end();
    }
    const run = await eventually(async () => receiver.of(asked.traceId).find(({ name }) => name === 'run'), 'its span');
    expect(run.failed).toBe(true);
    // Nobody waits for the lease of a worker that is this test.
    await platform.query('update app.run set lease_until = requested_at where lease_until is not null');
    await platform.settle();
  });

  it('of a keyed request belong to it like any other', async () => {
    const asked = client();
    const headers = { ...asked.header, 'idempotency-key': 'once' };
    await platform.owner.send('POST', `/api/v1/clusters/${agent.clusterId}/runs`, undefined, headers);
    await platform.settle();
    await eventually(async () => receiver.of(asked.traceId).some(({ name }) => name === 'run'), 'the run');
  });
});

describe('without a place to send them to', () => {
  it('nothing is kept of the places that clients send', async () => {
    const platform = await TestPlatform.start();
    const agent = await TestAgent.enroll(platform, platform.owner, 'one');
    await platform.owner.send('POST', `/api/v1/clusters/${agent.clusterId}/runs`, undefined, client().header);
    const kept = await platform.query('select 1 from app.run_request where traceparent is not null');
    expect(kept).toEqual([]);
    await platform.stop();
  });

  it.each([
    [{}, false],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: '' }, false],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9', OTEL_SDK_DISABLED: 'TRUE' }, false],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9', OTEL_TRACES_EXPORTER: 'none' }, false],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:9' }, true],
  ])('%j loads its SDK: %p', (environment, loaded) => {
    const script = `
      import { createRequire } from 'node:module';
      import { startTracing } from '#tracing';
      await import('./dist/apps/api/src/create-api.js');
      await startTracing({ service: 'test', version: '0', environment: process.env, onError: () => undefined });
      const files = Object.keys(createRequire(import.meta.url).cache);
      console.log(files.some((file) => /@opentelemetry.(?!api.)/.test(file)));
      process.exit(0);`;
    const { OTEL_EXPORTER_OTLP_ENDPOINT: _none, ...env } = process.env;
    const out = execFileSync(process.execPath, ['--input-type=module', '--no-warnings', '-e', script], {
      env: { ...env, ...environment },
      encoding: 'utf8',
    });
    expect(out.trim()).toBe(String(loaded));
  });
});
