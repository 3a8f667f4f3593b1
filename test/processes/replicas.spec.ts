import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requirePublicId, systemScope, type JsonObject } from '#kernel';
import type { ClusterShape, RunShape } from '#contracts';
import { RunLedger, RunsService } from '#evaluation';
import { eventually } from '#testing';
import { runAgent } from '../../apps/agent/src/agent.js';
import { AgentGateway } from '../../apps/api/src/agent/agent-gateway.js';
import { ClusterView } from '../support/cluster-view.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { TestAgent } from '../support/test-agent.js';
import { TestLink } from '../support/test-link.js';
import { TestPlatform } from '../support/test-platform.js';
import { aPod } from '../support/workloads.js';

describe('an agent that is connected to one of two replicas', () => {
  let first: TestPlatform;
  let second: TestPlatform;
  let agent: TestAgent;
  let links: TestLink[];
  let clusters = 0;
  beforeAll(async () => {
    first = await TestPlatform.start();
    second = await TestPlatform.start({ beside: first });
  });
  beforeEach(async () => {
    links = [];
    agent = await TestAgent.enroll(first, first.owner, `cluster-${clusters++}`);
  });
  afterEach(() => {
    for (const link of links) link.close();
  });
  afterAll(async () => {
    await second.stop();
    await first.stop();
  });

  const connect = async (platform: TestPlatform, credential = agent.credential): Promise<TestLink> => {
    const link = await TestLink.open(platform.url, credential);
    links.push(link);
    return link;
  };
  const greet = async (link: TestLink): Promise<void> => {
    link.say({ type: 'heartbeat', ...agent.position, agent_version: 'test' });
    await link.next('ack');
  };
  /** Asks for a run over one replica, and has the other's worker carry it out. */
  const runElsewhere = async (): Promise<RunShape> => {
    const asked = (await second.owner.post(`/api/v1/clusters/${agent.clusterId}/runs`)).body as RunShape;
    await second.settle();
    return (await second.owner.get(`/api/v1/runs/${asked.id}`)).body as RunShape;
  };

  it('is asked by the other one’s worker, and what it sends then is judged', async () => {
    await agent.list([aPod('a', 'nginx')]);
    await first.settle();
    const link = await connect(first);
    await greet(link);
    const running = runElsewhere();
    const { command_id } = await link.next('sync');
    const asked = new Date();
    await agent.send([{ op: 'upsert', object: aPod('late', 'nginx') }]);
    link.say({ type: 'synced', command_id, ...agent.position, agent_version: 'test' });
    const run = await running;
    expect(run).toMatchObject({ status: 'done', trigger: 'manual', counts: { objects: 2 } });
    expect(Date.parse(run.state_as_of ?? '')).toBeGreaterThanOrEqual(asked.getTime() - 1_000);
    expect(await new ClusterView(first, agent, 'no-latest-tag').failing()).toEqual(['Pod a: app', 'Pod late: app']);
  });

  it('counts as having answered only once it is where the platform is', async () => {
    await agent.list([aPod('a', 'nginx')]);
    await first.settle();
    const link = await connect(first);
    await greet(link);
    const running = runElsewhere();
    const { command_id } = await link.next('sync');
    const behind = { epoch: agent.position.epoch, seq: agent.position.seq + 1, agent_version: 'test' };
    link.say({ type: 'synced', command_id, ...behind });
    expect(await link.next('ack')).toMatchObject({ in_sync: false });
    await agent.list([aPod('b', 'nginx')]);
    link.say({ type: 'synced', command_id, ...agent.position, agent_version: 'test' });
    await running;
    expect(await new ClusterView(first, agent, 'no-latest-tag').failing()).toEqual(['Pod b: app']);
  });

  it('is not waited for where it is not connected', async () => {
    await agent.list([aPod('a', 'nginx')]);
    const link = await connect(first);
    await greet(link);
    link.close();
    await eventually(
      async () =>
        (await first.query('select 1 from app.agent_connection where cluster_id = $1', [idOf(agent)])).length === 0,
      'the end of the connection to be noted',
    );
    expect((await runElsewhere()).status).toBe('done');
    expect(await first.query('select 1 from app.mailbox where cluster_id = $1', [idOf(agent)])).toEqual([]);
  });

  it('is refused without a good credential, elsewhere, and with anything that is no message', async () => {
    expect((await connect(first, 'nonsense')).ended).toBe(401);
    expect((await connect(first, first.owner.key)).ended).toBe(401);
    expect((await TestLink.open(first.url, agent.credential, '/agent/v1/other')).ended).toBe(404);
    for (const raw of [
      '',
      '{',
      '{"type":"heartbeat"}',
      '[]',
      '{"type":"goodbye","reconnect_after_ms":1}',
      Buffer.from('{}'),
    ]) {
      const link = await connect(first);
      link.sendRaw(raw);
      expect(await link.untilEnded()).toBe(4001);
    }
    const huge = await connect(first);
    huge.sendRaw(JSON.stringify({ type: 'heartbeat', epoch: 0, seq: 0, agent_version: 'x'.repeat(50_000) }));
    expect(await huge.untilEnded()).toBe(1009);
  });

  it.each(['//', 'http://[', '/agent/v1/connect/', '*'])(
    'opened at %s by anybody is refused, and ends nothing',
    async (path) => {
      const socket = connectTcp(Number(new URL(first.url).port), '127.0.0.1');
      const answer = once(socket, 'data');
      socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`);
      expect(String(await answer)).toMatch(/^HTTP\/1\.1 404 /);
      socket.destroy();
      expect((await first.client().get('/healthz')).status).toBe(200);
    },
  );

  it('has one connection: a newer one ends it, and so does the end of its cluster', async () => {
    const older = await connect(first);
    const newer = await connect(first);
    expect(await older.untilEnded()).toBe(4000);
    await greet(newer);
    await first.owner.delete(`/api/v1/clusters/${agent.clusterId}`);
    newer.say({ type: 'heartbeat', ...agent.position, agent_version: 'test' });
    expect(await newer.untilEnded()).toBe(4003);
  });

  it('can’t answer for another’s cluster', async () => {
    const stranger = await first.stranger('globex');
    const other = await TestAgent.enroll(first, stranger, 'theirs');
    await agent.list([aPod('a', 'nginx')]);
    const [link, theirs] = [await connect(first), await connect(first, other.credential)];
    await greet(link);
    const running = runElsewhere();
    const { command_id } = await link.next('sync');
    theirs.say({ type: 'synced', command_id, epoch: 0, seq: 0, agent_version: 'test' });
    await theirs.next('ack');
    expect(await first.query('select answered_at from app.mailbox where command_id = $1', [command_id])).toEqual([
      { answered_at: null },
    ]);
    link.say({ type: 'synced', command_id, ...agent.position, agent_version: 'test' });
    await running;
    expect(theirs.heard.filter(({ type }) => type === 'sync')).toEqual([]);
  });
});

describe('a replica that ends', () => {
  let first: TestPlatform;
  let folder: string;
  beforeAll(async () => {
    first = await TestPlatform.start();
    folder = mkdtempSync(join(tmpdir(), 'bylaw-replicas-'));
  });
  afterAll(async () => {
    await first.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('sends its agents to another one, where they go on without listing anew', async () => {
    const leaving = await TestPlatform.start({ beside: first });
    const network = await TcpProxy.start(leaving.url);
    const { id, enrollment } = (await first.owner.post('/api/v1/clusters', { name: 'moving' })).body as ClusterShape & {
      enrollment: { token: string };
    };
    mkdirSync(join(folder, 'manifests'));
    writeFileSync(join(folder, 'manifests', 'a.json'), JSON.stringify(aPod('a', 'nginx')));
    const ended = new AbortController();
    const said: string[] = [];
    const running = runAgent({
      server: network.url,
      token: enrollment.token,
      manifests: join(folder, 'manifests'),
      stateFolder: join(folder, 'state'),
      version: 'test',
      say: (line) => said.push(line),
      signal: ended.signal,
    });
    await eventually(async () => leaving.app.get(AgentGateway).connected === 1, 'the agent to connect');
    await eventually(async () => said.some((line) => line.endsWith('objects sent')), 'the listing');
    network.leadTo(first.url);
    await leaving.stop();
    await eventually(async () => first.app.get(AgentGateway).connected === 1, 'the agent to come over');
    await eventually(
      async () =>
        (
          await first.query('select 1 from app.agent_connection where cluster_id = $1', [
            requirePublicId('cluster', id),
          ])
        ).length > 0,
      'its first heartbeat there',
    );
    await first.owner.post(`/api/v1/clusters/${id}/runs`);
    await first.settle();
    expect(said.filter((line) => line.endsWith('objects sent'))).toHaveLength(2);
    ended.abort();
    await running;
    await network.close();
  });

  it('leaves its runs to the others, from where it was on', async () => {
    const agent = await TestAgent.enroll(first, first.owner, 'long');
    const pods: JsonObject[] = Array.from({ length: 600 }, (_, n) => aPod(`pod-${n}`, 'nginx'));
    await agent.send(pods.slice(0, 300).map((object) => ({ op: 'upsert', object })));
    await agent.send(pods.slice(300).map((object) => ({ op: 'upsert', object })));
    const leaving = await TestPlatform.start({ beside: first });
    const [run] = await first.query<{ org_id: string; run_id: string }>(
      `insert into app.run (org_id, run_id, cluster_id, trigger, triggers, status, requested_at)
       select org_id, gen_random_uuid(), cluster_id, 'policy-change', '{policy-change}', 'waiting', created_at from app.cluster
       where cluster_id = $1 returning org_id, run_id`,
      [idOf(agent)],
    );
    await first.query(
      `insert into app.run_request (org_id, request_id, run_id, trigger, scope, requested_at)
       select org_id, gen_random_uuid(), run_id, 'policy-change', '{"all": true}', requested_at from app.run where run_id = $1`,
      [run?.run_id],
    );
    const runs = leaving.app.get(RunsService);
    const ledger = leaving.app.get(RunLedger);
    const written: unknown[] = [];
    const fence = ledger.fence.bind(ledger);
    // It is told to end while what it judged first is written.
    jest.spyOn(ledger, 'fence').mockImplementation(async (...progress) => {
      if (written.push(progress) === 2) runs.handOver();
      await fence(...progress);
    });
    expect(await runs.executeNext(systemScope(run?.org_id ?? '', 'test'))).toEqual({ taken: true });
    expect(await judged()).toBeGreaterThan(0);
    expect(await judged()).toBeLessThan(600);
    await leaving.stop();
    await first.settle();
    const { body } = await first.owner.get(`/api/v1/runs?cluster_id=${agent.clusterId}&trigger=policy-change`);
    const [done] = (body as { items: RunShape[] }).items;
    expect(done).toMatchObject({ status: 'done', attempt: 2, counts: { objects: 600 } });
    expect(done?.counts.reused).toBeGreaterThan(0);
    expect(await judged()).toBe(600);

    async function judged(): Promise<number> {
      const rows = await first.query<{ n: number }>(
        `select count(*)::int as n from app.object_evaluation e join app.inventory_object o using (org_id, object_id) where o.cluster_id = $1`,
        [idOf(agent)],
      );
      return rows[0]?.n ?? 0;
    }
  });
});

function idOf(agent: TestAgent): string {
  return requirePublicId('cluster', agent.clusterId);
}
