import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { aPod, type GitWorld, SECRET } from '../support/git-world.js';
import { TOKEN } from '../support/provider-driver.js';
import { DRIVERS } from '../support/provider-drivers.js';
import { ProviderWorld } from '../support/provider-world.js';

describe.each(DRIVERS)('$name', (driver) => {
  let own: ProviderWorld;
  let world: GitWorld;
  beforeAll(async () => {
    own = await ProviderWorld.start(driver);
    world = own.world;
  });
  afterAll(() => own.stop());
  beforeEach(() => own.fresh());

  it('is told that a push is looked at, and that it is denied, with a link', async () => {
    const before = world.git.commit('acme/shop', 'main', {});
    const after = world.git.commit('acme/shop', 'main', { 'web.yaml': aPod('web') });
    const answer = await own.push('main', before, after);
    expect([answer.status, answer.body]).toMatchObject([202, { status: 'accepted' }]);
    await world.settle();
    const check = await world.latest();
    expect(check).toMatchObject({ decision: 'deny', actor: 'octocat', report: { state: 'sent' } });
    expect(own.states(after)).toEqual([driver.states.pending, driver.states.failure]);
    expect(own.fake.statuses(after).at(-1)).toMatchObject({
      context: 'bylaw/push',
      link: `https://bylaw.example.com/api/v1/git-checks/${check.id}`,
      description: '1 new violation (1 medium) in 1 manifest',
    });
    const findings = own.fake.findings(after, 0);
    expect(findings).toHaveLength(own.fake.findsInPushes ? 1 : 0);
    if (own.fake.findsInPushes) expect(findings[0]).toContain('web.yaml');
  });

  it('is told of a warning as of no failure, and of nothing wrong as of success', async () => {
    await world.enforce('warn');
    const before = world.git.commit('acme/shop', 'main', {});
    const warned = world.git.commit('acme/shop', 'main', { 'web.yaml': aPod('web') });
    await own.push('main', before, warned);
    await world.settle();
    expect((await world.latest()).decision).toBe('warn');
    expect(own.states(warned).at(-1)).toBe(driver.states.warning);
    expect(own.fake.statuses(warned).at(-1)?.description).toMatch(/^Warning: 1 new violation/);
    const good = world.git.commit('acme/shop', 'main', { 'web.yaml': aPod('web', 'web:1') });
    await own.push('main', warned, good);
    await world.settle();
    expect(own.states(good)).toEqual([driver.states.pending, driver.states.success]);
    await world.enforce('deny');
  });

  it('has the findings where a pull request is reviewed, replaced by those of each push to it', async () => {
    const pull = own.pull({ 'web.yaml': aPod('web') });
    expect((await own.deliver(driver.pull(pull))).status).toBe(202);
    await world.settle();
    expect(await world.latest()).toMatchObject({
      ref: 'refs/pull/7',
      pull_request: 7,
      commit: pull.head,
      base: pull.base,
      decision: 'deny',
      violations: [{ object: { name: 'web' }, baseline: 'new' }],
    });
    expect(own.fake.statuses(pull.head).at(-1)).toMatchObject({
      context: 'bylaw/pull-request',
      state: driver.states.failure,
    });
    expect(own.fake.findings(pull.head, 7)).toEqual([expect.stringContaining('web.yaml')]);
    const next = own.pull({ 'web.yaml': aPod('web'), 'more.yaml': aPod('more') }, { number: 7 });
    await own.deliver(driver.pull(next));
    await world.settle();
    expect(own.fake.findings(next.head, 7)).toEqual([expect.stringContaining('more.yaml')]);
    expect(own.states(next.head).at(-1)).toBe(driver.states.failure);
  });

  it('is told of an error where a commit can’t be read, and why', async () => {
    const before = world.git.commit('acme/shop', 'main', {});
    const after = world.git.commit('acme/shop', 'main', {
      '.gitmodules': { link: '/etc/passwd' },
      'web.yaml': aPod('web'),
    });
    await own.push('main', before, after);
    await world.settle();
    expect(await world.latest()).toMatchObject({ status: 'failed', decision: null, report: { state: 'sent' } });
    expect(own.states(after)).toEqual([driver.states.pending, driver.states.error]);
    expect(own.fake.statuses(after).at(-1)?.description).toMatch(/^Not checked: .* made to do harm\.$/);
  });

  it('is told of an error where a check that denies gave no judgement, unless another one denies', async () => {
    await world.whileOneFails(async () => {
      const pull = own.pull({ 'web.yaml': aPod('web', 'web:1') });
      await own.deliver(driver.pull(pull));
      await world.settle();
      expect(await world.latest()).toMatchObject({
        decision: 'warn',
        summary: { new: 0, errors: 1, denying_errors: 1 },
      });
      expect(own.states(pull.head)).toEqual([driver.states.pending, driver.states.error]);
      expect(own.fake.statuses(pull.head).at(-1)?.description).toMatch(/^Not judged by all: .*1 error/);
      expect(own.fake.findings(pull.head, 7)).toEqual([expect.stringContaining('1 error')]);
      expect(own.fake.passes(pull.head)).toBe(false);
      const denied = world.git.commit('acme/shop', 'main', { 'web.yaml': aPod('web') });
      await own.push('main', pull.base, denied);
      await world.settle();
      expect(own.states(denied).at(-1)).toBe(driver.states.failure);
    });
  });

  it('asks for nothing by what brings no commits: a title, a star, a closed pull request', async () => {
    const pull = own.pull({ 'web.yaml': aPod('web') });
    for (const delivery of [driver.star(), driver.pull({ ...pull, action: 'retitled' })])
      expect((await own.deliver(delivery)).body).toMatchObject({ status: 'ignored', checks: [] });
    await own.deliver(driver.pull(pull));
    await own.deliver(driver.pull({ ...pull, action: 'closed' }));
    expect((await world.latest()).status).toBe('superseded');
  });

  it('is told nothing twice: a delivery that comes again asks for nothing', async () => {
    const after = world.git.commit('acme/shop', 'main', { 'web.yaml': aPod('web') });
    const delivery = driver.push({ branch: 'main', before: null, after });
    expect((await own.deliver(delivery)).status).toBe(202);
    expect([(await own.deliver(delivery)).status, (await world.checks()).length]).toEqual([200, 2]);
    // Under another name it is the same content; under the same name, other content is not taken either.
    const [renamed] = Object.values(driver.push({ branch: 'main', before: null, after }).headers).slice(1);
    const headers = Object.fromEntries(
      Object.entries(delivery.headers).map(([name, value]) => [
        name,
        /delivery|uuid|key$/.test(name) && name !== 'x-event-key' ? String(renamed) : value,
      ]),
    );
    expect((await own.deliver({ ...delivery, headers })).body).toMatchObject({
      status: 'ignored',
      detail: 'It came before.',
    });
    const other = driver.push({ branch: 'other', before: null, after });
    expect((await own.deliver({ ...other, headers: delivery.headers })).body).toMatchObject({
      detail: 'It came before.',
    });
  });

  it('that comes twice in the same moment asks for one check', async () => {
    const after = world.git.commit('acme/shop', 'main', { 'web.yaml': aPod('web') });
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => own.deliver(driver.push({ branch: 'main', before: null, after }))),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 202]);
    expect(await world.checks('?status=waiting')).toHaveLength(1);
  });

  it('who signs with another secret, or not at all, is nobody: as for a source that is not there', async () => {
    const after = world.git.commit('acme/shop', 'main', { 'web.yaml': aPod('web') });
    const delivery = driver.push({ branch: 'main', before: null, after });
    const { headers, body } = driver.sign(delivery, SECRET);
    const refused = [
      await own.send(delivery),
      await own.send(driver.sign(delivery, 'another-secret-altogether')),
      ...(driver.name === 'gitlab' ? [] : [await own.send({ headers, body: body.replace(after, '1'.repeat(40)) })]),
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
    const { status, body } = await own.deliver({ headers, body: text() });
    expect([status, (body as { code: string }).code]).toEqual([400, code]);
  });

  it('a ref that git would not take is refused, and one that looks like an option is none', async () => {
    const pushed = async (branch: string): Promise<number> =>
      (await own.deliver(driver.push({ branch, before: null, after: 'a'.repeat(40) }))).status;
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
    await own.push('main', before, after);
    await world.step();
    own.fake.api.trouble.push({ status: 429, headers: { 'retry-after': '600' }, body: { message: 'slow down' } });
    await world.settle();
    expect((await world.latest()).report).toMatchObject({ state: 'waiting', detail: expect.stringContaining('429') });
    expect(own.states(after)).toEqual([driver.states.pending]);
    world.clock.advance(599_000);
    await world.settle();
    expect(own.states(after)).toHaveLength(1);
    own.fake.api.trouble.push({ status: 503 });
    world.clock.advance(2_000);
    await world.settle();
    world.clock.advance(3_600_000);
    await world.settle();
    expect(own.states(after)).toEqual([driver.states.pending, driver.states.failure]);
    expect((await world.latest()).report.state).toBe('sent');
    world.clock.advance(86_400_000);
    const written = () => own.fake.api.calls.filter(({ method }) => method !== 'GET').length;
    const last = written();
    await world.settle();
    expect(written()).toBe(last);
  });

  it('whose answer is lost has the findings once', async () => {
    const pull = own.pull({ 'web.yaml': aPod('web') });
    await own.deliver(driver.pull(pull));
    await world.step();
    own.fake.api.losesNext = /^(?:POST|PUT) .*(?:comments|notes|check-runs|reports\/.*)$/;
    await world.settle();
    expect((await world.latest()).report.state).toBe('waiting');
    world.clock.advance(60_000);
    await world.settle();
    expect((await world.latest()).report.state).toBe('sent');
    expect(own.fake.findings(pull.head, 7)).toHaveLength(1);
  });

  it('that does not let us is asked no more, and the check says why', async () => {
    own.fake.api.trouble.push({ status: 403, body: { message: 'no' } }, { status: 403, body: { message: 'no scope' } });
    const after = world.git.commit('acme/shop', 'main', { 'web.yaml': aPod('web') });
    await own.push('main', null, after);
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
    own.fake.mergeBases.set(`${main} ${head}`, fork);
    await own.push('feature', null, head);
    await world.settle();
    const says = driver.name !== 'gitea';
    // Compared with where the default branch is now, what was mended there would look new here.
    expect(await world.latest()).toMatchObject({ base: says ? fork : main, decision: says ? 'allow' : 'deny' });
  });
});
