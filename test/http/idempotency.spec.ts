import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { FakeClock, systemScope } from '#kernel';
import { ExpiredRows } from '#platform';
import { OrganizationsDirectory } from '#tenancy';
import { TestAgent } from '../support/test-agent.js';
import type { TestAnswer, TestClient } from '../support/test-client.js';
import { TestPlatform } from '../support/test-platform.js';

const DAY_MS = 24 * 3_600_000;
const POLICY = {
  slug: 'own',
  title: 'Own',
  category: 'security',
  severity: 'low',
  kinds: ['Pod'],
  rego: 'package own\nviolation contains {"path": "a", "found": 1, "expected": 0, "message": "no"} if input.review.object.spec.a',
};

describe('a request under an Idempotency-Key', () => {
  let platform: TestPlatform;
  let owner: TestClient;
  let stranger: TestClient;
  let next = 0;
  const clock = new FakeClock(Date.UTC(2026, 10, 24, 12));
  beforeAll(async () => {
    platform = await TestPlatform.start({ clock });
    owner = platform.owner;
    stranger = await platform.stranger();
  });
  afterAll(() => platform.stop());

  const fresh = (): string => `key ${next++}`;
  const problem = ({ status, body }: TestAnswer): [number, string | undefined] => [
    status,
    (body as { code?: string }).code,
  ];
  const replayed = ({ headers }: TestAnswer): string | null => headers.get('idempotency-replayed');
  const named = async (client: TestClient, name: string): Promise<number> => {
    const { body } = await client.get(`/api/v1/clusters?name=${name}`);
    return (body as { items: unknown[] }).items.length;
  };

  it('is another request for another organization, though the key is the same', async () => {
    const key = fresh();
    const ours = await owner.once(key, '/api/v1/targets', { name: 'ours' });
    const theirs = await stranger.once(key, '/api/v1/targets', { name: 'something else' });
    expect([ours.status, theirs.status, replayed(theirs)]).toEqual([201, 201, null]);
    expect(theirs.body).toMatchObject({ name: 'something else' });
    expect((await stranger.get(`/api/v1/targets/${(ours.body as { id: string }).id}`)).status).toBe(404);
  });

  it('is another request for another credential of the same organization', async () => {
    const key = fresh();
    const made = await owner.post('/api/v1/api-keys', { name: 'second', scopes: ['admin'] });
    const second = platform.client((made.body as { key: string }).key);
    expect((await owner.once(key, '/api/v1/targets', { name: 'of the first key' })).status).toBe(201);
    const other = await second.once(key, '/api/v1/targets', { name: 'of the second key' });
    expect([other.status, replayed(other)]).toEqual([201, null]);
  });

  it('is done once and answered alike, with its entity tag', async () => {
    const key = fresh();
    const body = { name: 'once', labels: { a: '1' }, environment: 'test' };
    const first = await owner.once(key, '/api/v1/targets', { name: 'once' });
    const again = await owner.once(key, '/api/v1/targets', { name: 'once' });
    expect([first.status, replayed(first)]).toEqual([201, null]);
    expect([again.status, replayed(again)]).toEqual([201, 'true']);
    expect(again.body).toEqual(first.body);
    expect(first.headers.get('etag')).toBe('"1"');
    expect(again.headers.get('etag')).toBe('"1"');
    // Keys of JSON have no order: a client that writes them otherwise asks for the same.
    const reordered = { environment: 'test', labels: { a: '1' }, name: 'once' };
    const other = fresh();
    await owner.once(other, '/api/v1/clusters', body);
    expect(replayed(await owner.once(other, '/api/v1/clusters', reordered))).toBe('true');
    const log = await owner.get('/api/v1/audit-log?action=cluster.register');
    expect((log.body as { items: unknown[] }).items).toHaveLength(1);
  });

  it('shows a secret in its first answer alone', async () => {
    const clusterKey = fresh();
    const cluster = await owner.once(clusterKey, '/api/v1/clusters', { name: 'secretive' });
    const { id, enrollment } = cluster.body as { id: string; enrollment: { token: string; expires_at: string } };
    const clusterAgain = (await owner.once(clusterKey, '/api/v1/clusters', { name: 'secretive' })).body;
    expect(clusterAgain).toMatchObject({ id, enrollment: { expires_at: enrollment.expires_at }, secret_shown: true });
    expect(clusterAgain).not.toHaveProperty('enrollment.token');
    expect(cluster.body).not.toHaveProperty('secret_shown');

    const apiKey = await owner.post('/api/v1/api-keys', { name: 'rotated', scopes: ['read'] });
    const secrets: [string, unknown, string][] = [
      ['/api/v1/api-keys', { name: 'made twice', scopes: ['read'] }, 'key'],
      [`/api/v1/api-keys/${(apiKey.body as { id: string }).id}/rotate`, {}, 'key'],
      [`/api/v1/clusters/${id}/enrollment`, {}, 'token'],
      ['/api/v1/organizations', { slug: 'initech', name: 'Initech' }, 'key'],
    ];
    for (const [path, body, secret] of secrets) {
      const key = fresh();
      const first = await owner.once(key, path, body);
      expect([path, first.status]).toEqual([path, 201]);
      expect(first.body).toHaveProperty(secret, expect.stringMatching(/^bylaw_/));
      const again = await owner.once(key, path, body);
      expect([again.status, replayed(again)]).toEqual([201, 'true']);
      const { [secret]: _shown, manifest_url: _url, ...rest } = first.body as Record<string, unknown>;
      expect(again.body).toEqual({ ...rest, secret_shown: true });
    }
    const kept = await platform.query<{ answer: string }>('select answer from app.idempotency_key');
    expect(kept.filter(({ answer }) => /bylaw_(?:key|enroll)_/.test(answer))).toEqual([]);
  });

  it('with another body is refused, and changes nothing', async () => {
    const key = fresh();
    await owner.once(key, '/api/v1/clusters', { name: 'first' });
    const other = await owner.once(key, '/api/v1/clusters', { name: 'second' });
    expect(problem(other)).toEqual([422, 'idempotency_mismatch']);
    expect(await named(owner, 'second')).toBe(0);
  });

  it('is another request on another resource', async () => {
    const key = fresh();
    const one = await TestAgent.enroll(platform, owner, 'run-one');
    const two = await TestAgent.enroll(platform, owner, 'run-two');
    const first = await owner.once(key, `/api/v1/clusters/${one.clusterId}/runs`);
    const second = await owner.once(key, `/api/v1/clusters/${two.clusterId}/runs`);
    const again = await owner.once(key, `/api/v1/clusters/${one.clusterId}/runs`);
    expect([first.status, second.status, again.status]).toEqual([202, 202, 202]);
    expect(second.body).not.toEqual(first.body);
    expect([again.body, replayed(again)]).toEqual([first.body, 'true']);
  });

  it('sent twenty times at once makes one thing', async () => {
    for (const [path, body] of [
      ['/api/v1/clusters', { name: 'crowded' }],
      ['/api/v1/organizations', { slug: 'crowded', name: 'Crowded' }],
      ['/api/v1/policies', { ...POLICY, slug: 'crowded' }],
      ['/api/v1/api-keys', { name: 'crowded', scopes: ['read'] }],
    ] as const) {
      const key = fresh();
      const answers = await Promise.all(Array.from({ length: 20 }, () => owner.once(key, path, body)));
      const made = answers.filter((answer) => answer.status === 201);
      const waiting = answers.filter((answer) => answer.status !== 201);
      expect([path, made.filter((answer) => replayed(answer) === null).length]).toEqual([path, 1]);
      const refusals = waiting.filter((answer) => problem(answer)[1] !== 'idempotency_in_progress');
      expect(refusals.map(problem)).toEqual([]);
      expect(waiting.every(({ status, headers }) => status === 409 && headers.get('retry-after') === '1')).toBe(true);
      const ids = new Set(made.map((answer) => (answer.body as { id: string }).id));
      expect(ids.size).toBe(1);
      expect(replayed(await owner.once(key, path, body))).toBe('true');
    }
    expect(await named(owner, 'crowded')).toBe(1);
    const keys = await platform.query(`select 1 from app.api_key where name = 'crowded'`);
    expect(keys).toHaveLength(1);
  });

  it('by many clients at once, each its own, all of them go through', async () => {
    const names = Array.from({ length: 30 }, (_, i) => `many-${i}`);
    const made = await Promise.all([
      ...names.map((slug) => owner.once(fresh(), '/api/v1/organizations', { slug, name: slug })),
      ...names.map((name) => stranger.once(fresh(), '/api/v1/clusters', { name })),
    ]);
    expect(made.map(({ status }) => status)).toEqual(made.map(() => 201));
  });

  it('that is refused keeps nothing: the same key may be used once what was wrong is mended', async () => {
    const key = fresh();
    expect(problem(await owner.once(key, '/api/v1/clusters', { name: '' }))).toEqual([400, 'invalid_body']);
    await owner.post('/api/v1/clusters', { name: 'taken' });
    expect(problem(await owner.once(key, '/api/v1/clusters', { name: 'taken' }))).toEqual([409, 'cluster_name_taken']);
    const made = await owner.once(key, '/api/v1/clusters', { name: 'free' });
    expect([made.status, replayed(made)]).toEqual([201, null]);
  });

  it('whose answer could not be recorded was not done either', async () => {
    const key = fresh();
    // As where the process dies before its commit: the record is refused, and the work goes with it.
    await withBrokenRecords(platform, async () => {
      expect(problem(await owner.once(key, '/api/v1/clusters', { name: 'half-done' }))).toEqual([500, 'internal']);
    });
    expect(await named(owner, 'half-done')).toBe(0);
    const log = await platform.query(`select 1 from app.audit_log where after ->> 'name' = 'half-done'`);
    expect(log).toEqual([]);
    const made = await owner.once(key, '/api/v1/clusters', { name: 'half-done' });
    expect([made.status, replayed(made)]).toEqual([201, null]);
  });

  it('has its key for a day; then it is another request, and the record goes', async () => {
    const key = fresh();
    await owner.once(key, '/api/v1/targets', { name: 'short-lived' });
    clock.advance(DAY_MS - 1);
    expect(replayed(await owner.once(key, '/api/v1/targets', { name: 'short-lived' }))).toBe('true');
    clock.advance(1);
    expect(problem(await owner.once(key, '/api/v1/targets', { name: 'short-lived' }))).toEqual([409, 'name_taken']);
    const again = await owner.once(key, '/api/v1/targets', { name: 'made-later' });
    expect([again.status, replayed(again)]).toEqual([201, null]);
    const [orgId = ''] = await platform.app.get(OrganizationsDirectory).dangerouslyListAll();
    await platform.app.get(ExpiredRows).forget(systemScope(orgId, 'test'));
    expect(await platform.query('select route from app.idempotency_key')).toEqual([{ route: 'POST /api/v1/targets' }]);
  });

  it.each([
    ['an empty one', ''],
    ['a long one', 'x'.repeat(256)],
    ['one that is not ASCII', 'caf\u00e9'],
    ['one with a control character', 'a\tb'],
  ])('is refused with %s', async (_what, key) => {
    expect(problem(await owner.once(key, '/api/v1/targets', { name: 'never' }))).toEqual([400, 'bad_request']);
  });

  it('takes a key of 255 characters', async () => {
    expect((await owner.once('x'.repeat(255), '/api/v1/targets', { name: 'long key' })).status).toBe(201);
  });

  it('takes none where nothing is made: two validations are two', async () => {
    const key = fresh();
    const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n' } };
    const [one, two] = [
      await owner.once(key, '/api/v1/validate', object),
      await owner.once(key, '/api/v1/validate', object),
    ];
    expect(one.body).not.toMatchObject({ id: (two.body as { id: string }).id });
    expect(replayed(two)).toBeNull();
  });

  it('without the right to do it is refused before its key is looked at', async () => {
    const { body } = await owner.post('/api/v1/api-keys', { name: 'reader', scopes: ['read'] });
    const reader = platform.client((body as { key: string }).key);
    expect(problem(await reader.once('', '/api/v1/clusters', { name: 'x' }))).toEqual([403, 'forbidden_scope']);
  });

  it('is documented on every route that makes or starts something, and on no other', async () => {
    const { body } = await platform.client().get('/openapi.json');
    const paths = (body as { paths: Record<string, Record<string, { parameters?: { name: string }[] }>> }).paths;
    const posts = Object.entries(paths).flatMap(([path, { post }]) => (post === undefined ? [] : [{ path, post }]));
    const without = posts.filter(({ post }) => !post.parameters?.some(({ name }) => name === 'Idempotency-Key'));
    expect(without.map(({ path }) => path).sort()).toEqual([
      '/agent/v1/enroll',
      '/agent/v1/heartbeat',
      '/agent/v1/inventory',
      '/api/v1/bindings/{id}/preview',
      // A provider's delivery has a name of its own.
      '/api/v1/hooks/git/{sourceId}',
      '/api/v1/policies/check',
      '/api/v1/policies/evaluate',
      '/api/v1/policies/import',
      '/api/v1/policies/{id}/backtest',
      '/api/v1/policies/{id}/preview',
      '/api/v1/policies/{id}/prove',
      '/api/v1/policies/{id}/test',
      '/api/v1/validate',
      '/api/v1/validate/bundle',
    ]);
  });
});

/** Lets no answer be recorded while `work` runs, by a constraint that every row breaks. */
async function withBrokenRecords(platform: TestPlatform, work: () => Promise<void>): Promise<void> {
  const asOwner = async (sql: string): Promise<void> => {
    const client = new pg.Client({ connectionString: platform.database.logins.ownerUrl });
    await client.connect();
    try {
      await client.query(sql);
    } finally {
      await client.end();
    }
  };
  await asOwner('alter table app.idempotency_key add constraint broken check (status = 0) not valid');
  try {
    await work();
  } finally {
    await asOwner('alter table app.idempotency_key drop constraint broken');
  }
}
