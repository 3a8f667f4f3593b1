import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { aPod, GitWorld, SECRET } from '../support/git-world.js';

const run = promisify(execFile);

describe('a push', () => {
  let world: GitWorld;
  beforeAll(async () => {
    world = await GitWorld.start();
  });
  afterAll(() => world.stop());
  beforeEach(() => world.fresh());

  it('the first one has every manifest judged, with path and line, and nothing that is none', async () => {
    const { id } = await world.source();
    const commit = world.git.commit('acme/shop', 'main', {
      'k8s/web.yaml': aPod('web'),
      'k8s/api.yml': aPod('api', 'api:1.2'),
      'values.yaml': 'image: nginx\n',
      'README.md': aPod('readme'),
    });
    const answer = await world.push(id, 'main', commit);
    expect(answer).toMatchObject({ status: 'accepted' });
    await world.settle();
    const check = await world.latest();
    expect(check).toMatchObject({
      id: answer.checks[0],
      status: 'done',
      decision: 'deny',
      commit,
      base: null,
      cause: 'push',
    });
    expect(check.summary).toMatchObject({ files: 2, objects: 2, new: 1, existing: 0, unreadable: [] });
    expect(check.violations).toMatchObject([
      { policy: { slug: 'no-latest-tag' }, baseline: 'new', location: { path: 'k8s/web.yaml', line: 9 } },
    ]);
    expect((await world.sourceNow(id)).status).toMatchObject({ state: 'ok', detail: null });
    const [validation = ''] = check.validations;
    const { body } = await world.platform.owner.get(`/api/v1/validations/${validation}`);
    expect(body).toMatchObject({ id: validation, violations: [{ policy: { slug: 'no-latest-tag' } }] });
  });

  it('to the default branch is judged by what it changes, and fails by what it brings alone', async () => {
    const { id } = await world.source();
    const before = world.git.commit('acme/shop', 'main', {
      'web.yaml': aPod('web'),
      'old.yaml': aPod('old'),
      'untouched.yaml': aPod('untouched'),
    });
    const after = world.git.commit('acme/shop', 'main', {
      'web.yaml': `${aPod('web')}---\n${aPod('new')}`,
      'old.yaml': null,
      'moved/old.yaml': aPod('old'),
      'good.yaml': aPod('good', 'good:1'),
    });
    await world.push(id, 'main', after, before);
    await world.settle();
    const check = await world.latest();
    expect(check).toMatchObject({ decision: 'deny', base: before, summary: { files: 2, new: 1, existing: 1 } });
    expect(check.violations.map(({ object, baseline }) => [object.name, baseline])).toEqual([
      ['new', 'new'],
      ['web', 'existing'],
    ]);
    // What is kept of it says the same.
    const { validations } = check;
    const { body } = await world.platform.owner.get(`/api/v1/validations/${validations[0]}`);
    const kept = body as { decision: string; violations: { object: { name: string }; baseline?: string }[] };
    expect([validations.length, kept.decision]).toEqual([1, 'deny']);
    expect(new Map(kept.violations.map(({ object, baseline }) => [object.name, baseline]))).toEqual(
      new Map([
        ['new', 'new'],
        ['web', 'existing'],
      ]),
    );
    const mended = world.git.commit('acme/shop', 'main', { 'web.yaml': aPod('web') });
    await world.push(id, 'main', mended, after);
    await world.settle();
    const last = await world.latest();
    expect(last).toMatchObject({ decision: 'allow', summary: { new: 0, existing: 1 } });
    const allowed = await world.platform.owner.get(`/api/v1/validations/${last.validations[0]}`);
    expect(allowed.body).toMatchObject({ decision: 'allow', violations: [{ baseline: 'existing' }] });
  });

  it('that copies what was wrong elsewhere already, under the same name, is not let through by that', async () => {
    const { id } = await world.source();
    const before = world.git.commit('acme/shop', 'main', {
      'prod/web.yaml': aPod('web', 'web:1'),
      'staging/web.yaml': aPod('web'),
    });
    const after = world.git.commit('acme/shop', 'main', {
      'prod/web.yaml': aPod('web'),
      'staging/web.yaml': `# edited\n${aPod('web')}`,
    });
    await world.push(id, 'main', after, before);
    await world.settle();
    const check = await world.latest();
    expect(check.decision).toBe('deny');
    expect(check.violations.map(({ location, baseline }) => [location?.path, baseline])).toEqual([
      ['prod/web.yaml', 'new'],
      ['staging/web.yaml', 'existing'],
    ]);
    const { body } = await world.platform.owner.get(`/api/v1/validations/${check.validations[0]}`);
    expect(body).toMatchObject({ decision: 'deny' });
  });

  it('to another branch is compared with the default one, however often it was pushed', async () => {
    const { id } = await world.source();
    const main = world.git.commit('acme/shop', 'main', { 'web.yaml': aPod('web') });
    const first = world.git.commit('acme/shop', 'feature', { 'bad.yaml': aPod('bad') }, main);
    await world.push(id, 'feature', first);
    await world.settle();
    const second = world.git.commit('acme/shop', 'feature', { 'good.yaml': aPod('good', 'x:1') });
    await world.push(id, 'feature', second, first);
    await world.settle();
    expect(await world.latest()).toMatchObject({
      commit: second,
      base: main,
      decision: 'deny',
      violations: [{ object: { name: 'bad' } }],
    });
  });

  it('that moves a manifest elsewhere and edits it takes what was wrong with it along', async () => {
    const { id } = await world.source();
    const before = world.git.commit('acme/shop', 'main', { 'a/web.yaml': aPod('web') });
    const after = world.git.commit('acme/shop', 'main', {
      'a/web.yaml': null,
      'b/web.yaml': `# moved\n${aPod('web')}`,
    });
    await world.push(id, 'main', after, before);
    await world.settle();
    expect(await world.latest()).toMatchObject({ decision: 'allow', summary: { files: 1, new: 0, existing: 1 } });
  });

  it('is looked at where the source’s paths and branches say, and nowhere else', async () => {
    const { id } = await world.source({ paths: ['deploy/*'], branches: ['main', 'release/*'] });
    const commit = world.git.commit('acme/shop', 'main', {
      'deploy/web.yaml': aPod('web'),
      'else/web.yaml': aPod('else'),
    });
    expect((await world.push(id, 'wip', commit)).status).toBe('ignored');
    await world.push(id, 'main', commit);
    await world.settle();
    expect(await world.checks()).toMatchObject([{ summary: { files: 1 }, violations: [{ object: { name: 'web' } }] }]);
  });

  it('of a repository of many teams is held by each target to the paths that it names', async () => {
    const { owner } = world.platform;
    const { items } = (await owner.get('/api/v1/targets')).body as { items: { id: string; name: string }[] };
    const target = items.find(({ name }) => name === 'repositories')?.id;
    await owner.patch(`/api/v1/targets/${target}`, { paths: ['teams/shop/*'] });
    const { id } = await world.source();
    const commit = world.git.commit('acme/shop', 'main', {
      'teams/shop/web.yaml': aPod('web'),
      'teams/pay/web.yaml': aPod('pay'),
    });
    await world.push(id, 'main', commit);
    await world.settle();
    expect(await world.latest()).toMatchObject({
      decision: 'deny',
      summary: { files: 2, new: 1 },
      violations: [{ object: { name: 'web' }, location: { path: 'teams/shop/web.yaml' } }],
    });
    await owner.patch(`/api/v1/targets/${target}`, { paths: null });
  });

  it('of a tag is nothing, unless the branches say so: then all is judged', async () => {
    const { id } = await world.source();
    const commit = world.git.commit('acme/shop', 'main', { 'web.yaml': aPod('web') });
    world.git.point('acme/shop', 'refs/tags/v1', commit);
    const tag = { ref: 'refs/tags/v1', after: commit };
    expect((await world.deliver(id, tag)).status).toBe(200);
    await world.platform.owner.patch(`/api/v1/git-sources/${id}`, { branches: ['main', 'refs/tags/v*'] });
    expect((await world.deliver(id, { ...tag, actor: 'somebody' })).status).toBe(202);
    await world.settle();
    expect(await world.checks(`?ref=refs/tags/v1`)).toMatchObject([
      { decision: 'deny', base: null, actor: 'somebody' },
    ]);
  });

  it('that was forced over another one is checked in its place, and what is gone is not compared with', async () => {
    const { id } = await world.source();
    const first = world.git.commit('acme/shop', 'main', { 'web.yaml': aPod('first') });
    await world.push(id, 'main', first);
    const second = world.git.commit('acme/shop', 'main', { 'web.yaml': aPod('second') }, first);
    await world.push(id, 'main', second, 'f'.repeat(40));
    await world.settle();
    expect(await world.checks()).toMatchObject([
      { commit: second, status: 'done', base: null, violations: [{ object: { name: 'second' } }] },
      { commit: first, status: 'superseded', decision: null },
    ]);
  });

  it('that comes while another one is checked leaves that to its end, and is checked after it', async () => {
    const { id } = await world.source({ poll_minutes: 1_440 });
    await world.settle();
    const first = world.git.commit('acme/shop', 'main', { 'web.yaml': aPod('first') });
    await world.push(id, 'main', first);
    const second = world.git.commit('acme/shop', 'main', { 'web.yaml': aPod('second') });
    world.git.beforeNext(async () => {
      await world.push(id, 'main', second, first);
      expect((await world.checks()).map(({ status }) => status)).toEqual(['waiting', 'running']);
    });
    await world.settle();
    expect(await world.checks()).toMatchObject([
      { commit: second, status: 'done' },
      { commit: first, status: 'done' },
    ]);
  });

  it('of a branch that was deleted is not checked any more', async () => {
    const { id } = await world.source();
    world.git.commit('acme/shop', 'main', { 'web.yaml': aPod('web', 'x:1') });
    await world.settle();
    const commit = world.git.commit('acme/shop', 'feature', { 'web.yaml': aPod('web') });
    await world.push(id, 'feature', commit);
    expect((await world.push(id, 'feature', null)).status).toBe('ignored');
    expect((await world.checks('?ref=feature')).map(({ status }) => status)).toEqual(['superseded']);
    // Nobody told of this one.
    await world.push(id, 'other', commit);
    await world.settle();
    expect(await world.checks('?ref=other')).toMatchObject([{ status: 'superseded', error: 'The branch is gone.' }]);
  });

  it('that nobody told of is found by a look at the repository', async () => {
    const { id } = await world.source({ poll_minutes: 5 });
    const main = world.git.commit('acme/shop', 'main', { 'web.yaml': aPod('web') });
    world.git.commit('acme/shop', 'stale', { 'web.yaml': aPod('web') });
    await world.settle();
    expect(await world.checks()).toMatchObject([{ ref: 'refs/heads/main', cause: 'poll', commit: main }]);
    const moved = world.git.commit('acme/shop', 'main', { 'more.yaml': aPod('more') });
    await world.settle();
    expect(await world.checks()).toHaveLength(1);
    world.clock.advance(5 * 60_000);
    await world.settle();
    expect(await world.latest()).toMatchObject({ commit: moved, base: main, decision: 'deny', summary: { files: 1 } });
    // What was checked by then needs no second check, whoever tells of it later.
    expect((await world.push(id, 'main', moved, main)).status).toBe('ignored');
    expect(await world.checks()).toHaveLength(2);
  });

  it('is checked again by whom asks, all of it where that is asked', async () => {
    const { id } = await world.source();
    const before = world.git.commit('acme/shop', 'main', { 'web.yaml': aPod('web') });
    const after = world.git.commit('acme/shop', 'main', { 'x.yaml': aPod('x', 'x:1') });
    await world.push(id, 'main', after, before);
    await world.settle();
    expect(await world.latest()).toMatchObject({ decision: 'allow' });
    world.clock.advance(1_000);
    const asked = await world.platform.owner.post(`/api/v1/git-sources/${id}/checks`, { ref: 'main', all: true });
    expect([asked.status, asked.body]).toMatchObject([202, { status: 'waiting', commit: null, cause: 'manual' }]);
    await world.settle();
    expect(await world.latest()).toMatchObject({ commit: after, base: null, decision: 'deny', summary: { files: 2 } });
    world.clock.advance(1_000);
    await world.platform.owner.post(`/api/v1/git-sources/${id}/checks`, { ref: 'nowhere' });
    await world.settle();
    expect(await world.latest()).toMatchObject({ status: 'failed', error: 'There is no refs/heads/nowhere.' });
  });

  it('is told of by the hook in the guide, as it stands there', async () => {
    const { id } = await world.source();
    const guide = readFileSync(new URL('../../../docs/git.md', import.meta.url), 'utf8');
    const script = /```sh\n(while read [^`]+)```/.exec(guide)?.[1] ?? '';
    const commit = world.git.commit('acme/shop', 'main', { 'web.yaml': aPod('web') });
    const env = { ...process.env, WEBHOOK_SECRET: SECRET, HOOK_URL: `${world.platform.url}/api/v1/hooks/git/${id}` };
    const running = run('sh', ['-euc', script], { env });
    running.child.stdin?.end(`${'0'.repeat(40)} ${commit} refs/heads/main\n`);
    expect(JSON.parse((await running).stdout)).toMatchObject({ status: 'accepted' });
    expect(await world.latest()).toMatchObject({ commit, cause: 'push' });
  });

  it('with a manifest that can’t be read warns, names it, and judges the others', async () => {
    const { id } = await world.source();
    const commit = world.git.commit('acme/shop', 'main', {
      'broken.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: {name: [\n',
      'web.yaml': aPod('web', 'web:1'),
    });
    await world.push(id, 'main', commit);
    await world.settle();
    expect(await world.latest()).toMatchObject({
      decision: 'warn',
      summary: { objects: 1, new: 0, unreadable: [{ path: 'broken.yaml' }] },
    });
  });
});
