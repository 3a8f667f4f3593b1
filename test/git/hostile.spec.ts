import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { pino } from 'pino';
import { aPod, GitWorld } from '../support/git-world.js';

const TOKEN = 'glpat-very-secret-token';
const MEBIBYTE = 1024 * 1024;

describe('a repository that means harm', () => {
  let world: GitWorld;
  const lines: string[] = [];
  beforeAll(async () => {
    const logger = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
    world = await GitWorld.start({ logger });
  });
  afterAll(() => world.stop());
  beforeEach(() => world.fresh());

  it('with links and submodules has none of them followed', async () => {
    const { id } = await world.source();
    const commit = world.git.commit('acme/shop', 'main', {
      'secrets.yaml': { link: '/etc/passwd' },
      'up.yaml': { link: '../../../../etc/passwd' },
      'real.yaml': aPod('real'),
      'alias.yaml': { link: 'real.yaml' },
      'text.yaml': { link: aPod('text') },
      'sub.yaml': { submodule: 'a'.repeat(40) },
      '.gitmodules': `[submodule "sub"]\n\tpath = sub.yaml\n\turl = ${world.git.url('acme/other')}\n`,
    });
    await world.push(id, 'main', commit);
    await world.settle();
    expect(await world.latest()).toMatchObject({ status: 'done', summary: { files: 1, objects: 1, unreadable: [] } });
    expect(world.git.requests.filter(({ path }) => path.includes('other'))).toEqual([]);
  });

  it('with names made to be options, paths, markup or two lines has them shown and nothing else', async () => {
    const { id } = await world.source();
    const names = [
      '--upload-pack=touch.yaml',
      '-rf.yaml',
      'a b\t"c".yaml',
      'two\nlines.yaml',
      '<script>alert(1)</script>.yaml',
      'deep/'.repeat(60) + 'web.yaml',
      '$(id).yaml',
      'nul%00.yaml',
      '😀|`x`|@everyone.yaml',
    ];
    const commit = world.git.commit(
      'acme/shop',
      'main',
      Object.fromEntries(names.map((name, at) => [name, aPod(`p${at}`)])),
    );
    await world.push(id, 'main', commit);
    await world.settle();
    const { violations, decision } = await world.latest();
    expect(decision).toBe('deny');
    expect(violations.map(({ location }) => location?.path).sort()).toEqual([...names].sort());
  });

  it('that is git’s own folder in a tree, or tries to leave it, is refused as harmful', async () => {
    const { id } = await world.source();
    const commit = world.git.commit('acme/shop', 'main', {
      'x/.gitmodules': 'x',
      '.gitmodules': { link: '/etc/passwd' },
      'web.yaml': aPod('web'),
    });
    await world.push(id, 'main', commit);
    await world.settle();
    expect(await world.latest()).toMatchObject({
      status: 'failed',
      error: 'The repository holds objects that are damaged, or made to do harm.',
    });
  });

  it('of ten thousand manifests is judged whole', async () => {
    const { id } = await world.source();
    const files = Array.from({ length: 10_000 }, (_one, at) => [
      `${at % 100}/${at}.yaml`,
      aPod(`p${at}`, at === 9_999 ? 'x' : 'x:1'),
    ]);
    const commit = world.git.commit('acme/shop', 'main', Object.fromEntries(files) as Record<string, string>);
    await world.push(id, 'main', commit);
    await world.settle();
    const check = await world.latest();
    expect(check).toMatchObject({
      status: 'done',
      decision: 'deny',
      summary: { files: 10_000, objects: 10_000, new: 1 },
    });
    expect(check.validations.length).toBeGreaterThan(1);
    const parts = await Promise.all(
      check.validations.map(async (one) => (await world.platform.owner.get(`/api/v1/validations/${one}`)).body),
    );
    // One of the parts decides for all.
    const decisions = parts.map((part) => (part as { decision: string }).decision);
    expect([decisions.filter((one) => one === 'deny').length, new Set(decisions)]).toEqual([
      1,
      new Set(['allow', 'deny']),
    ]);
    expect(check.violations).toMatchObject([{ object: { name: 'p9999' } }]);
  }, 300_000);

  it('of more manifests than are judged says so, and what can be done about it', async () => {
    const { id } = await world.source();
    const files = Array.from({ length: 20_001 }, (_one, at) => [`${at % 100}/${at}.yaml`, 'a: 1']);
    const commit = world.git.commit('acme/shop', 'main', Object.fromEntries(files) as Record<string, string>);
    await world.push(id, 'main', commit);
    await world.settle();
    expect(await world.latest()).toMatchObject({
      status: 'failed',
      attempt: 1,
      error: 'There are 20001 manifests to look at, at most 20000 are: name fewer paths.',
    });
    await world.platform.owner.patch(`/api/v1/git-sources/${id}`, { paths: ['7/*'] });
    world.clock.advance(1_000);
    await world.platform.owner.post(`/api/v1/git-sources/${id}/checks`, { ref: 'main', all: true });
    await world.settle();
    expect(await world.latest()).toMatchObject({ status: 'done', decision: 'allow' });
  }, 60_000);

  it('with a blob of 200 MB has it left where it is, and the manifests beside it judged', async () => {
    const { id } = await world.source();
    const commit = world.git.commit('acme/shop', 'main', {
      'huge.yaml': Buffer.alloc(200 * MEBIBYTE, `${aPod('x')}---\n`),
      'web.yaml': aPod('web'),
    });
    world.git.requests.length = 0;
    await world.push(id, 'main', commit);
    await world.settle();
    expect(await world.latest()).toMatchObject({
      decision: 'deny',
      summary: { files: 1, unreadable: [{ path: 'huge.yaml', reason: 'It is larger than 1 MiB.' }] },
    });
    const next = world.git.commit('acme/shop', 'main', { 'more.yaml': aPod('more', 'more:1') });
    await world.push(id, 'main', next, commit);
    await world.settle();
    expect(await world.latest()).toMatchObject({
      base: commit,
      decision: 'allow',
      summary: { files: 1, unreadable: [] },
    });
    const moved = world.git.commit('acme/shop', 'main', { 'huge.yaml': Buffer.alloc(2 * MEBIBYTE, '# other\n') });
    await world.push(id, 'main', moved, next);
    await world.settle();
    expect(await world.latest()).toMatchObject({
      decision: 'warn',
      summary: { files: 0, unreadable: [{ path: 'huge.yaml' }] },
    });
  });

  it('with files of LFS has their pointers read as the texts that they are', async () => {
    const { id } = await world.source();
    const commit = world.git.commit('acme/shop', 'main', {
      '.gitattributes': '*.yaml filter=lfs diff=lfs merge=lfs -text\n',
      'web.yaml': aPod('web'),
      'big.yaml': `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 12345\n`,
    });
    await world.push(id, 'main', commit);
    await world.settle();
    expect(await world.latest()).toMatchObject({ status: 'done', summary: { files: 1, new: 1 } });
  });

  it('that is private, or went private, says so, is asked more and more rarely, and is found again', async () => {
    world.git.credential = `git:${TOKEN}`;
    const commit = world.git.commit('acme/shop', 'main', { 'web.yaml': aPod('web', 'web:1') });
    const { id } = await world.source({ token: TOKEN, poll_minutes: 10 });
    await world.settle();
    expect(await world.latest()).toMatchObject({ commit, decision: 'allow' });
    world.git.credential = 'git:another';
    for (const looks of [1, 1, 2, 4]) {
      world.clock.advance(looks * 600_000 - 1_000);
      const before = world.git.requests.length;
      await world.settle();
      expect(world.git.requests.length).toBe(before);
      world.clock.advance(1_000);
      await world.settle();
      expect(world.git.requests.length).toBeGreaterThan(before);
    }
    const { status } = await world.sourceNow(id);
    expect(status).toMatchObject({
      state: 'failing',
      detail: expect.stringContaining('does not let us read the repository with the token'),
    });
    world.git.credential = `git:${TOKEN}`;
    await world.platform.owner.patch(`/api/v1/git-sources/${id}`, { token: TOKEN });
    await world.settle();
    expect((await world.sourceNow(id)).status).toMatchObject({ state: 'ok', detail: null });
  });

  it('that is gone fails its checks after some tries, with the reason', async () => {
    const { id } = await world.source({ poll_minutes: 1_440 });
    const commit = world.git.commit('acme/shop', 'main', { 'web.yaml': aPod('web') });
    await world.push(id, 'main', commit);
    world.git.remove('acme/shop');
    for (let tries = 0; tries < 6; tries++) {
      await world.settle();
      world.clock.advance(3 * 3_600_000);
    }
    expect(await world.latest()).toMatchObject({
      status: 'failed',
      attempt: 5,
      error: expect.stringContaining('no such repository'),
    });
  });

  it('tells nobody its token: not in answers, errors, logs, nor in the list of processes', async () => {
    world.git.credential = `oauth2:${TOKEN}`;
    const created = await world.source({ provider: 'gitlab', token: TOKEN, api_url: 'http://127.0.0.1:1/' });
    const commit = world.git.commit('acme/shop', 'main', { 'web.yaml': aPod('web') });
    const seen: string[] = [];
    for (const wrong of [false, true]) {
      world.git.credential = wrong ? 'oauth2:x' : `oauth2:${TOKEN}`;
      await world.platform.owner.post(`/api/v1/git-sources/${created.id}/checks`, { ref: 'main', all: true });
      world.git.beforeNext(async () => void seen.push(spawnSync('ps', ['-A', '-o', 'args=']).stdout.toString()));
      await world.settle();
      world.clock.advance(3_600_000);
    }
    expect(seen.join('\n')).toMatch(/git.* ls-remote/);
    const answers = [
      created,
      await world.sourceNow(created.id),
      await world.checks(),
      await world.platform.owner.get('/api/v1/audit-log'),
    ];
    const kept = await world.platform.query('select * from app.git_source');
    const said = [...seen, ...lines, JSON.stringify(answers), JSON.stringify(kept)].join('\n');
    for (const form of [TOKEN, Buffer.from(`oauth2:${TOKEN}`).toString('base64'), Buffer.from(TOKEN).toString('hex')])
      expect(said).not.toContain(form);
    expect(await world.checks()).toContainEqual(expect.objectContaining({ commit, decision: 'deny' }));
  });
});

