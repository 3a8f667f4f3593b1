import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GitServer } from '../../../test/support/git-server.js';
import { GIT_LIMITS, GitRepository, type GitLimits } from './git-repository.js';
import type { GitWay } from './git-settings.rules.js';

const MEBIBYTE = 1024 * 1024;

describe('git as a child', () => {
  let server: GitServer;
  let repository: GitRepository;
  beforeAll(async () => {
    server = await GitServer.start();
  });
  afterAll(() => server.stop());
  beforeEach(() => {
    server.reset();
    server.create('acme/shop', false);
  });
  afterEach(() => repository.remove());

  const make = async (limits: Partial<GitLimits> = {}, signal?: AbortSignal): Promise<GitRepository> => {
    repository = await GitRepository.create({ ...GIT_LIMITS, ...limits }, signal);
    return repository;
  };
  const way = (): GitWay => {
    const { hostname, port } = new URL(server.origin);
    const url = server.url('acme/shop');
    return { url, place: { hostname, port: Number(port), addresses: [hostname], named: true } };
  };
  const ofServer = (): string[] =>
    spawnSync('ps', ['-A', '-o', 'args='])
      .stdout.toString()
      .split('\n')
      .filter((line) => line.includes(server.origin));

  it('is ended at the deadline with all that it started, where a server hangs', async () => {
    server.hangs = true;
    const heads = (await make({ callMs: 600 })).heads(way());
    await expect(heads).rejects.toMatchObject({ kind: 'slow', message: 'Git did not end within 0.6 seconds.' });
    expect(ofServer()).toEqual([]);
  });

  it('is ended where nobody wants it any more', async () => {
    server.hangs = true;
    const ending = new AbortController();
    const made = await make({}, ending.signal);
    server.beforeNext(async () => ending.abort(new Error('enough')));
    await expect(made.heads(way())).rejects.toThrow('enough');
    expect(ofServer()).toEqual([]);
  });

  it('writes no more than its limit, whatever a server sends though it was not asked', async () => {
    const commit = server.commit('acme/shop', 'main', { 'huge.bin': randomBytes(8 * MEBIBYTE), 'a.yaml': 'a: 1' });
    const small = await make({ fetchBytes: 4 * MEBIBYTE });
    await expect(small.fetch(way(), commit, undefined)).rejects.toMatchObject({ kind: 'large' });
    await small.remove();
    const large = await make();
    await large.fetch(way(), commit, undefined);
    expect(await large.files(commit)).toHaveLength(2);
  });

  it('tells a connection that broke from a commit that is too large: one is worth another try', async () => {
    const commit = server.commit('acme/shop', 'main', { 'huge.bin': randomBytes(2 * MEBIBYTE), 'a.yaml': 'a: 1' });
    server.breaksAfter = MEBIBYTE;
    const made = await make();
    await expect(made.fetch(way(), commit, undefined)).rejects.toMatchObject({ kind: 'slow' });
    server.breaksAfter = Infinity;
    await made.fetch(way(), commit, undefined);
    expect(await made.has(commit)).toBe(true);
  });

  it('heeds nothing of how the machine is set up: no hook, no helper, no other address', async () => {
    const commit = server.commit('acme/shop', 'main', { 'a.yaml': 'a: 1' });
    const home = mkdtempSync(join(tmpdir(), 'bylaw-test-home-'));
    const mark = join(home, 'was-run');
    const hooks = join(home, 'template', 'hooks');
    mkdirSync(hooks, { recursive: true });
    for (const hook of ['reference-transaction', 'post-checkout', 'pre-auto-gc', 'proc-receive'])
      writeFileSync(join(hooks, hook), `#!/bin/sh\necho ${hook} >> ${mark}\n`, { mode: 0o755 });
    const config = [
      `[init]\n\ttemplateDir = ${join(home, 'template')}`,
      `[core]\n\thooksPath = ${hooks}\n\tfsmonitor = ${join(hooks, 'post-checkout')}`,
      `[credential]\n\thelper = "!touch ${mark}"`,
      `[url "file://${home}/"]\n\tinsteadOf = ${server.origin}/`,
      `[filter "lfs"]\n\tsmudge = touch ${mark}\n\tprocess = touch ${mark}`,
    ];
    writeFileSync(join(home, '.gitconfig'), config.join('\n'));
    const before = { ...process.env };
    Object.assign(process.env, {
      HOME: home,
      GIT_CONFIG_GLOBAL: join(home, '.gitconfig'),
      GIT_SSH_COMMAND: `touch ${mark}`,
    });
    try {
      const made = await make();
      await made.fetch(way(), commit, 'refs/heads/main');
      expect(await made.files(commit)).toHaveLength(1);
      expect(existsSync(mark)).toBe(false);
    } finally {
      process.env = before;
      rmSync(home, { recursive: true });
    }
  });

  it.each(['file:///etc', 'ssh://git@git.invalid/a', 'ext::sh -c id', 'git://git.invalid/a'])(
    'does not speak the protocol of %s',
    async (url) => {
      const made = await make();
      await expect(made.heads({ ...way(), url })).rejects.toMatchObject({ kind: 'refused' });
      await expect(made.fetch({ ...way(), url }, 'a'.repeat(40), undefined)).rejects.toMatchObject({ kind: 'refused' });
    },
  );

  it('looks no server up again: it goes where the name was found to lead', async () => {
    server.commit('acme/shop', 'main', { 'a.yaml': 'a: 1' });
    const { port } = new URL(server.origin);
    const named = `http://git.invalid:${port}/acme/shop.git`;
    const place = { hostname: 'git.invalid', port: Number(port), addresses: ['127.0.0.1'], named: true };
    const { commits } = await (await make()).heads({ url: named, place });
    expect([...commits.keys()]).toEqual(['refs/heads/main']);
  });

  it('follows no server to another one, and so gives it nothing', async () => {
    const elsewhere = await GitServer.start();
    server.redirectTo = elsewhere.url('acme/shop');
    const heads = (await make()).heads({ ...way(), login: { user: 'git', password: 'secret' } });
    await expect(heads).rejects.toMatchObject({ kind: 'refused', message: expect.stringContaining('has moved') });
    expect(elsewhere.requests).toEqual([]);
    await elsewhere.stop();
  });

  it('asks for nothing more while it reads: what was left out stays out', async () => {
    server.create('acme/filtered');
    const commit = server.commit('acme/filtered', 'main', { 'huge.yaml': randomBytes(2 * MEBIBYTE), 'a.yaml': 'a: 1' });
    const made = await make();
    await made.fetch({ ...way(), url: server.url('acme/filtered') }, commit, undefined);
    server.requests.length = 0;
    const files = await made.files(commit);
    const sizes = await made.sizes(files.map(({ blob }) => blob));
    expect(files.map(({ path, blob }) => [path, sizes.get(blob)])).toEqual([
      ['a.yaml', 4],
      ['huge.yaml', undefined],
    ]);
    expect(server.requests).toEqual([]);
  });

  it('leaves no folder behind', async () => {
    const { folder } = (await make()) as unknown as { folder: string };
    expect(existsSync(folder)).toBe(true);
    await repository.remove();
    expect(existsSync(folder)).toBe(false);
  });
});
