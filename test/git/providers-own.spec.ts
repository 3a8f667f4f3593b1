import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { bitbucketDriver, FakeBitbucket } from '../support/fake-bitbucket.js';
import { FakeGithub, githubDriver } from '../support/fake-github.js';
import { FakeGitlab, gitlabDriver } from '../support/fake-gitlab.js';
import { aPod, GitWorld, SECRET } from '../support/git-world.js';
import { hmacOf, TOKEN, type ProviderFake } from '../support/provider-driver.js';

describe('what one provider alone has', () => {
  let world: GitWorld;
  let fake: ProviderFake;
  beforeAll(async () => {
    world = await GitWorld.start();
  });
  afterAll(() => world.stop());
  beforeEach(() => world.fresh());
  afterEach(() => fake.api.stop());

  const sourceOf = async (provider: string, made: ProviderFake): Promise<string> => {
    fake = made;
    await made.api.start();
    const { id } = await world.source({ provider, api_url: made.api.url, token: TOKEN, poll_minutes: 1_440 });
    return id;
  };
  const send = async (id: string, headers: Record<string, string>, body: string) => {
    world.clock.advance(1_000);
    return world.platform.client().send('POST', `/api/v1/hooks/git/${id}`, body, headers);
  };

  it('GitHub: a check run has every finding, fifty to a call, though one of the calls failed', async () => {
    const github = new FakeGithub();
    const id = await sourceOf('github', github);
    const names = Array.from({ length: 120 }, (_one, at) => `p${String(at).padStart(3, '0')}`);
    const commit = world.git.commit(
      'acme/shop',
      'main',
      Object.fromEntries(names.map((name) => [`${name}.yaml`, aPod(name)])),
    );
    const { headers, body } = githubDriver.sign(
      githubDriver.push({ branch: 'main', before: null, after: commit }),
      SECRET,
    );
    await send(id, headers, body);
    github.api.losesNext = /^PATCH .*check-runs/;
    await world.settle();
    expect((await world.latest()).report.state).toBe('waiting');
    world.clock.advance(60_000);
    await world.settle();
    const [run, ...others] = github.runs;
    expect(others).toEqual([]);
    expect(run).toMatchObject({ head_sha: commit, status: 'completed', conclusion: 'failure' });
    expect(run?.annotations.map(({ path }) => path).sort()).toEqual(names.map((name) => `${name}.yaml`));
    expect(run?.annotations[0]).toMatchObject({ start_line: 9, end_line: 9, annotation_level: 'warning' });
  });

  it('GitHub: a token that is no app’s comments instead, in one comment, among hundreds of others', async () => {
    const github = new FakeGithub(false);
    const id = await sourceOf('github', github);
    for (let other = 0; other < 150; other++) github.comments.create('7', `comment ${other}`);
    const base = world.git.commit('acme/shop', 'main', {});
    for (const name of ['one', 'two']) {
      const head = world.git.commit('acme/shop', 'feature', { [`${name}.yaml`]: aPod(name) }, base);
      const url = world.git.url('acme/shop');
      const pull = { number: 7, head, headBranch: 'feature', base, baseBranch: 'main', from: url, into: url };
      const { headers, body } = githubDriver.sign(githubDriver.pull({ ...pull, action: 'opened' }), SECRET);
      await send(id, headers, body);
      await world.settle();
    }
    const own = github.comments.of(7).filter((text) => !text.startsWith('comment '));
    expect(own).toEqual([expect.stringContaining('two.yaml')]);
    expect((await world.latest()).report).toMatchObject({ state: 'sent', detail: expect.stringContaining('comment') });
  });

  it('GitHub: a check run is neutral where there is a warning, and no success where there is an error', async () => {
    const github = new FakeGithub();
    const id = await sourceOf('github', github);
    const tell = async (before: string | null, after: string): Promise<void> => {
      const push = githubDriver.push({ branch: 'main', before, after });
      const { headers, body } = githubDriver.sign(push, SECRET);
      await send(id, headers, body);
      await world.settle();
    };
    const good = world.git.commit('acme/shop', 'main', { 'web.yaml': aPod('web', 'web:1') });
    await tell(null, good);
    await world.enforce('warn');
    const warned = world.git.commit('acme/shop', 'main', { 'web.yaml': aPod('web') });
    await tell(good, warned);
    await world.enforce('deny');
    await world.whileOneFails(async () => {
      const failed = world.git.commit('acme/shop', 'main', { 'web.yaml': aPod('web', 'web:2') });
      await tell(warned, failed);
    });
    expect(github.runs.map(({ conclusion }) => conclusion)).toEqual(['success', 'neutral', 'failure']);
  });

  it('GitHub: who has no calls left is asked again when there are some, as it says', async () => {
    const github = new FakeGithub();
    const id = await sourceOf('github', github);
    await world.settle();
    const commit = world.git.commit('acme/shop', 'main', { 'web.yaml': aPod('web') });
    const { headers, body } = githubDriver.sign(
      githubDriver.push({ branch: 'main', before: null, after: commit }),
      SECRET,
    );
    await send(id, headers, body);
    await world.step();
    const reset = String(Math.floor(Date.now() / 1_000) + 1_800);
    github.api.trouble.push({ status: 403, headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset } });
    await world.settle();
    expect((await world.latest()).report.state).toBe('waiting');
    world.clock.advance(1_700_000);
    await world.settle();
    expect((await world.latest()).report.state).toBe('waiting');
    world.clock.advance(101_000);
    await world.settle();
    expect((await world.latest()).report.state).toBe('sent');
  });

  it('Bitbucket: a fork that can’t be read fails its check alone, and the source is looked at as before', async () => {
    const bitbucket = new FakeBitbucket();
    const id = await sourceOf('bitbucket', bitbucket);
    const base = world.git.commit('acme/shop', 'main', {});
    await world.settle();
    const [from, into] = [world.git.url('mallory/shop'), world.git.url('acme/shop')];
    const pull = { number: 3, head: 'c'.repeat(40), headBranch: 'feature', base, baseBranch: 'main', from, into };
    const { headers, body } = bitbucketDriver.sign(bitbucketDriver.pull({ ...pull, action: 'opened' }), SECRET);
    expect((await send(id, headers, body)).status).toBe(202);
    for (let tries = 0; tries < 6; tries++) {
      await world.settle();
      expect((await world.sourceNow(id)).status.state).toBe('ok');
      world.clock.advance(3 * 3_600_000);
    }
    expect(await world.latest()).toMatchObject({
      pull_request: 3,
      status: 'failed',
      attempt: 5,
      error: expect.stringContaining('no such repository'),
    });
  });

  it('GitHub: a delivery in the form of a form is read too', async () => {
    const id = await sourceOf('github', new FakeGithub());
    const commit = world.git.commit('acme/shop', 'main', { 'web.yaml': aPod('web') });
    const { headers, body } = githubDriver.push({ branch: 'main', before: null, after: commit });
    const form = new URLSearchParams({ payload: body }).toString();
    const asForm = {
      ...headers,
      'content-type': 'application/x-www-form-urlencoded',
      'x-hub-signature-256': `sha256=${hmacOf(form)}`,
    };
    expect((await send(id, asForm, form)).status).toBe(202);
  });

  it('GitLab: a delivery that is signed is held to its signature and to five minutes', async () => {
    const id = await sourceOf('gitlab', new FakeGitlab());
    const key = Buffer.alloc(32, 5);
    await world.platform.owner.patch(`/api/v1/git-sources/${id}`, {
      webhook_secret: `whsec_${key.toString('base64')}`,
    });
    const after = (letter: string) => gitlabDriver.push({ branch: 'main', before: null, after: letter.repeat(40) });
    const signedAt = (ms: number, { headers, body }: ReturnType<typeof after>) => {
      const [name, seconds] = [headers['idempotency-key'] ?? '', String(Math.floor(ms / 1_000))];
      const signature = createHmac('sha256', key).update(`${name}.${seconds}.${body}`).digest('base64');
      const more = { 'webhook-id': name, 'webhook-timestamp': seconds, 'webhook-signature': `v1,AAAA v1,${signature}` };
      return [{ ...headers, ...more }, body] as const;
    };
    const now = world.clock.now();
    expect((await send(id, ...signedAt(now, after('a')))).status).toBe(202);
    expect((await send(id, ...signedAt(now - 290_000, after('b')))).status).toBe(202);
    expect((await send(id, ...signedAt(now - 310_000, after('c')))).status).toBe(401);
    expect((await send(id, ...signedAt(now + 330_000, after('d')))).status).toBe(401);
    const [headers, body] = signedAt(now, after('e'));
    expect(
      (await send(id, { ...headers, 'webhook-timestamp': String(Math.floor(now / 1_000) + 5) }, body)).status,
    ).toBe(401);
    expect((await send(id, headers, body.replace('eeee', 'ffff'))).status).toBe(401);
  });

  it('a manifest’s own words are shown as words: no markup, no mention, no broken table', async () => {
    const gitlab = new FakeGitlab();
    const id = await sourceOf('gitlab', gitlab);
    const base = world.git.commit('acme/shop', 'main', {});
    const name = '|x| @everyone <img src=x> [a](evil) `x`.yaml';
    const head = world.git.commit('acme/shop', 'feature', { [name]: aPod('web', 'evil.example.com/@all/<b>') }, base);
    const url = world.git.url('acme/shop');
    const pull = { number: 3, head, headBranch: 'feature', base, baseBranch: 'main', from: url, into: url };
    const { headers, body } = gitlabDriver.sign(gitlabDriver.pull({ ...pull, action: 'opened' }), SECRET);
    await send(id, headers, body);
    await world.settle();
    const [note = ''] = gitlab.notes.of(3);
    expect(note).toMatch(/^<!-- bylaw gits_\w+ -->\n\*\*Denied\*\*/);
    const row = note.split('\n').find((line) => line.startsWith('| medium')) ?? '';
    expect(row.split(' | ')).toHaveLength(5);
    for (const raw of ['@everyone', '<img', '[a](', '@all', '<b>', '`']) expect(row).not.toContain(raw);
    expect(row).toContain('&#64;everyone');
  });

  it('without a token nobody is told, and the check says so by saying nothing of it', async () => {
    fake = new FakeGithub();
    await fake.api.start();
    const { id } = await world.source({ provider: 'github', api_url: fake.api.url });
    const commit = world.git.commit('acme/shop', 'main', { 'web.yaml': aPod('web') });
    const { headers, body } = githubDriver.sign(
      githubDriver.push({ branch: 'main', before: null, after: commit }),
      SECRET,
    );
    await send(id, headers, body);
    await world.settle();
    expect(await world.latest()).toMatchObject({ decision: 'deny', report: { state: 'none' } });
    expect(fake.api.calls).toEqual([]);
  });
});
