import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { generateCredential, uuidV7 } from '#kernel';
import { eventually } from '#testing';
import type { ClusterShape } from '#contracts';
import { isAlive, StandaloneFolder, type StandaloneProcess } from '../support/standalone-process.js';
import { TestClient } from '../support/test-client.js';

const aPod = (name: string, image: string): string => `apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: shop }
spec:
  containers:
    - name: app
      image: ${image}
`;

const names = async (owner: TestClient): Promise<unknown[]> =>
  ((await owner.get('/api/v1/clusters')).body as { items: ClusterShape[] }).items.map(({ name, objects }) => [
    name,
    objects,
  ]);

describe('npm start', () => {
  let folder: StandaloneFolder;
  let shop: string;
  let other: string;
  beforeAll(() => {
    folder = new StandaloneFolder();
    folder.write('shop/web.yaml', aPod('web', 'nginx'));
    folder.write('shop/broken.yaml', 'kind: Pod\n\tmetadata: {}\n');
    folder.write('other/deploy/api.yaml', aPod('api', 'api:1.2'));
    shop = join(folder.root, 'shop');
    other = join(folder.root, 'other');
  });
  afterAll(() => folder.remove());

  describe('with two folders', () => {
    let first: StandaloneProcess;
    let printed: string;
    beforeAll(async () => {
      first = folder.start({ args: ['--manifests', shop, '--manifests', other] });
      printed = await first.table();
    });
    afterAll(() => first.kill());

    it('says where it is and where the owner’s key lies', () => {
      expect(printed).toMatch(/^Bylaw is ready at http:\/\/localhost:\d+$/m);
      expect(printed).toContain(`The owner's API key is in ${join(folder.dataDir, 'owner.key')}`);
    });

    it('shows each cluster with connection, objects, score, coverage and violations by severity', () => {
      const rows = printed.split('\n').filter((line) => line.startsWith('│'));
      const cells = rows.map((row) =>
        row
          .split('│')
          .map((cell) => cell.trim())
          .filter(Boolean),
      );
      expect(cells[0]).toEqual([
        'cluster',
        'connection',
        'objects',
        'score',
        'coverage',
        'critical',
        'high',
        'medium',
        'low',
        'info',
      ]);
      expect(cells.slice(1).map(([name, connection, objects]) => [name, connection, objects])).toEqual([
        ['other', 'connected', '1'],
        ['shop', 'connected', '1'],
      ]);
      const [, otherRow, shopRow] = cells;
      expect(shopRow?.[3]).toMatch(/^\d+\.\d %$/);
      expect(shopRow?.[4]).toBe('100.0 %');
      // The tag makes the difference.
      expect(Number(shopRow?.[7])).toBe(Number(otherRow?.[7]) + 1);
    });

    it('shows the three worst violations with their place, and the fix where there is one', () => {
      const worst = printed.slice(printed.indexOf('The worst violations'));
      expect(worst.match(/^ {2}(critical|high|medium|low|info) {2}/gm)).toHaveLength(3);
      expect(worst).toMatch(/^ {6}Pod shop\/\w+ in \w+$/m);
      expect(worst).toMatch(/^ {6}spec\.containers\[0\]\.[\w.]+: \S/m);
      expect(worst).toMatch(/^ {6}fix: \[\{"op":/m);
    });

    it('shows what was left out, with line and column', () => {
      expect(printed).toMatch(/^Left out of shop\n {2}broken\.yaml:2:1 {2}\S/m);
    });

    it('gives the owner’s key to nobody else, and it works', async () => {
      expect(statSync(join(folder.dataDir, 'owner.key')).mode & 0o777).toBe(0o600);
      expect(await names(await first.owner())).toEqual([
        ['other', 1],
        ['shop', 1],
      ]);
    });

    it('on the data folder of one that runs ends, and says which one that is', async () => {
      const second = folder.start();
      expect((await second.exit).code).toBe(1);
      expect(second.err).toContain(`Another Bylaw (process ${first.pid}) uses the data folder ${folder.dataDir}`);
      expect(second.err).toContain('BYLAW_DATA_DIR');
      expect(second.err).not.toMatch(/^\s+at /m);
    });

    it('is told of a changed file', async () => {
      const owner = await first.owner();
      const tags = async (): Promise<number> =>
        ((await owner.get('/api/v1/violations?policy=no-latest-tag')).body as { items: unknown[] }).items.length;
      expect(await tags()).toBe(1);
      folder.write('other/deploy/api.yaml', aPod('api', 'api:latest'));
      await eventually(async () => (await tags()) === 2, 'the second violation');
    });

    it('is ended by Ctrl-C with all its children, and finds its data again', async () => {
      const children = first.children();
      expect(children.map(({ command }) => / agent |postgres/.exec(command)?.[0])).toEqual(
        expect.arrayContaining([' agent ', 'postgres']),
      );
      const pids = [...children.map(({ pid }) => pid), folder.postgres().pid];
      const key = readFileSync(join(folder.dataDir, 'owner.key'), 'utf8');
      first.signal('SIGINT');
      expect(await first.exit).toEqual({ code: 0, signal: null });
      expect(pids.filter(isAlive)).toEqual([]);

      folder.write('shop/more.yaml', aPod('more', 'more:latest'));
      const second = folder.start({ args: ['--manifests', shop, '--manifests', other] });
      const again = await second.table();
      expect(again).toMatch(/│ shop +│ connected +│ 2 +│/);
      expect(readFileSync(join(folder.dataDir, 'owner.key'), 'utf8')).toBe(key);
      expect(await names(await second.owner())).toEqual([
        ['other', 1],
        ['shop', 2],
      ]);
      second.signal('SIGTERM');
      expect(await second.exit).toEqual({ code: 0, signal: null });
    });
  });

  it.each<[string, string[], Record<string, string>, string]>([
    ['an argument', ['--manifests', 'no/such/folder'], {}, '--manifests no/such/folder: there is no such folder'],
    ['a setting', [], { PORT: 'http', LOG_LEVEL: 'loud' }, 'LOG_LEVEL'],
  ])('says what is wrong with %s, without a stack', async (_what, args, env, message) => {
    const started = folder.start({ args, env });
    expect((await started.exit).code).toBe(1);
    expect(started.err).toContain(message);
    expect(started.err).not.toMatch(/^\s+at /m);
  });

  describe('where something is in the way', () => {
    let taken: Server;
    let own: StandaloneFolder;
    beforeAll(async () => {
      own = new StandaloneFolder();
      taken = createServer();
      await new Promise<void>((resolve) => taken.listen(0, resolve));
    });
    afterAll(async () => {
      taken.close();
      await own.remove();
    });

    it('on its port says which, and how to choose another; Postgres ends with it', async () => {
      const { port } = taken.address() as { port: number };
      const started = own.start({ env: { PORT: String(port) } });
      expect((await started.exit).code).toBe(1);
      expect(started.err).toContain(
        `Port ${port} is taken by another program. Choose another: PORT=${port + 1} npm start`,
      );
      expect(started.err).not.toMatch(/^\s+at /m);
      expect(started.children()).toEqual([]);
    });

    it('while Ctrl-C comes before it is ready, leaves nothing behind', async () => {
      const started = own.start();
      await eventually(async () => started.err.includes('Starting Postgres'), 'the first sign of life');
      started.signal('SIGINT');
      expect((await started.exit).code).toBe(0);
      expect(started.children()).toEqual([]);
    });
  });

  it('takes the owner’s key that it is given, and stores it nowhere', async () => {
    const own = new StandaloneFolder();
    try {
      const key = generateCredential('api_key', uuidV7(Date.now()));
      const started = own.start({ env: { BYLAW_INIT_API_KEY: key, BYLAW_INIT_ORG: 'globex' } });
      const client = new TestClient(await started.url(), key);
      expect(await names(client)).toEqual([]);
      expect(started.out).toContain('the one you gave as BYLAW_INIT_API_KEY');
      expect(started.out).not.toContain(key);
      expect(() => statSync(join(own.dataDir, 'owner.key'))).toThrow('ENOENT');
    } finally {
      await own.remove();
    }
  });
});