describe('a URL that leads inside', () => {
  let world: GitWorld;
  beforeAll(async () => {
    world = await GitWorld.start({ outboundAllow: [] });
  });
  afterAll(() => world.stop());

  it.each([
    'https://127.0.0.1/acme/shop.git',
    'https://[::1]/acme/shop.git',
    'https://[::ffff:10.0.0.1]/acme/shop.git',
    'https://169.254.169.254/latest/meta-data.git',
    'https://2130706433/acme/shop.git',
    'https://0x7f.1/acme/shop.git',
    'https://10.0.0.1/acme/shop.git',
    'https://user:password@git.example.com/acme/shop.git',
  ])('%s is refused when it is saved', async (url) => {
    const answer = await world.platform.owner.post('/api/v1/git-sources', { name: 'inside', provider: 'git', url });
    expect([answer.status, answer.body]).toMatchObject([422, { code: 'unprocessable', errors: [{ pointer: '/url' }] }]);
    const api = { name: 'inside', provider: 'git', url: 'https://git.example.com/a/b.git', api_url: url };
    expect((await world.platform.owner.post('/api/v1/git-sources', api)).status).toBe(422);
  });

  it.each(['file:///etc', 'ssh://git@example.com/a', 'git@github.com:a/b', 'ext::sh -c id', '--upload-pack=id', ''])(
    '%j is no URL that is taken',
    async (url) => {
      const answer = await world.platform.owner.post('/api/v1/git-sources', { name: 'x', provider: 'git', url });
      expect(answer.status).toBe(400);
    },
  );

  it('by its name is refused when it is called, and no connection is made', async () => {
    const { port } = new URL(world.git.origin);
    const source = await world.source({ name: 'by name', url: `http://localhost:${port}/acme/shop.git` });
    await world.settle();
    expect((await world.sourceNow(source.id)).status).toMatchObject({
      state: 'failing',
      detail: expect.stringContaining('lies in a private network'),
    });
    expect(world.git.requests).toEqual([]);
  });
});
