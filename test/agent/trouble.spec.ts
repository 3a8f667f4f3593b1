import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { requirePublicId } from '#kernel';
import { eventually } from '#testing';
import type { ViolationShape } from '#contracts';
import { AgentError, runAgent } from '../../apps/agent/src/agent.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { TestClient } from '../support/test-client.js';
import { TestPlatform } from '../support/test-platform.js';

const CLI = fileURLToPath(new URL('../../apps/cli/src/main.js', import.meta.url));
const aPod = (name: string, image: string): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: { name: ${name}, namespace: shop }\nspec:\n  containers: [{ name: app, image: '${image}' }]\n`;

describe('an agent in trouble', () => {
  let platform: TestPlatform;
  let network: TcpProxy;
  let root: string;
  let clusterId: string;
  let token: string;
  let ended: AbortController;
  let running: Promise<void>;
  let said: string[];
  let clusters = 0;
  beforeAll(async () => {
    platform = await TestPlatform.start({ worker: true });
  });
  afterAll(() => platform.stop());
  beforeEach(async () => {
    network = await TcpProxy.start(platform.url);
    root = mkdtempSync(join(tmpdir(), 'bylaw-trouble-'));
    const registered = await platform.owner.post('/api/v1/clusters', { name: `cluster-${clusters++}` });
    const body = registered.body as { id: string; enrollment: { token: string } };
    clusterId = body.id;
    token = body.enrollment.token;
    said = [];
    running = Promise.resolve();
    ended = new AbortController();
    mkdirSync(folder());
    write('web.yaml', aPod('web', 'nginx'));
  });
  afterEach(async () => {
    await stop();
    await network.close();
    rmSync(root, { recursive: true, force: true });
  });

  const folder = (): string => join(root, 'manifests');
  const state = (): string => join(root, 'state');
  const credentialFile = (): string => join(state(), 'credential.json');
  const write = (path: string, text: string): void => writeFileSync(join(folder(), path), text);
  const start = (more: { token?: string; heartbeatMs?: number } = { token }): void => {
    ended = new AbortController();
    running = runAgent({
      server: network.url,
      manifests: folder(),
      stateFolder: state(),
      version: 'test',
      say: (line) => said.push(line),
      signal: ended.signal,
      ...more,
    });
    // Whoever awaits it sees it; a test that ends early is not to end the process.
    running.catch(() => undefined);
  };
  const stop = async (): Promise<void> => {
    ended.abort();
    await running.catch(() => undefined);
  };
  const untilSaid = (what: RegExp): Promise<string> =>
    eventually(async () => said.find((line) => what.test(line)), `the agent to say ${what.source}`);
  const violations = async (more = ''): Promise<ViolationShape[]> => {
    const path = `/api/v1/violations?cluster_id=${clusterId}&policy=no-latest-tag${more}`;
    return ((await platform.owner.get(path)).body as { items: ViolationShape[] }).items;
  };
  const untilFailing = async (...names: string[]): Promise<void> => {
    const found = async (): Promise<string[]> => (await violations()).map(({ object }) => object.name).sort();
    await eventually(async () => JSON.stringify(await found()) === JSON.stringify(names), `${names.join()} to fail`);
  };
  const listings = (): string[] => said.filter((line) => line.endsWith('objects sent'));
  const newToken = async (): Promise<string> =>
    ((await platform.owner.post(`/api/v1/clusters/${clusterId}/enrollment`)).body as { token: string }).token;
  const revisions = async (): Promise<number> => {
    const rows = await platform.query<{ ended: number }>(
      'select count(*)::int as ended from hist.object_revision where cluster_id = $1',
      [requirePublicId('cluster', clusterId)],
    );
    return rows[0]?.ended ?? -1;
  };

  describe('with its network', () => {
    it('enrols once the platform is there', async () => {
      await network.close();
      start();
      await untilSaid(/^no answer from .*; again in/);
      await network.open();
      await untilFailing('web');
    });

    it('tells all that changed while the platform was away', async () => {
      start();
      await untilFailing('web');
      await network.close();
      write('api.yaml', aPod('api', 'api'));
      await untilSaid(/^no answer from .*; again in/);
      write('web.yaml', aPod('web', 'nginx:1'));
      write('db.yaml', aPod('db', 'db:latest'));
      await network.open();
      await untilFailing('api', 'db');
    });

    it('waits longer each time that nobody answers', async () => {
      await network.close();
      start();
      const waits = await eventually(async () => {
        const found = said.flatMap((line) => /again in ([\d.]+) s/.exec(line)?.[1] ?? []).map(Number);
        return found.length >= 4 && found;
      }, 'four tries');
      expect(waits[3]).toBeGreaterThan(waits[0] ?? Infinity);
    });

    it('sends again what may not have arrived, and the platform takes it once', async () => {
      start();
      await untilFailing('web');
      network.loseNextAnswer();
      write('web.yaml', aPod('web', 'nginx:latest'));
      await untilSaid(/^no answer from/);
      write('api.yaml', aPod('api', 'api'));
      await untilFailing('api', 'web');
      expect([network.lost, await revisions()]).toEqual([1, 1]);
      expect((await violations()).map(({ state: of }) => of)).toEqual(['new', 'new']);
    });
  });

  describe('with its state folder', () => {
    it('keeps credential and key to itself', async () => {
      start();
      await untilFailing('web');
      expect(statSync(state()).mode & 0o777).toBe(0o700);
      for (const file of ['credential.json', 'hmac.key'])
        expect(statSync(join(state(), file)).mode & 0o777).toBe(0o600);
      expect(readFileSync(credentialFile(), 'utf8')).not.toContain(token);
    });

    it('starts again with the token that it was started with before', async () => {
      start();
      await untilFailing('web');
      await stop();
      write('web.yaml', aPod('web', 'nginx:1'));
      start();
      await untilFailing();
    });

    it('that is damaged says so, and how to mend it', async () => {
      start();
      await untilFailing('web');
      await stop();
      writeFileSync(credentialFile(), readFileSync(credentialFile(), 'utf8').slice(0, 40));
      start({});
      await expect(running).rejects.toThrow(AgentError);
      await expect(running).rejects.toThrow(/credential\.json can't be read: get a new token .* --token/);
      start({ token: await newToken() });
      write('web.yaml', aPod('web', 'nginx:1'));
      await untilFailing();
    });

    it.each([
      ['without a token at its first start', () => ({}), /Not enrolled yet: give --token/],
      ['with a token that is none', () => ({ token: 'bylaw_enroll_nonsense' }), /refused \(\w+\)/],
    ])('%s ends with what would help', async (_what, more, message) => {
      start(more());
      await expect(running).rejects.toThrow(message);
    });

    it('and a token that another has used ends with where to get a new one', async () => {
      start();
      await untilFailing('web');
      await stop();
      rmSync(state(), { recursive: true });
      start();
      await expect(running).rejects.toThrow(/refused \(token_used\): .*enrollment/);
    });
  });

  describe('with its folder', () => {
    it('that vanishes keeps what was told, and goes on when it is back', async () => {
      start({ token, heartbeatMs: 100 });
      await untilFailing('web');
      renameSync(folder(), `${folder()}.away`);
      await untilSaid(/^nothing can be told of the folder/);
      renameSync(`${folder()}.away`, folder());
      write('api.yaml', aPod('api', 'api'));
      await untilFailing('api', 'web');
      expect(await violations('&state=resolved')).toEqual([]);
    });
  });

  describe('with its place', () => {
    it('does not list again while both sides hold the same', async () => {
      start({ token, heartbeatMs: 30 });
      await untilFailing('web');
      const seen = async (): Promise<string> =>
        String(
          ((await platform.owner.get(`/api/v1/clusters/${clusterId}`)).body as { last_seen_at: string }).last_seen_at,
        );
      const times = new Set<string>();
      await eventually(async () => times.add(await seen()).size > 5, 'five heartbeats');
      expect(listings()).toHaveLength(1);
    });

    it('lists again where something else was told in its name', async () => {
      start({ token, heartbeatMs: 100 });
      await untilFailing('web');
      const { credential } = JSON.parse(readFileSync(credentialFile(), 'utf8')) as { credential: string };
      const [feed] = await platform.query<{ epoch: number; seq: number }>(
        'select epoch, seq from app.inventory_feed where cluster_id = $1',
        [requirePublicId('cluster', clusterId)],
      );
      const gone = { op: 'delete', api_version: 'v1', kind: 'Pod', namespace: 'shop', name: 'web' };
      const batch = { epoch: feed?.epoch, seq: Number(feed?.seq) + 1, normaliser: 1, changes: [gone] };
      const answer = await new TestClient(platform.url, credential).post('/agent/v1/inventory', batch);
      expect(answer.body).toMatchObject({ applied: true });
      await eventually(async () => listings().length > 1, 'another listing');
      await untilFailing('web');
      expect(await revisions()).toBe(1);
    });

    it('taken by another ends: bylaw agent says why, with exit code 2', async () => {
      const args = ['agent', '--server', network.url, '--manifests', folder(), '--state', state(), '--token', token];
      const agent = spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
      let err = '';
      agent.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
      const exit = new Promise((resolve) => agent.once('close', resolve));
      try {
        await untilFailing('web');
        await platform.client().post('/agent/v1/enroll', { token: await newToken(), agent_version: 'other' });
        write('api.yaml', aPod('api', 'api'));
        expect(await exit).toBe(2);
        expect(err).toMatch(/^bylaw: refused \(credential_revoked\): .*Enrol again/m);
        expect(err).not.toMatch(/^\s+at /m);
      } finally {
        agent.kill('SIGKILL');
      }
    });

    it('is left in order where it is asked to', async () => {
      const args = ['agent', '--server', network.url, '--manifests', folder(), '--state', state(), '--token', token];
      const agent = spawn(process.execPath, [CLI, ...args], { stdio: 'ignore' });
      const exit = new Promise((resolve) => agent.once('close', (code, signal) => resolve([code, signal])));
      try {
        await untilFailing('web');
        agent.kill('SIGTERM');
        expect(await exit).toEqual([0, null]);
      } finally {
        agent.kill('SIGKILL');
      }
    });
  });
});
