import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { TestAnswer } from '../support/test-client.js';
import { aPod, GitWorld, SECRET } from '../support/git-world.js';
import { TOKEN, type Delivery, type ProviderFake, type TestPull } from '../support/provider-driver.js';
import { DRIVERS } from '../support/provider-drivers.js';

const CREDENTIAL = /^Basic /;

describe.each(DRIVERS)('$name', (driver) => {
  let world: GitWorld;
  let fake: ProviderFake;
  let sourceId: string;
  beforeAll(async () => {
    world = await GitWorld.start();
  });
  afterAll(() => world.stop());
  beforeEach(async () => {
    await world.fresh();
    fake = driver.fake();
    await fake.api.start();
    const more = { provider: driver.name, api_url: fake.api.url, token: TOKEN, poll_minutes: 1_440 };
    sourceId = (await world.source(more)).id;
    // What is there already is known.
    world.git.commit('acme/shop', 'main', { 'known.yaml': aPod('known') });
    await world.settle();
  });
  afterEach(() => fake.api.stop());

  const send = async (delivery: Delivery): Promise<TestAnswer> => {
    world.clock.advance(1_000);
    const { headers, body } = delivery;
    return world.platform.client().send('POST', `/api/v1/hooks/git/${sourceId}`, body, headers);
  };
  const deliver = (delivery: Delivery): Promise<TestAnswer> => send(driver.sign(delivery, SECRET));
  const push = (branch: string, before: string | null, after: string | null): Promise<TestAnswer> =>
    deliver(driver.push({ branch, before, after }));
  /** A pull request from a branch of the same repository unless something else is said. */
  const openPull = async (changes: Record<string, string>, more: Partial<TestPull> = {}): Promise<TestPull> => {
    const url = world.git.url('acme/shop');
    const base = world.git.commit('acme/shop', 'main', {});
    const head = world.git.commit('acme/shop', 'feature', changes, base);
    const pull: TestPull = {
      number: 7,
      head,
      headBranch: 'feature',
      base,
      baseBranch: 'main',
      from: url,
      into: url,
      action: 'opened',
      ...more,
    };
    if (pull.from === url) world.git.point('acme/shop', driver.pullRef(pull), head);
    return pull;
  };
  const states = (commit: string): string[] => fake.statuses(commit).map(({ state }) => state);

  it('is told that a push is looked at, and that it is denied, with a link', async () => {
    const before = world.git.commit('acme/shop', 'main', {});
    const after = world.git.commit('acme/shop', 'main', { 'web.yaml': aPod('web') });
    const answer = await push('main', before, after);
    expect([answer.status, answer.body]).toMatchObject([202, { status: 'accepted' }]);
    await world.settle();
    const check = await world.latest();
    expect(check).toMatchObject({ decision: 'deny', actor: 'octocat', report: { state: 'sent' } });
    expect(states(after)).toEqual([driver.states.pending, driver.states.failure]);
    expect(fake.statuses(after).at(-1)).toMatchObject({
      context: 'bylaw/push',
      link: `https://bylaw.example.com/api/v1/git-checks/${check.id}`,
      description: '1 new violation (1 medium) in 1 manifest',
    });
    const findings = fake.findings(after, 0);
    expect(findings).toHaveLength(fake.findsInPushes ? 1 : 0);
    if (fake.findsInPushes) expect(findings[0]).toContain('web.yaml');
  });

  it('is told of a warning as of no failure, and of nothing wrong as of success', async () => {
    await world.enforce('warn');
    const before = world.git.commit('acme/shop', 'main', {});
    const warned = world.git.commit('acme/shop', 'main', { 'web.yaml': aPod('web') });
    await push('main', before, warned);
    await world.settle();
    expect((await world.latest()).decision).toBe('warn');
    expect(states(warned).at(-1)).toBe(driver.states.warning);
    expect(fake.statuses(warned).at(-1)?.description).toMatch(/^Warning: 1 new violation/);
    const good = world.git.commit('acme/shop', 'main', { 'web.yaml': aPod('web', 'web:1') });
    await push('main', warned, good);
    await world.settle();
    expect(states(good)).toEqual([driver.states.pending, driver.states.success]);
    await world.enforce('deny');
  });

  it('has the findings where a pull request is reviewed, replaced by those of each push to it', async () => {
    const pull = await openPull({ 'web.yaml': aPod('web') });
    expect((await deliver(driver.pull(pull))).status).toBe(202);
    await world.settle();
    expect(await world.latest()).toMatchObject({
      ref: 'refs/pull/7',
      pull_request: 7,
      commit: pull.head,
      base: pull.base,
      decision: 'deny',
      violations: [{ object: { name: 'web' }, baseline: 'new' }],
    });
    expect(fake.statuses(pull.head).at(-1)).toMatchObject({
      context: 'bylaw/pull-request',
      state: driver.states.failure,
    });
    expect(fake.findings(pull.head, 7)).toEqual([expect.stringContaining('web.yaml')]);
    const next = await openPull({ 'web.yaml': aPod('web'), 'more.yaml': aPod('more') }, { number: 7 });
    await deliver(driver.pull(next));
    await world.settle();
    expect(fake.findings(next.head, 7)).toEqual([expect.stringContaining('more.yaml')]);
    expect(states(next.head).at(-1)).toBe(driver.states.failure);
  });

  it('is told of an error where a commit can’t be read, and why', async () => {
    const before = world.git.commit('acme/shop', 'main', {});
    const after = world.git.commit('acme/shop', 'main', {
      '.gitmodules': { link: '/etc/passwd' },
      'web.yaml': aPod('web'),
    });
    await push('main', before, after);
    await world.settle();
    expect(await world.latest()).toMatchObject({ status: 'failed', decision: null, report: { state: 'sent' } });
    expect(states(after)).toEqual([driver.states.pending, driver.states.error]);
    expect(fake.statuses(after).at(-1)?.description).toMatch(/^Not checked: .* made to do harm\.$/);
  });

  it('is told of an error where a check that denies gave no judgement, unless another one denies', async () => {
    await world.whileOneFails(async () => {
      const pull = await openPull({ 'web.yaml': aPod('web', 'web:1') });
      await deliver(driver.pull(pull));
      await world.settle();
      expect(await world.latest()).toMatchObject({
        decision: 'warn',
        summary: { new: 0, errors: 1, denying_errors: 1 },
      });
      expect(states(pull.head)).toEqual([driver.states.pending, driver.states.error]);
      expect(fake.statuses(pull.head).at(-1)?.description).toMatch(/^Not judged by all: .*1 error/);
      expect(fake.findings(pull.head, 7)).toEqual([expect.stringContaining('1 error')]);
      expect(fake.passes(pull.head)).toBe(false);
      const denied = world.git.commit('acme/shop', 'main', { 'web.yaml': aPod('web') });
      await push('main', pull.base, denied);
      await world.settle();
      expect(states(denied).at(-1)).toBe(driver.states.failure);
    });
  });

  it('asks for nothing by what brings no commits: a title, a star, a closed pull request', async () => {
    const pull = await openPull({ 'web.yaml': aPod('web') });
    for (const delivery of [driver.star(), driver.pull({ ...pull, action: 'retitled' })])
      expect((await deliver(delivery)).body).toMatchObject({ status: 'ignored', checks: [] });
    await deliver(driver.pull(pull));
    await deliver(driver.pull({ ...pull, action: 'closed' }));
    expect((await world.latest()).status).toBe('superseded');
  });

  /** A look at the repository, in its own time. */
  const look = async (): Promise<void> => {
    world.clock.advance(1_440 * 60_000);
    await world.settle();
  };
  const told = async (pull: TestPull): Promise<void> => {
    await deliver(driver.pull(pull));
    await world.settle();
  };
  const found = async (pull: TestPull): Promise<void> => {
    fake.open.push(pull);
    await look();
  };

  it.each([
    ['told of', told],
    ['found by a look', found],
  ])(
    'has a pull request from a fork checked that is %s, and the fork’s server is given no credential',
    async (_how, come) => {
      const elsewhere = world.git;
      elsewhere.create('mallory/shop');
      const base = world.git.commit('acme/shop', 'main', {});
      const onto = elsewhere.commit('mallory/shop', 'main', { 'known.yaml': aPod('known') });
      const head = elsewhere.commit('mallory/shop', 'feature', { 'web.yaml': aPod('web') }, onto);
      const from = elsewhere.url('mallory/shop');
      const pull = { ...(await openPull({})), head, base, from };
      // All but one keep a fork's commits in the repository itself.
      const kept = driver.name !== 'bitbucket';
      if (kept) {
        const copy = world.git.commit('acme/shop', driver.pullRef(pull), { 'web.yaml': aPod('web') }, base);
        Object.assign(pull, { head: copy });
      }
      world.git.point('acme/shop', 'feature', null);
      elsewhere.requests.length = 0;
      await come(pull);
      const [check] = await world.checks('?ref=refs/pull/7');
      expect(check).toMatchObject({ commit: pull.head, decision: 'deny' });
      const toFork = elsewhere.requests.filter(({ path }) => path.startsWith('/mallory/'));
      expect(toFork.length > 0).toBe(!kept);
      expect(toFork.filter(({ authorization }) => authorization !== undefined)).toEqual([]);
      const toOwn = elsewhere.requests.filter(({ path }) => path.startsWith('/acme/'));
      expect(toOwn.some(({ authorization }) => CREDENTIAL.test(authorization ?? ''))).toBe(true);
      expect(states(pull.head).at(-1)).toBe(driver.states.failure);
    },
  );

  it('has a pull request that no delivery told of found by a look, once, as long as it is open', async () => {
    const pull = await openPull({ 'web.yaml': aPod('web') });
    fake.open.push(pull, { ...pull, number: 8, baseBranch: 'other' });
    await world.platform.owner.patch(`/api/v1/git-sources/${sourceId}`, { branches: ['main'] });
    await world.settle();
    const pulls = async () => (await world.checks()).filter(({ pull_request: number }) => number !== null);
    expect(await pulls()).toMatchObject([
      { pull_request: 7, ref: 'refs/pull/7', cause: 'poll', commit: pull.head, base: pull.base, decision: 'deny' },
    ]);
    expect(fake.statuses(pull.head).at(-1)).toMatchObject({
      context: 'bylaw/pull-request',
      state: driver.states.failure,
    });
    expect(fake.findings(pull.head, 7)).toEqual([expect.stringContaining('web.yaml')]);
    // Neither the next look nor a delivery that comes after all asks for what was checked.
    await look();
    await told(pull);
    expect(await pulls()).toHaveLength(1);
    const next = await openPull({ 'more.yaml': aPod('more') });
    fake.open.splice(0, 2, next);
    await look();
    expect((await pulls())[0]).toMatchObject({ cause: 'poll', commit: next.head });
  });

  it('is asked for pull requests page by page, and for so many checks in one look and no more', async () => {
    const pull = await openPull({ 'web.yaml': aPod('web', 'web:1') });
    for (let number = 1; number <= 120; number++) fake.open.push({ ...pull, number });
    const calls = fake.api.calls.length;
    world.clock.advance(1_440 * 60_000);
    await world.step();
    const asked = fake.api.calls.slice(calls);
    expect(asked.map(({ query }) => Number(query.get('page')))).toEqual(asked.map((_one, at) => at + 1));
    // By fifty or by a hundred, as many as the provider gives at once.
    expect([3, 2]).toContain(asked.length);
    const { body } = await world.platform.owner.get('/api/v1/git-checks?status=waiting&limit=500');
    expect((body as { items: unknown[] }).items).toHaveLength(50);
  });

  it('that is away when it is asked for pull requests is asked when it says so, and pushes are found meanwhile', async () => {
    fake.open.push(await openPull({ 'bad.yaml': aPod('bad') }));
    fake.api.trouble.push({ status: 429, headers: { 'retry-after': '3600' } });
    await world.platform.owner.patch(`/api/v1/git-sources/${sourceId}`, { poll_minutes: 5 });
    await world.step();
    expect((await world.sourceNow(sourceId)).status).toMatchObject({
      state: 'failing',
      detail: expect.stringContaining('429'),
    });
    expect(await world.checks('?status=waiting')).toContainEqual(
      expect.objectContaining({ ref: 'refs/heads/main', cause: 'poll' }),
    );
    const lists = () => fake.api.calls.filter(({ query }) => query.get('page') !== null && query.get('state') !== null);
    const before = lists().length;
    world.clock.advance(3_500_000);
    while (await world.step());
    expect(lists()).toHaveLength(before);
    world.clock.advance(200_000);
    await world.settle();
    expect((await world.sourceNow(sourceId)).status).toMatchObject({ state: 'ok', detail: null });
    expect(await world.checks('?ref=refs/pull/7')).toMatchObject([{ decision: 'deny' }]);
  });

  it('that does not let us see pull requests leaves the source as it is, which says so', async () => {
    fake.api.trouble.push({ status: 403, body: { message: 'no scope' } });
    await look();
    expect((await world.sourceNow(sourceId)).status).toMatchObject({
      state: 'ok',
      detail: expect.stringMatching(/^Pull requests are not found .*no scope/),
    });
    await look();
    expect((await world.sourceNow(sourceId)).status.detail).toBeNull();
  });

  it('is told nothing twice: a delivery that comes again asks for nothing', async () => {
    const after = world.git.commit('acme/shop', 'main', { 'web.yaml': aPod('web') });
    const delivery = driver.push({ branch: 'main', before: null, after });
    expect((await deliver(delivery)).status).toBe(202);
    expect([(await deliver(delivery)).status, (await world.checks()).length]).toEqual([200, 2]);
    // Under another name it is the same content; under the same name, other content is not taken either.
    const [renamed] = Object.values(driver.push({ branch: 'main', before: null, after }).headers).slice(1);
    const headers = Object.fromEntries(
      Object.entries(delivery.headers).map(([name, value]) => [
        name,
        /delivery|uuid|key$/.test(name) && name !== 'x-event-key' ? String(renamed) : value,
      ]),
    );
    expect((await deliver({ ...delivery, headers })).body).toMatchObject({
      status: 'ignored',
      detail: 'It came before.',
    });
    const other = driver.push({ branch: 'other', before: null, after });
    expect((await deliver({ ...other, headers: delivery.headers })).body).toMatchObject({ detail: 'It came before.' });
  });

  it('that comes twice in the same moment asks for one check', async () => {
    const after = world.git.commit('acme/shop', 'main', { 'web.yaml': aPod('web') });
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => deliver(driver.push({ branch: 'main', before: null, after }))),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 202]);
    expect(await world.checks('?status=waiting')).toHaveLength(1);
  });

  it('who signs with another secret, or not at all, is nobody: as for a source that is not there', async () => {
    const after = world.git.commit('acme/shop', 'main', { 'web.yaml': aPod('web') });
    const delivery = driver.push({ branch: 'main', before: null, after });
    const { headers, body } = driver.sign(delivery, SECRET);
    const refused = [
      await send(delivery),
      await send(driver.sign(delivery, 'another-secret-altogether')),
      ...(driver.name === 'gitlab' ? [] : [await send({ headers, body: body.replace(after, '1'.repeat(40)) })]),
      await world.platform.client().send('POST', '/api/v1/hooks/git/gits_01J00000000000000000000000', body, headers),
    ];
    const said = refused.map(({ status, body: problem }) => [status, (problem as { detail: string }).detail]);
    expect(new Set(said.map((one) => JSON.stringify(one))).size).toBe(1);
    expect(said[0]?.[0]).toBe(401);
    expect(await world.checks('?status=waiting')).toEqual([]);
  });

  it.each([
    ['no JSON', () => 'ref=main', 'malformed_json'],
    ['another shape', () => '{"ref": {"a": 1}, "push": 3, "before": "x"}', 'invalid_body'],
  ])('a genuine delivery with %s is refused, and says so', async (_what, text, code) => {
    const { headers } = driver.push({ branch: 'main', before: null, after: 'a'.repeat(40) });
    const { status, body } = await deliver({ headers, body: text() });
    expect([status, (body as { code: string }).code]).toEqual([400, code]);
  });

  it('a ref that git would not take is refused, and one that looks like an option is none', async () => {
    const pushed = async (branch: string): Promise<number> =>
      (await deliver(driver.push({ branch, before: null, after: 'a'.repeat(40) }))).status;
    for (const branch of ['../../etc/passwd', 'a b', 'x.lock', '\ud800', 'a\nb'])
      expect([200, 400]).toContain(await pushed(branch));
    expect(await world.checks('?status=waiting')).toEqual([]);
    expect(await pushed('--upload-pack=evil')).toBe(202);
    await world.settle();
    expect(await world.latest()).toMatchObject({ status: 'superseded', error: 'The branch is gone.' });
  });

  it('that is away is told later, when it says so, and once', async () => {
    const before = world.git.commit('acme/shop', 'main', {});
    const after = world.git.commit('acme/shop', 'main', { 'web.yaml': aPod('web') });
    await push('main', before, after);
    await world.step();
    fake.api.trouble.push({ status: 429, headers: { 'retry-after': '600' }, body: { message: 'slow down' } });
    await world.settle();
    expect((await world.latest()).report).toMatchObject({ state: 'waiting', detail: expect.stringContaining('429') });
    expect(states(after)).toEqual([driver.states.pending]);
    world.clock.advance(599_000);
    await world.settle();
    expect(states(after)).toHaveLength(1);
    fake.api.trouble.push({ status: 503 });
    world.clock.advance(2_000);
    await world.settle();
    world.clock.advance(3_600_000);
    await world.settle();
    expect(states(after)).toEqual([driver.states.pending, driver.states.failure]);
    expect((await world.latest()).report.state).toBe('sent');
    world.clock.advance(86_400_000);
    const written = () => fake.api.calls.filter(({ method }) => method !== 'GET').length;
    const last = written();
    await world.settle();
    expect(written()).toBe(last);
  });

  it('whose answer is lost has the findings once', async () => {
    const pull = await openPull({ 'web.yaml': aPod('web') });
    await deliver(driver.pull(pull));
    await world.step();
    fake.api.losesNext = /^(?:POST|PUT) .*(?:comments|notes|check-runs|reports\/.*)$/;
    await world.settle();
    expect((await world.latest()).report.state).toBe('waiting');
    world.clock.advance(60_000);
    await world.settle();
    expect((await world.latest()).report.state).toBe('sent');
    expect(fake.findings(pull.head, 7)).toHaveLength(1);
  });

  it('that does not let us is asked no more, and the check says why', async () => {
    fake.api.trouble.push({ status: 403, body: { message: 'no' } }, { status: 403, body: { message: 'no scope' } });
    const after = world.git.commit('acme/shop', 'main', { 'web.yaml': aPod('web') });
    await push('main', null, after);
    await world.settle();
    expect((await world.latest()).report).toMatchObject({
      state: 'failed',
      detail: expect.stringContaining('no scope'),
    });
    expect(JSON.stringify(await world.latest())).not.toContain(TOKEN);
  });

  it('is asked what two branches have in common, where it says so', async () => {
    const fork = world.git.commit('acme/shop', 'main', { 'old.yaml': aPod('old') });
    const head = world.git.commit('acme/shop', 'feature', { 'new.yaml': aPod('new', 'new:1') }, fork);
    const main = world.git.commit('acme/shop', 'main', { 'old.yaml': aPod('old', 'old:2') });
    fake.mergeBases.set(`${main} ${head}`, fork);
    await push('feature', null, head);
    await world.settle();
    const says = driver.name !== 'gitea';
    // Compared with where the default branch is now, what was mended there would look new here.
    expect(await world.latest()).toMatchObject({ base: says ? fork : main, decision: says ? 'allow' : 'deny' });
  });
});
