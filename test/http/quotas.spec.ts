import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FakeClock } from '#kernel';
import type { InventoryAck, OrganizationUsage, Quotas } from '#contracts';
import { TestAgent } from '../support/test-agent.js';
import type { TestAnswer, TestClient } from '../support/test-client.js';
import { TestPlatform } from '../support/test-platform.js';

const POLICY = {
  title: 'Own',
  category: 'security',
  severity: 'low',
  kinds: ['Pod'],
  rego: 'package own\nviolation contains {"path": "a", "found": 1, "expected": 0, "message": "no"} if input.review.object.spec.a',
};

const pod = (name: string, image = 'nginx:1') => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop' },
  spec: { containers: [{ name: 'a', image }] },
});
const pods = (prefix: string, many: number) => Array.from({ length: many }, (_, i) => pod(`${prefix}-${i}`));

const problem = ({ status, body }: TestAnswer): [number, string | undefined] => [
  status,
  (body as { code?: string }).code,
];

describe('quotas', () => {
  let platform: TestPlatform;
  let operator: TestClient;
  const clock = new FakeClock(Date.UTC(2026, 10, 24, 12));
  beforeAll(async () => {
    platform = await TestPlatform.start({ clock });
    operator = platform.owner;
  });
  afterAll(() => platform.stop());

  /** An organization of its own, with these quotas. */
  const tenant = async (slug: string, quotas?: Partial<Quotas>): Promise<{ id: string; owner: TestClient }> => {
    const made = await operator.post('/api/v1/organizations', { slug, name: slug });
    const { id, key } = made.body as { id: string; key: string };
    if (quotas !== undefined) expect((await set(id, quotas)).status).toBe(200);
    return { id, owner: platform.client(key) };
  };
  const set = (id: string, quotas: Record<string, unknown>): Promise<TestAnswer> =>
    operator.patch(`/api/v1/organizations/${id}`, { quotas });
  const usage = async (client: TestClient): Promise<OrganizationUsage> =>
    (await client.get('/api/v1/organization/usage')).body as OrganizationUsage;

  describe('are the operator’s', () => {
    it('and nobody else’s: a stranger finds no organization, an owner lacks the right', async () => {
      const [victim, stranger] = [await tenant('victim', { clusters: 7 }), await tenant('stranger')];
      for (const client of [stranger.owner, victim.owner]) {
        const answer = await client.patch(`/api/v1/organizations/${victim.id}`, { quotas: { clusters: 1 } });
        expect(problem(answer)).toEqual([403, 'forbidden_scope']);
      }
      expect((await platform.client().patch(`/api/v1/organizations/${victim.id}`, {})).status).toBe(401);
      expect((await usage(stranger.owner)).clusters.limit).toBe(10_000);
      expect((await usage(victim.owner)).clusters).toEqual({ used: 0, limit: 7 });
      const { body } = await victim.owner.post('/api/v1/api-keys', { name: 'ci', scopes: ['validate'] });
      const ci = platform.client((body as { key: string }).key);
      expect(problem(await ci.get('/api/v1/organization/usage'))).toEqual([403, 'forbidden_scope']);
    });

    it('and change by name: null gives the default back, the rest stays', async () => {
      const { id, owner } = await tenant('changing');
      const first = await set(id, { clusters: 3, objects: 40 });
      expect(first.body).toMatchObject({ id, slug: 'changing', revision: 2, quotas: { clusters: 3, objects: 40 } });
      expect(first.headers.get('etag')).toBe('"2"');
      const second = await set(id, { clusters: null, body_bytes: 2_048 });
      expect((second.body as { quotas: Quotas }).quotas).toEqual({
        clusters: 10_000,
        objects: 40,
        custom_policies: 500,
        validations_per_minute: 120_000,
        body_bytes: 2_048,
      });
      expect((await owner.get('/api/v1/organization')).body).toMatchObject({ quotas: { objects: 40 } });
    });

    it('and are in the audit logs of both, with before and after', async () => {
      const { id, owner } = await tenant('audited', { clusters: 3 });
      await set(id, { clusters: 4 });
      for (const client of [owner, operator]) {
        const log = await client.get(`/api/v1/audit-log?action=organization.quotas&subject=${id}`);
        expect((log.body as { items: object[] }).items).toMatchObject([
          { before: { quotas: { clusters: 3 } }, after: { quotas: { clusters: 4 } } },
          { before: { quotas: {} }, after: { quotas: { clusters: 3 } } },
        ]);
      }
      const theirs = await owner.get(`/api/v1/audit-log?action=organization.quotas`);
      expect((theirs.body as { items: { actor: object }[] }).items[0]?.actor).toEqual({
        type: 'operator',
        id: 'operator',
      });
    });

    it('and are refused where they make no sense, and where they were changed meanwhile', async () => {
      const { id } = await tenant('refused', { clusters: 1 });
      for (const quotas of [
        {},
        { clusters: -1 },
        { clusters: 1.5 },
        { clusters: '5' },
        { body_bytes: 1 },
        { body_bytes: 17 * 1024 * 1024 },
        { cluster: 5 },
        null,
      ])
        expect(problem(await operator.patch(`/api/v1/organizations/${id}`, { quotas }))).toEqual([400, 'invalid_body']);
      const stale = await operator.send(
        'PATCH',
        `/api/v1/organizations/${id}`,
        { quotas: { clusters: 2 } },
        { 'if-match': '"1"' },
      );
      expect(problem(stale)).toEqual([412, 'stale_revision']);
      expect(problem(await set('org_01J00000000000000000000000', { clusters: 2 }))).toEqual([404, 'not_found']);
      expect(problem(await set('nonsense', { clusters: 2 }))).toEqual([404, 'not_found']);
    });
  });

  describe('of clusters and policies', () => {
    it('hold, though many are made at once, and say limit and count', async () => {
      const { owner } = await tenant('many-clusters', { clusters: 3 });
      const made = await Promise.all(
        Array.from({ length: 12 }, (_, i) => owner.post('/api/v1/clusters', { name: `c-${i}` })),
      );
      expect(made.filter(({ status }) => status === 201)).toHaveLength(3);
      const refused = made.find(({ status }) => status !== 201);
      expect(refused?.body).toMatchObject({
        status: 422,
        code: 'quota_exceeded',
        quota: 'clusters',
        limit: 3,
        used: 3,
      });
      expect(refused?.body).toHaveProperty('detail', expect.stringMatching(/may have 3 clusters and has 3/));
      expect((await usage(owner)).clusters).toEqual({ used: 3, limit: 3 });
      const { body } = await owner.get('/api/v1/clusters');
      await owner.delete(`/api/v1/clusters/${(body as { items: { id: string }[] }).items[0]?.id}`);
      expect((await owner.post('/api/v1/clusters', { name: 'instead' })).status).toBe(201);
    });

    it('count own policies but those that were archived', async () => {
      const { owner } = await tenant('many-policies', { custom_policies: 1 });
      const make = (slug: string): Promise<TestAnswer> => owner.post('/api/v1/policies', { ...POLICY, slug });
      const { id } = (await make('one')).body as { id: string };
      expect(problem(await make('two'))).toEqual([422, 'quota_exceeded']);
      expect((await usage(owner)).custom_policies).toEqual({ used: 1, limit: 1 });
      await owner.post(`/api/v1/policies/${id}/archive`, {});
      expect((await make('two')).status).toBe(201);
      expect(problem(await owner.post(`/api/v1/policies/${id}/publish`, {}))).toEqual([409, 'conflict']);
    });
  });

  describe('of objects', () => {
    const shown = async (client: TestClient, id: string) =>
      (await client.get(`/api/v1/clusters/${id}`)).body as {
        objects: number;
        problems: { code: string; message: string }[];
      };
    const refusedOf = ({ rejected }: InventoryAck): number[] =>
      rejected.filter(({ code }) => code === 'quota_exceeded').map(({ index }) => index);
    const inSync = async (agent: TestAgent, epoch: number, seq: number, digest: string): Promise<boolean> => {
      const beat = await agent.client.post('/agent/v1/heartbeat', { epoch, seq, digest, agent_version: 't' });
      return (beat.body as { in_sync: boolean }).in_sync;
    };

    it('take what fits and refuse the rest by its place; the cluster shows it, and others are left alone', async () => {
      const { owner } = await tenant('full', { objects: 4 });
      const other = await tenant('not-full');
      const agent = await TestAgent.enroll(platform, owner, 'one');
      const ack = await agent.list(pods('a', 6));
      expect([ack.applied, refusedOf(ack)]).toEqual([true, [4, 5]]);
      expect(ack.rejected[0]?.message).toMatch(/Pod shop\/a-4 .* may hold 4 objects/);
      expect(await shown(owner, agent.clusterId)).toMatchObject({
        objects: 4,
        problems: [{ code: 'quota_exceeded', message: expect.stringMatching(/^2 objects were not taken/) }],
      });
      expect((await usage(owner)).objects).toEqual({ used: 4, limit: 4 });
      const elsewhere = await TestAgent.enroll(platform, other.owner, 'one');
      expect((await elsewhere.list(pods('a', 6))).rejected).toEqual([]);
      expect((await usage(other.owner)).objects.used).toBe(6);
    });

    it('let what is there change and go, and what goes makes room', async () => {
      const { owner } = await tenant('moving', { objects: 3 });
      const agent = await TestAgent.enroll(platform, owner, 'one');
      await agent.list(pods('a', 3));
      expect((await agent.send([{ op: 'upsert', object: pod('a-1', 'nginx:2') }])).rejected).toEqual([]);
      const swap = await agent.send([
        { op: 'upsert', object: pod('b') },
        { op: 'delete', api_version: 'v1', kind: 'Pod', namespace: 'shop', name: 'a-0' },
        { op: 'upsert', object: pod('c') },
      ]);
      expect(refusedOf(swap)).toEqual([2]);
      expect((await usage(owner)).objects.used).toBe(3);
    });

    it('don’t make an agent list for ever, and take what was refused once there is room', async () => {
      const { id, owner } = await tenant('waiting', { objects: 2 });
      const agent = await TestAgent.enroll(platform, owner, 'one');
      const { epoch, seq } = await agent.list(pods('a', 3));
      const digest = agent.digestOf(pods('a', 3));
      expect(await inSync(agent, epoch, seq, digest)).toBe(true);
      await set(id, { objects: 10 });
      expect(await inSync(agent, epoch, seq, digest)).toBe(false);
      const again = await agent.list(pods('a', 3));
      expect(again.rejected).toEqual([]);
      expect(await shown(owner, agent.clusterId)).toMatchObject({ objects: 3, problems: [] });
      expect(await inSync(agent, again.epoch, again.seq, digest)).toBe(true);
      // A digest that is wrong is seen again, now that nothing is refused.
      expect(await inSync(agent, again.epoch, again.seq, agent.digestOf(pods('a', 2)))).toBe(false);
    });

    it('hold, whatever several agents of an organization send at once', async () => {
      const { owner } = await tenant('racing', { objects: 100 });
      const agents = await Promise.all([0, 1, 2, 3, 4].map((i) => TestAgent.enroll(platform, owner, `c-${i}`)));
      const acks = await Promise.all(
        agents.map(async (agent, i) => {
          const sent: InventoryAck[] = [];
          for (let part = 0; part < 6; part++)
            sent.push(await agent.send(pods(`${i}-${part}`, 8).map((object) => ({ op: 'upsert' as const, object }))));
          return sent;
        }),
      );
      const refused = acks.flat().reduce((sum, ack) => sum + ack.rejected.length, 0);
      const held = await Promise.all(agents.map(async ({ clusterId }) => (await shown(owner, clusterId)).objects));
      const total = held.reduce((sum, objects) => sum + objects, 0);
      expect(total + refused).toBe(5 * 6 * 8);
      expect((await usage(owner)).objects.used).toBe(total);
      // Who lost every race leaves a little room, which his next listing takes; nobody passes the limit.
      expect(total).toBeLessThanOrEqual(100);
      for (const [i, agent] of agents.entries()) await agent.list(pods(`again-${i}`, 25));
      for (const [i, agent] of agents.entries()) await agent.list(pods(`again-${i}`, 25));
      expect((await usage(owner)).objects.used).toBe(100);
    });

    it('no longer count what a removed cluster held', async () => {
      const { owner } = await tenant('removing', { objects: 3 });
      const gone = await TestAgent.enroll(platform, owner, 'gone');
      await gone.list(pods('a', 3));
      const stays = await TestAgent.enroll(platform, owner, 'stays');
      expect(refusedOf(await stays.list(pods('b', 3)))).toEqual([0, 1, 2]);
      await owner.delete(`/api/v1/clusters/${gone.clusterId}`);
      expect((await usage(owner)).objects.used).toBe(0);
      expect((await stays.list(pods('b', 3))).rejected).toEqual([]);
    });

    it('that are lowered take nothing away, and let nothing new in', async () => {
      const { id, owner } = await tenant('lowered', { objects: 3 });
      const agent = await TestAgent.enroll(platform, owner, 'one');
      await agent.list(pods('a', 3));
      await set(id, { objects: 1 });
      expect((await agent.list(pods('a', 3))).rejected).toEqual([]);
      expect(refusedOf(await agent.send([{ op: 'upsert', object: pod('new') }]))).toEqual([0]);
      expect((await usage(owner)).objects).toEqual({ used: 3, limit: 1 });
    });
  });

  describe('of requests', () => {
    const NAMESPACE = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n' } };

    it('let so many validations through a minute, and show how many there were', async () => {
      const { id, owner } = await tenant('validating', { validations_per_minute: 2 });
      const validate = (): Promise<TestAnswer> => owner.post('/api/v1/validate', NAMESPACE);
      expect((await validate()).headers.get('ratelimit-limit')).toBe('2');
      expect((await usage(owner)).validations_per_minute).toEqual({ used: 1, limit: 2 });
      expect((await validate()).status).toBe(200);
      expect(problem(await validate())).toEqual([429, 'too_many_requests']);
      expect((await usage(owner)).validations_per_minute).toEqual({ used: 2, limit: 2 });
      await set(id, { validations_per_minute: 3 });
      expect((await validate()).status).toBe(200);
      expect((await validate()).status).toBe(429);
      clock.advance(60_000);
      expect((await usage(owner)).validations_per_minute.used).toBe(0);
    });

    it('take bodies up to a size, unzipped, and say which', async () => {
      const { owner } = await tenant('small-bodies', { body_bytes: 2_000 });
      const manifest = (bytes: number): string => `# ${'x'.repeat(bytes)}\n${JSON.stringify(NAMESPACE)}`;
      const yaml = { 'content-type': 'application/yaml' };
      const send = (bytes: number) => owner.send('POST', '/api/v1/validate', manifest(bytes), yaml);
      expect((await send(1_000)).status).toBe(200);
      const large = await send(2_000);
      expect(problem(large)).toEqual([413, 'body_too_large']);
      expect((large.body as { detail: string }).detail).toMatch(/2000 bytes/);
      const labels = { a: 'x'.repeat(63) };
      const many = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`a${i}`, labels.a]));
      expect(problem(await owner.post('/api/v1/clusters', { name: 'x', labels: many }))).toEqual([
        413,
        'body_too_large',
      ]);
    });
  });
});
