import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '#testing';
import type { ClusterShape, ViolationShape } from '#contracts';
import { runAgent } from '../../apps/agent/src/agent.js';
import { TestPlatform } from '../support/test-platform.js';

const aPod = (name: string, image: string): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: { name: ${name}, namespace: shop }\nspec:\n  containers:\n    - name: app\n      image: ${image}\n`;

describe('a folder of manifests as a cluster', () => {
  let platform: TestPlatform;
  let folder: string;
  let state: string;
  let clusterId: string;
  let token: string;
  let ended: AbortController | undefined;
  let running: Promise<void> = Promise.resolve();
  beforeAll(async () => {
    platform = await TestPlatform.start({ worker: true });
    folder = mkdtempSync(join(tmpdir(), 'bylaw-folder-'));
    state = mkdtempSync(join(tmpdir(), 'bylaw-state-'));
    const registered = await platform.owner.post('/api/v1/clusters', { name: 'folder' });
    const body = registered.body as { id: string; enrollment: { token: string } };
    clusterId = body.id;
    token = body.enrollment.token;
    write('web.yaml', aPod('web', 'nginx'));
    write('api.yaml', aPod('api', 'api:1'));
    start({ token });
    await untilFailing(['web']);
  });
  afterAll(async () => {
    await stop();
    await platform.stop();
    for (const path of [folder, state]) rmSync(path, { recursive: true, force: true });
  });

  const write = (path: string, text: string | Buffer): void => writeFileSync(join(folder, path), text);
  const start = (more: { token?: string; heartbeatMs?: number } = {}): void => {
    ended = new AbortController();
    running = runAgent({
      server: platform.url,
      manifests: folder,
      stateFolder: state,
      version: 'test',
      say: () => undefined,
      signal: ended.signal,
      ...more,
    });
  };
  const stop = async (): Promise<void> => {
    ended?.abort();
    await running;
  };
  const cluster = async (): Promise<ClusterShape> =>
    (await platform.owner.get(`/api/v1/clusters/${clusterId}`)).body as ClusterShape;
  const failing = async (): Promise<string[]> => {
    const { body } = await platform.owner.get(`/api/v1/violations?cluster_id=${clusterId}&policy=no-latest-tag`);
    return (body as { items: ViolationShape[] }).items.map(({ object }) => object.name).sort();
  };
  const untilFailing = async (names: string[]): Promise<void> => {
    await eventually(
      async () => JSON.stringify(await failing()) === JSON.stringify(names),
      `${names.join(', ')} to fail`,
    );
  };

  it('an edit changes the violations, both ways', async () => {
    write('web.yaml', aPod('web', 'nginx:1.27'));
    write('api.yaml', aPod('api', 'api:latest'));
    await untilFailing(['api']);
  });

  it('a file that is added, renamed or removed takes its objects with it', async () => {
    write('new.yaml', aPod('new', 'new'));
    await untilFailing(['api', 'new']);
    renameSync(join(folder, 'new.yaml'), join(folder, 'renamed.yaml'));
    await eventually(async () => (await cluster()).objects === 3, 'the renamed file');
    rmSync(join(folder, 'renamed.yaml'));
    await untilFailing(['api']);
  });

  it('a broken file is reported with line and column, and leaves the others alone', async () => {
    write('broken.yaml', 'apiVersion: v1\nkind: [\n');
    write('typo.yaml', aPod('typo', 'x:1').replace('containers:', 'containers: none #'));
    write('bytes.yaml', Buffer.from([0x61, 0x3a, 0x20, 0xff, 0xfe, 0x0a]));
    const problems = await eventually(async () => {
      const found = (await cluster()).problems;
      return found.length === 3 && found;
    }, 'three problems');
    expect(problems.map(({ path }) => path).sort()).toEqual(['broken.yaml', 'bytes.yaml', 'typo.yaml']);
    for (const { line, column, message } of problems)
      expect([line > 0, column > 0, message !== '']).toEqual([true, true, true]);
    expect(await failing()).toEqual(['api']);
    for (const path of ['broken.yaml', 'typo.yaml', 'bytes.yaml']) rmSync(join(folder, path));
    await eventually(async () => (await cluster()).problems.length === 0, 'no problem to be left');
  });

  it('a file that breaks keeps its violations: they are neither resolved nor opened again', async () => {
    const web = async (): Promise<ViolationShape | undefined> =>
      ((await platform.owner.get('/api/v1/violations?q=api')).body as { items: ViolationShape[] }).items[0];
    const before = await web();
    write('api.yaml', `${aPod('api', 'api:latest')}  - ]\n`);
    await eventually(async () => (await cluster()).problems.length === 1, 'the file to be reported');
    write('api.yaml', aPod('api', 'api:latest').replace('name: app', 'name: app2'));
    await eventually(async () => (await cluster()).problems.length === 0, 'the file to be mended');
    await untilFailing(['api']);
    expect(await web()).toMatchObject({ id: before?.id, opened_at: before?.opened_at, state: 'new' });
  });

  it('a copy of an object counts once and is reported; what is no manifest, and a loop of links, are of no matter', async () => {
    write('a-copy-of-web.yaml', aPod('web', 'nginx'));
    write('notes.txt', 'kind: nothing');
    write('.web.yaml.swp', 'x');
    mkdirSync(join(folder, 'deep'));
    symlinkSync(folder, join(folder, 'deep', 'loop'));
    await untilFailing(['api', 'web']);
    const { objects, problems } = await cluster();
    expect([objects, problems.map(({ code, path }) => [code, path])]).toEqual([2, [['duplicate', 'web.yaml']]]);
    rmSync(join(folder, 'a-copy-of-web.yaml'));
    rmSync(join(folder, 'deep'), { recursive: true });
    await untilFailing(['api']);
  });

  it('a second start needs no token, and sees what changed meanwhile', async () => {
    await stop();
    rmSync(join(folder, 'api.yaml'));
    write('web.yaml', aPod('web', 'nginx'));
    start();
    await untilFailing(['web']);
    expect((await cluster()).objects).toBe(1);
  });

  it('lists everything again where the platform holds something else (F9)', async () => {
    await stop();
    start({ heartbeatMs: 50 });
    await untilFailing(['web']);
    const digests = (): Promise<object[]> => platform.query('select kind, digest from app.kind_digest');
    const right = await digests();
    // Counted as it is written: the next heartbeat may have mended it before another query.
    const goAstray = (): Promise<object[]> =>
      platform.query(
        `with astray as (update app.kind_digest set digest = sha256('astray') returning kind) select * from astray`,
      );
    await eventually(async () => (await goAstray()).length === right.length, 'its digests to go astray');
    await eventually(async () => JSON.stringify(await digests()) === JSON.stringify(right), 'a new listing to mend it');
  });

  it('ends, and says why, once another agent has taken its place', async () => {
    const { body } = await platform.owner.post(`/api/v1/clusters/${clusterId}/enrollment`);
    await platform
      .client()
      .post('/agent/v1/enroll', { token: (body as { token: string }).token, agent_version: 'other' });
    await expect(running).rejects.toThrow(/credential_revoked/);
    running = Promise.resolve();
  });
});
