import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { FakeClock, systemClock, type Clock } from '#kernel';
import { DEFAULT_RATES, PostgresRateWindows, RateLimits, RedisRateWindows, type RateWindows } from '#platform';
import { eventually, silentLogger, TestFeatures } from '#testing';
import { RedisServer } from '../support/redis-server.js';

const SHORT_SECONDS = 1;

interface Store {
  /** @param seconds a window lasts; a minute unless given */
  open(seconds?: number): RateWindows;
  organization(slug: string): Promise<string>;
}

const limits = (
  store: RateWindows,
  validate: { organization: number; credential: number },
  clock: Clock = systemClock,
) =>
  new RateLimits(store, { ...DEFAULT_RATES, perMinute: { ...DEFAULT_RATES.perMinute, validate } }, clock, silentLogger);

/** What every place keeps where replicas count together. */
function keepsWindows(store: () => Store): void {
  it('is counted by all replicas together: none of them lets more through', async () => {
    const orgId = await store().organization('together');
    const limit = { organization: 250, credential: 1_000 };
    const replicas = [0, 1, 2].map(() => limits(store().open(), limit));
    const asked = replicas.flatMap((replica, r) =>
      Array.from({ length: 130 }, (_, i) => replica.count({ orgId, credentialId: `key_${r}_${i}` }, 'validate')),
    );
    const standings = (await Promise.all(asked)).map(([standing]) => standing);
    expect(standings.filter((standing) => standing?.allowed)).toHaveLength(250);
    expect(await replicas[0]?.used(orgId, 'validate', 250)).toBe(250);
    // A replica that starts now learns of it.
    expect(await limits(store().open(), limit).used(orgId, 'validate', 250)).toBe(250);
  });

  it('leaves another organization and another credential their own', async () => {
    const [orgId, other] = [await store().organization('ours'), await store().organization('theirs')];
    const replica = limits(store().open(), { organization: 3, credential: 2 });
    const allowed = async (org: string, credentialId: string): Promise<boolean> =>
      (await replica.count({ orgId: org, credentialId }, 'validate')).every((standing) => standing.allowed);
    expect([await allowed(orgId, 'a'), await allowed(orgId, 'a'), await allowed(orgId, 'a')]).toEqual([
      true,
      true,
      false,
    ]);
    // What the first credential was refused is not the organization's: the third place is left for another.
    expect([await allowed(orgId, 'b'), await allowed(orgId, 'b')]).toEqual([true, false]);
    expect([await allowed(other, 'a'), await allowed(other, 'a')]).toEqual([true, true]);
  });

  it('begins again when its window ends', async () => {
    const orgId = await store().organization('again');
    const replica = limits(store().open(SHORT_SECONDS), { organization: 2, credential: 2 });
    const allowed = async (): Promise<boolean> =>
      (await replica.count({ orgId, credentialId: 'a' }, 'validate')).every((standing) => standing.allowed);
    await eventually(async () => !(await allowed()), 'the window to be used up');
    await eventually(allowed, 'the next window');
  });

  it('is what an organization was given, once that changes', async () => {
    const orgId = await store().organization('changed');
    const replica = limits(store().open(), { organization: 2, credential: 100 });
    const count = async (limit?: number) =>
      (await replica.count({ orgId, credentialId: 'a' }, 'validate', limit)).find((standing) => standing.limit !== 100);
    await count();
    await count();
    expect(await count()).toMatchObject({ allowed: false, limit: 2, remaining: 0 });
    expect(await count(5)).toMatchObject({ allowed: true, limit: 5 });
    expect(await count(1)).toMatchObject({ allowed: false, limit: 1 });
  });
}

describe('a limit kept in Postgres', () => {
  let features: TestFeatures;
  beforeAll(async () => {
    features = await TestFeatures.start();
  });
  afterAll(() => features.stop());

  keepsWindows(() => ({
    open: (seconds) => new PostgresRateWindows(features.database, seconds),
    organization: async (slug) => (await features.organization(slug)).orgId,
  }));

  it('costs a hundred writes a window, not one a request', async () => {
    const { orgId } = await features.organization('cheap');
    let writes = 0;
    const store = new PostgresRateWindows(features.database);
    const counted: RateWindows = {
      take: (...asked) => (writes++, store.take(...asked)),
      close: () => undefined,
    };
    const replica = limits(counted, { organization: 10_000, credential: 10_000 }, new FakeClock(Date.now()));
    for (let i = 0; i < 10_000; i++) {
      const [standing] = await replica.count({ orgId, credentialId: 'a' }, 'validate');
      expect(standing?.allowed).toBe(true);
    }
    expect((await replica.count({ orgId, credentialId: 'a' }, 'validate'))[0]?.allowed).toBe(false);
    expect(writes).toBe(200);
  });
});

const withRedis = RedisServer.isInstalled() ? describe : describe.skip;

withRedis('a limit kept in Redis', () => {
  let redis: RedisServer;
  const opened: RateWindows[] = [];
  beforeAll(async () => {
    redis = await RedisServer.start();
  });
  afterAll(async () => {
    for (const store of opened) store.close();
    await redis.stop();
  });
  const open = (seconds?: number): RateWindows => {
    const store = new RedisRateWindows(redis.url, seconds);
    opened.push(store);
    return store;
  };

  keepsWindows(() => ({ open, organization: async () => randomUUID() }));

  it('refuses nothing while Redis is away, says so once, and holds again when it is back', async () => {
    const lines: string[] = [];
    const note = (_fields: unknown, text?: string): void => void lines.push(text ?? String(_fields));
    const logger = Object.assign(Object.create(silentLogger) as typeof silentLogger, { warn: note, info: note });
    const settings = { ...DEFAULT_RATES.perMinute, validate: { organization: 1, credential: 1 } };
    const replica = new RateLimits(open(), { ...DEFAULT_RATES, perMinute: settings }, systemClock, logger);
    const subject = { orgId: randomUUID(), credentialId: 'a' };
    await replica.count(subject, 'validate');
    await redis.pause();
    const away = { ...subject, orgId: randomUUID() };
    for (let i = 0; i < 50; i++) expect(await replica.count(away, 'validate')).toEqual([]);
    expect(lines).toEqual(['requests can’t be counted: no limit holds until they can']);
    const startsNow = limits(open(), { organization: 1, credential: 1 });
    expect(await startsNow.count(away, 'validate')).toEqual([]);
    await redis.resume();
    await eventually(
      async () => (await startsNow.count(away, 'validate')).some(({ allowed }) => !allowed),
      'its limit',
    );
    await eventually(async () => (await replica.count(away, 'validate')).some(({ allowed }) => !allowed), 'the limit');
    expect(lines).toEqual([expect.any(String), 'requests are counted again']);
  });
});
