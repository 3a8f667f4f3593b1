import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '#testing';
import { aPod, GitWorld, made } from '../support/git-world.js';
import { TestPlatform } from '../support/test-platform.js';

describe('checks take turns', () => {
  let world: GitWorld;
  beforeAll(async () => {
    world = await GitWorld.start();
  });
  afterAll(() => world.stop());
  beforeEach(() => world.fresh());

  const ask = async (id: string, body: object): Promise<string> => {
    world.clock.advance(1_000);
    return made<{ id: string }>(await world.platform.owner.post(`/api/v1/git-sources/${id}/checks`, body)).id;
  };

  it('asked for again while it waits it is one, while it runs it comes after', async () => {
    const { id } = await world.source();
    const commit = world.git.commit('acme/shop', 'main', { 'web.yaml': aPod('web') });
    const first = await ask(id, { ref: 'main' });
    expect(await ask(id, { ref: 'main', all: true })).toBe(first);
    const later: string[] = [];
    world.git.beforeNext(async () => {
      later.push(await ask(id, { ref: 'main' }), await ask(id, { ref: 'refs/heads/main' }));
    });
    await world.settle();
    expect(later).toEqual([expect.not.stringMatching(first), later[0]]);
    expect((await world.checks('?ref=main')).map(({ status, commit: of, cause }) => [status, of, cause])).toEqual([
      ['done', commit, 'manual'],
      ['done', commit, 'manual'],
    ]);
  });

  it('a delivery waits for nobody who writes to its source, nor for those of other refs', async () => {
    const { id } = await world.source();
    await world.whileWritten(id, async () => {
      for (const branch of ['main', 'other']) {
        const { status } = await world.push(id, branch, branch === 'main' ? 'a'.repeat(40) : 'b'.repeat(40));
        expect(status).toBe('accepted');
      }
    });
  });

  it('what a delivery tells while the repository is looked at is newer than what is seen there', async () => {
    const { id } = await world.source({ poll_minutes: 5 });
    const first = world.git.commit('acme/shop', 'main', { 'web.yaml': aPod('web') });
    await world.settle();
    const second = world.git.commit('acme/shop', 'main', { 'web.yaml': aPod('web', 'web:1') });
    const third = world.git.commit('acme/shop', 'main', { 'web.yaml': aPod('web', 'web:2') });
    world.git.point('acme/shop', 'main', second);
    world.clock.advance(5 * 60_000);
    world.git.beforeNext(async () => void (await world.push(id, 'main', third, first)));
    await world.step();
    expect((await world.checks('?status=waiting')).map(({ commit }) => commit)).toEqual([third]);
  });

  it('a push does not take away that somebody asked for all', async () => {
    const { id } = await world.source({ poll_minutes: 1_440 });
    const before = world.git.commit('acme/shop', 'main', { 'web.yaml': aPod('web') });
    await world.settle();
    const asked = await ask(id, { ref: 'main', all: true });
    const after = world.git.commit('acme/shop', 'main', { 'more.yaml': aPod('more') });
    await world.push(id, 'main', after, before);
    await world.settle();
    const [check, superseded] = await world.checks('?ref=main');
    expect(superseded).toMatchObject({ id: asked, status: 'superseded' });
    expect(check).toMatchObject({ commit: after, base: null, summary: { files: 2 } });
  });

  it('one that failed waits no longer where a newer one of its ref waits', async () => {
    const { id } = await world.source({ poll_minutes: 1_440 });
    const first = world.git.commit('acme/shop', 'main', { 'web.yaml': aPod('web') });
    await world.settle();
    await world.push(id, 'other', first);
    world.git.point('acme/shop', 'other', first);
    world.git.credential = 'git:closed';
    const second = world.git.commit('acme/shop', 'other', { 'web.yaml': aPod('web', 'web:1') });
    world.git.beforeNext(async () => void (await world.push(id, 'other', second, first)));
    await world.settle();
    expect((await world.checks('?ref=other')).map(({ commit, status }) => [commit, status])).toEqual([
      [second, 'waiting'],
      [first, 'superseded'],
    ]);
    world.git.credential = undefined;
    world.clock.advance(3_600_000);
    await world.settle();
    expect((await world.checks('?ref=other'))[0]).toMatchObject({ commit: second, status: 'done', attempt: 2 });
  });

  it('a worker that ends in the middle gives its check to another one, and leaves no git behind', async () => {
    const { id } = await world.source({ poll_minutes: 1_440 });
    const commit = world.git.commit('acme/shop', 'main', { 'web.yaml': aPod('web') });
    await world.settle();
    const ending = await TestPlatform.start({
      clock: world.clock,
      outboundAllow: ['127.0.0.0/8'],
      beside: world.platform,
      worker: true,
    });
    const held = new Promise<void>((resolve) =>
      world.git.beforeNext(async () => {
        resolve();
        await new Promise(() => undefined);
      }),
    );
    const asked = await ask(id, { ref: 'main' });
    await held;
    expect(await world.latest()).toMatchObject({ id: asked, status: 'running' });
    await ending.stop();
    expect(await world.latest()).toMatchObject({ status: 'running', attempt: 1 });
    await world.settle();
    expect(await world.latest()).toMatchObject({ id: asked, commit, status: 'done', attempt: 2 });
  });

  it('a worker finds by itself what nobody woke it for', async () => {
    const { id } = await world.source({ poll_minutes: 1_440 });
    const commit = world.git.commit('acme/shop', 'main', { 'web.yaml': aPod('web') });
    await world.push(id, 'main', commit);
    const worker = await TestPlatform.start({ outboundAllow: ['127.0.0.0/8'], beside: world.platform, worker: true });
    const check = await eventually(async () => {
      const latest = await world.latest();
      return latest.status === 'done' && latest;
    }, 'the check to be done');
    expect(check).toMatchObject({ commit, decision: 'deny' });
    await worker.stop();
  });
});
