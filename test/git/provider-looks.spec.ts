import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { aPod, type GitWorld } from '../support/git-world.js';
import { type TestPull } from '../support/provider-driver.js';
import { DRIVERS } from '../support/provider-drivers.js';
import { ProviderWorld } from '../support/provider-world.js';

const CREDENTIAL = /^Basic /;

describe.each(DRIVERS)('$name, looked at in its own time', (driver) => {
  let own: ProviderWorld;
  let world: GitWorld;
  beforeAll(async () => {
    own = await ProviderWorld.start(driver);
    world = own.world;
  });
  afterAll(() => own.stop());
  beforeEach(() => own.fresh());

  it.each([
    ['told of', (pull: TestPull) => own.tell(pull)],
    ['found by a look', (pull: TestPull) => (own.fake.open.push(pull), own.look())],
  ])(
    'has a pull request from a fork checked that is %s, and the fork’s server is given no credential',
    async (_how, come) => {
      const elsewhere = world.git;
      elsewhere.create('mallory/shop');
      const base = world.git.commit('acme/shop', 'main', {});
      const onto = elsewhere.commit('mallory/shop', 'main', { 'known.yaml': aPod('known') });
      const head = elsewhere.commit('mallory/shop', 'feature', { 'web.yaml': aPod('web') }, onto);
      const from = elsewhere.url('mallory/shop');
      const pull = { ...own.pull({}), head, base, from };
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
      expect(own.states(pull.head).at(-1)).toBe(driver.states.failure);
    },
  );

  it('has a pull request that no delivery told of found by a look, once, as long as it is open', async () => {
    const pull = own.pull({ 'web.yaml': aPod('web') });
    own.fake.open.push(pull, { ...pull, number: 8, baseBranch: 'other' });
    await world.platform.owner.patch(`/api/v1/git-sources/${own.sourceId}`, { branches: ['main'] });
    await world.settle();
    const pulls = async () => (await world.checks()).filter(({ pull_request: number }) => number !== null);
    expect(await pulls()).toMatchObject([
      { pull_request: 7, ref: 'refs/pull/7', cause: 'poll', commit: pull.head, base: pull.base, decision: 'deny' },
    ]);
    expect(own.fake.statuses(pull.head).at(-1)).toMatchObject({
      context: 'bylaw/pull-request',
      state: driver.states.failure,
    });
    expect(own.fake.findings(pull.head, 7)).toEqual([expect.stringContaining('web.yaml')]);
    // Neither the next look nor a delivery that comes after all asks for what was checked.
    await own.look();
    await own.tell(pull);
    expect(await pulls()).toHaveLength(1);
    const next = own.pull({ 'more.yaml': aPod('more') });
    own.fake.open.splice(0, 2, next);
    await own.look();
    expect((await pulls())[0]).toMatchObject({ cause: 'poll', commit: next.head });
  });

  it('is asked for pull requests page by page, and for so many checks in one look and no more', async () => {
    const pull = own.pull({ 'web.yaml': aPod('web', 'web:1') });
    for (let number = 1; number <= 120; number++) own.fake.open.push({ ...pull, number });
    const calls = own.fake.api.calls.length;
    world.clock.advance(1_440 * 60_000);
    await world.step();
    const asked = own.fake.api.calls.slice(calls);
    expect(asked.map(({ query }) => Number(query.get('page')))).toEqual(asked.map((_one, at) => at + 1));
    // By fifty or by a hundred, as many as the provider gives at once.
    expect([3, 2]).toContain(asked.length);
    const { body } = await world.platform.owner.get('/api/v1/git-checks?status=waiting&limit=500');
    expect((body as { items: unknown[] }).items).toHaveLength(50);
  });

  it('that is away when it is asked for pull requests is asked when it says so, and pushes are found meanwhile', async () => {
    own.fake.open.push(own.pull({ 'bad.yaml': aPod('bad') }));
    own.fake.api.trouble.push({ status: 429, headers: { 'retry-after': '3600' } });
    await world.platform.owner.patch(`/api/v1/git-sources/${own.sourceId}`, { poll_minutes: 5 });
    await world.step();
    expect((await world.sourceNow(own.sourceId)).status).toMatchObject({
      state: 'failing',
      detail: expect.stringContaining('429'),
    });
    expect(await world.checks('?status=waiting')).toContainEqual(
      expect.objectContaining({ ref: 'refs/heads/main', cause: 'poll' }),
    );
    const lists = () =>
      own.fake.api.calls.filter(({ query }) => query.get('page') !== null && query.get('state') !== null);
    const before = lists().length;
    world.clock.advance(3_500_000);
    while (await world.step());
    expect(lists()).toHaveLength(before);
    world.clock.advance(200_000);
    await world.settle();
    expect((await world.sourceNow(own.sourceId)).status).toMatchObject({ state: 'ok', detail: null });
    expect(await world.checks('?ref=refs/pull/7')).toMatchObject([{ decision: 'deny' }]);
  });

  it('that does not let us see pull requests leaves the source as it is, which says so', async () => {
    own.fake.api.trouble.push({ status: 403, body: { message: 'no scope' } });
    await own.look();
    expect((await world.sourceNow(own.sourceId)).status).toMatchObject({
      state: 'ok',
      detail: expect.stringMatching(/^Pull requests are not found .*no scope/),
    });
    await own.look();
    expect((await world.sourceNow(own.sourceId)).status.detail).toBeNull();
  });
});
