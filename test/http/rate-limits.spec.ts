import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FakeClock, generateCredential, uuidV7 } from '#kernel';
import { Database, DEFAULT_RATES, type RateSettings } from '#platform';
import { RedisServer } from '../support/redis-server.js';
import { TestAgent } from '../support/test-agent.js';
import type { TestAnswer, TestClient } from '../support/test-client.js';
import { TestPlatform } from '../support/test-platform.js';

const MINUTE_MS = 60_000;
const NAMESPACE = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n' } };

const RATES: RateSettings = {
  perMinute: {
    ...DEFAULT_RATES.perMinute,
    validate: { organization: 5, credential: 3 },
    author: { organization: 4, credential: 4 },
    agent: { organization: 1_000, credential: 6 },
  },
  badCredentialsPerMinute: 4,
};

const problem = ({ status, body }: TestAnswer): [number, string | undefined] => [
  status,
  (body as { code?: string }).code,
];
const told = ({ headers }: TestAnswer): (string | null)[] =>
  ['ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset'].map((name) => headers.get(name));

describe('requests', () => {
  let platform: TestPlatform;
  let stranger: TestClient;
  const clock = new FakeClock(Date.UTC(2026, 10, 24, 12));
  beforeAll(async () => {
    platform = await TestPlatform.start({ clock, rates: RATES, trustProxy: 1 });
    stranger = await platform.stranger();
  });
  afterAll(() => platform.stop());

  const keyWith = async (...scopes: string[]): Promise<TestClient> => {
    const { body } = await platform.owner.post('/api/v1/api-keys', { name: 'k', scopes });
    return platform.client((body as { key: string }).key);
  };
  const validate = (client: TestClient): Promise<TestAnswer> => client.post('/api/v1/validate', NAMESPACE);
  const nextMinute = (): void => clock.advance(MINUTE_MS);

  it('of one organization leave another’s limits alone', async () => {
    for (let i = 0; i < 4; i++) await validate(stranger);
    expect(problem(await validate(stranger))).toEqual([429, 'too_many_requests']);
    expect((await validate(platform.owner)).status).toBe(200);
    nextMinute();
  });

  it('say how many are left, and when the minute ends', async () => {
    const first = await validate(platform.owner);
    expect(told(first)).toEqual(['3', '2', '60']);
    expect(first.headers.get('ratelimit-policy')).toBe('3;w=60, 5;w=60');
    clock.advance(20_000);
    expect(told(await validate(platform.owner))).toEqual(['3', '1', '40']);
    nextMinute();
  });

  it('over the limit are refused with the time to wait, and go through after it', async () => {
    for (let i = 0; i < 3; i++) expect((await validate(platform.owner)).status).toBe(200);
    clock.advance(15_000);
    const refused = await validate(platform.owner);
    expect(problem(refused)).toEqual([429, 'too_many_requests']);
    expect(refused.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect([refused.headers.get('retry-after'), ...told(refused)]).toEqual(['45', '3', '0', '45']);
    clock.advance(45_000);
    expect((await validate(platform.owner)).status).toBe(200);
    nextMinute();
  });

  it('of a credential that runs away leave the organization’s others their share', async () => {
    const [runaway, other] = [await keyWith('validate'), await keyWith('validate')];
    const answers = await Promise.all(Array.from({ length: 30 }, () => validate(runaway)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(3);
    expect((await validate(other)).status).toBe(200);
    expect(told(await validate(other))).toEqual(['5', '0', '60']);
    expect((await validate(other)).status).toBe(429);
    nextMinute();
  });

  it('of one kind leave the others alone', async () => {
    const check = (): Promise<TestAnswer> => platform.owner.post('/api/v1/policies/check', { rego: 'package x' });
    for (let i = 0; i < 4; i++) expect((await check()).status).toBe(200);
    expect((await check()).status).toBe(429);
    expect((await validate(platform.owner)).status).toBe(200);
    expect((await platform.owner.get('/api/v1/policies')).status).toBe(200);
    nextMinute();
  });

  it('that are refused for another reason are counted too', async () => {
    const reader = await keyWith('read');
    for (let i = 0; i < 3; i++) expect((await validate(reader)).status).toBe(403);
    expect((await validate(reader)).status).toBe(429);
    nextMinute();
  });

  it('of an agent are limited by its credential, and it is told when to come again', async () => {
    const agent = await TestAgent.enroll(platform, platform.owner, 'busy');
    const beat = (): Promise<TestAnswer> =>
      agent.client.post('/agent/v1/heartbeat', { epoch: 0, seq: 0, agent_version: 't' });
    for (let i = 0; i < 6; i++) expect((await beat()).status).toBe(200);
    const refused = await beat();
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '60']);
    const other = await TestAgent.enroll(platform, platform.owner, 'calm');
    expect((await other.send([])).applied).toBe(true);
    nextMinute();
  });

  it('for health, metrics and the description are never limited', async () => {
    for (const path of ['/healthz', '/readyz', '/metrics', '/openapi.json']) {
      const answer = await platform.client().get(path);
      expect([path, answer.status, answer.headers.get('ratelimit-limit')]).toEqual([path, 200, null]);
    }
  });

  describe('with wrong credentials', () => {
    const wrong = (): string => generateCredential('api_key', uuidV7(Date.now()));
    const from = (address: string, key: string | undefined): Promise<TestAnswer> =>
      platform.client(key).send('GET', '/api/v1/clusters', undefined, { 'x-forwarded-for': address });
    const guess = async (address: string, times: number): Promise<number[]> => {
      const statuses: number[] = [];
      for (let i = 0; i < times; i++) statuses.push((await from(address, wrong())).status);
      return statuses;
    };

    it('are refused by address, and ask the database no more', async () => {
      expect(await guess('203.0.113.1', 4)).toEqual([401, 401, 401, 401]);
      const asked = await countingQuestions(platform, async () => {
        const refused = await from('203.0.113.1', wrong());
        expect(problem(refused)).toEqual([429, 'too_many_requests']);
        expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
        expect(await guess('203.0.113.1', 50)).toEqual(Array.from({ length: 50 }, () => 429));
      });
      expect(asked).toBe(0);
    });

    it('from one network of IPv6 count together, those from another address apart', async () => {
      expect(await guess('2001:db8:1:2::1', 2)).toEqual([401, 401]);
      expect(await guess('2001:db8:1:2:ffff::9', 3)).toEqual([401, 401, 429]);
      expect(await guess('2001:db8:1:3::1', 1)).toEqual([401]);
      expect(await guess('::ffff:203.0.113.7', 4)).toEqual([401, 401, 401, 401]);
      expect(await guess('203.0.113.7', 1)).toEqual([429]);
    });

    it('don’t shut out a good credential that shares their address', async () => {
      expect((await from('203.0.113.2', platform.owner.key)).status).toBe(200);
      await guess('203.0.113.2', 6);
      expect((await from('203.0.113.2', platform.owner.key)).status).toBe(200);
      expect((await from('203.0.113.3', (await keyWith('read')).key)).status).toBe(200);
    });

    it('of which it is always the same one are answered from memory, and count once', async () => {
      const revoked = await platform.owner.post('/api/v1/api-keys', { name: 'revoked', scopes: ['read'] });
      const { id, key } = revoked.body as { id: string; key: string };
      expect((await from('203.0.113.4', key)).status).toBe(200);
      await platform.owner.delete(`/api/v1/api-keys/${id}`);
      expect(problem(await from('203.0.113.4', key))).toEqual([401, 'credential_revoked']);
      const asked = await countingQuestions(platform, async () => {
        for (let i = 0; i < 20; i++)
          expect(problem(await from('203.0.113.4', key))).toEqual([401, 'credential_revoked']);
      });
      expect(asked).toBe(0);
      expect(await guess('203.0.113.4', 3)).toEqual([401, 401, 401]);
    });

    it('at the wrong door stay good at their own', async () => {
      const agent = await TestAgent.enroll(platform, platform.owner, 'doors');
      expect((await platform.owner.post('/agent/v1/heartbeat', {})).status).toBe(401);
      expect((await agent.client.get('/api/v1/clusters')).status).toBe(401);
      expect((await platform.owner.get('/api/v1/clusters')).status).toBe(200);
      expect((await agent.send([])).applied).toBe(true);
    });

    it('that are none at all are told so, however often', async () => {
      for (let i = 0; i < 10; i++) {
        expect((await from('203.0.113.5', 'bylaw_key_typo')).status).toBe(401);
        expect((await from('203.0.113.5', undefined)).status).toBe(401);
      }
      expect(await guess('203.0.113.5', 1)).toEqual([401]);
    });

    it('are limited where agents enrol, too', async () => {
      const enroll = (token: string): Promise<TestAnswer> =>
        platform
          .client()
          .send('POST', '/agent/v1/enroll', { token, agent_version: 't' }, { 'x-forwarded-for': '203.0.113.6' });
      const token = (): string => generateCredential('enrollment', uuidV7(Date.now()));
      for (let i = 0; i < 4; i++) expect((await enroll(token())).status).toBe(401);
      expect(problem(await enroll(token()))).toEqual([429, 'too_many_requests']);
    });
  });
});

const withRedis = RedisServer.isInstalled() ? describe : describe.skip;

withRedis('a platform with Redis', () => {
  let redis: RedisServer;
  let platform: TestPlatform;
  beforeAll(async () => {
    redis = await RedisServer.start();
    platform = await TestPlatform.start({ rates: RATES, redisUrl: redis.url });
  });
  afterAll(async () => {
    await platform.stop();
    await redis.stop();
  });

  it('limits requests by it', async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 5; i++) statuses.push((await platform.owner.post('/api/v1/validate', NAMESPACE)).status);
    expect(statuses).toEqual([200, 200, 200, 429, 429]);
    expect(await platform.query('select 1 from app.rate_window')).toEqual([]);
  });
});

/** @returns how many questions were put to the directory of credentials while `work` ran */
async function countingQuestions(platform: TestPlatform, work: () => Promise<void>): Promise<number> {
  const database = platform.app.get(Database);
  const { dangerouslyAskDirectory: ask } = database;
  let asked = 0;
  database.dangerouslyAskDirectory = (...question) => (asked++, ask.apply(database, question) as never);
  try {
    await work();
  } finally {
    database.dangerouslyAskDirectory = ask;
  }
  return asked;
}
