import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { FakeClock, generateCredential, uuidV7 } from '#kernel';
import type { Bundle, TriggerShape } from '#contracts';
import { TestAgent } from '../support/test-agent.js';
import { bindOwn } from '../support/bindings.js';
import type { TestAnswer, TestClient } from '../support/test-client.js';
import { TestPlatform } from '../support/test-platform.js';

interface Route {
  method: string;
  path: string;
}

const IMAGE = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'a', namespace: 'shop' },
  spec: { containers: [{ name: 'a', image: 'nginx' }] },
};

const OWN_POLICY = {
  slug: 'own',
  title: 'Own',
  category: 'security',
  severity: 'low',
  kinds: ['Pod'],
  rego: 'package own\nviolation contains {"path": "a", "found": 1, "expected": 0, "message": "no"} if input.review.object.spec.a',
};

/** Bodies that a route takes, so that a refusal is about who asks and not about what was sent. */
const BODIES: Record<string, unknown> = {
  'POST /api/v1/policies/{id}/clone': { slug: 'copied' },
  'POST /api/v1/organizations': { slug: 'initech', name: 'Initech' },
  'PATCH /api/v1/organization': { name: 'Renamed' },
  'POST /api/v1/api-keys': { name: 'k', scopes: ['read'] },
  'POST /api/v1/clusters': { name: 'another' },
  'PATCH /api/v1/clusters/{id}': { name: 'stolen' },
  'POST /api/v1/targets': { name: 'another' },
  'POST /api/v1/policies': OWN_POLICY,
  'PATCH /api/v1/policies/{id}': { title: 'stolen' },
  'POST /api/v1/policies/check': { rego: 'package x' },
  'POST /api/v1/policies/evaluate': { policy: 'no-latest-tag', object: IMAGE },
  'POST /api/v1/policies/import': { manifest: '' },
  'POST /api/v1/triggers': { name: 'another', type: 'ci' },
  'POST /api/v1/policy-sets': { slug: 'another', title: 'Another', policies: [{ policy: 'no-latest-tag' }] },
  'POST /api/v1/git-sources': { name: 'another', provider: 'git', url: 'https://git.example.com/another.git' },
  'PATCH /api/v1/git-sources/{id}': { name: 'stolen' },
  'POST /api/v1/git-sources/{id}/checks': { ref: 'main' },
  'POST /api/v1/validate': IMAGE,
  'POST /api/v1/validate/bundle': {},
};

describe('a stranger from a second organization', () => {
  let platform: TestPlatform;
  const clock = new FakeClock(Date.UTC(2026, 10, 24, 12));
  let agent: TestAgent;
  let stranger: TestClient;
  let routes: Route[];
  let ids: Record<string, string>;
  beforeAll(async () => {
    platform = await TestPlatform.start({ clock });
    stranger = await platform.stranger();
    agent = await TestAgent.enroll(platform, platform.owner, 'one');
    await agent.list([IMAGE]);
    await platform.settle();
    const first = async (path: string): Promise<string> => {
      const { body } = await platform.owner.get(`/api/v1${path}`);
      return (body as { items: { id: string }[] }).items[0]?.id ?? '';
    };
    const draft = await platform.owner.post('/api/v1/policies', OWN_POLICY);
    const own = { ...(await bindOwn(platform.owner)), policy: (draft.body as { id: string }).id };
    const made = await platform.owner.post('/api/v1/policy-sets', BODIES['POST /api/v1/policy-sets']);
    const set = made.body as { id: string };
    await platform.settle();
    const source = await platform.owner.post('/api/v1/git-sources', {
      name: 'shop',
      provider: 'git',
      url: 'https://git.example.com/shop.git',
    });
    const gitSource = (source.body as { id: string }).id;
    await platform.owner.post(`/api/v1/git-sources/${gitSource}/checks`, { ref: 'main' });
    const validation = await platform.owner.post('/api/v1/validate', IMAGE);
    const organization = await platform.owner.get('/api/v1/organization');
    ids = {
      organizations: (organization.body as { id: string }).id,
      clusters: agent.clusterId,
      objects: await first(`/clusters/${agent.clusterId}/objects`),
      violations: await first('/violations'),
      runs: await first('/runs'),
      policies: own.policy,
      versions: '1',
      'api-keys': await first('/api-keys'),
      'policy-sets': set.id,
      targets: own.target.id,
      triggers: own.trigger.id,
      bindings: own.binding.id,
      validations: (validation.body as { id: string }).id,
      'git-sources': gitSource,
      'git-checks': await first('/git-checks'),
      modules: await ownModule(platform.owner),
    };
    await platform.settle();
    const { body } = await platform.client().get('/openapi.json');
    routes = Object.entries((body as { paths: Record<string, object> }).paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path })),
    );
  });
  afterAll(() => platform.stop());

  // Hooks take no key: who sends, a signature says (test/git).
  const apiRoutes = (): Route[] =>
    routes.filter(({ path }) => path.startsWith('/api/') && !path.startsWith('/api/v1/hooks/'));
  const filled = (path: string): string =>
    path.replace(/\/([a-z-]+)\/\{\w+\}/g, (_all, resource: string) => {
      const id = ids[resource];
      if (id === undefined || id === '') throw new Error(`give this test an id of the first organization for ${path}`);
      return `/${resource}/${id}`;
    });
  const call = (client: TestClient, { method, path }: Route): Promise<TestAnswer> =>
    client.send(
      method,
      filled(path),
      method === 'GET' || method === 'DELETE' ? undefined : (BODIES[`${method} ${path}`] ?? {}),
    );

  const problem = ({ status, body }: TestAnswer): [number, string | undefined] => [
    status,
    (body as { code?: string }).code,
  ];
  const make = async (name: string, more: object = {}): Promise<{ id: string; client: TestClient }> => {
    const { body } = await platform.owner.post('/api/v1/api-keys', { name, scopes: ['admin'], ...more });
    const { id, key } = body as { id: string; key: string };
    return { id, client: platform.client(key) };
  };
  /** Everything that the first organization has, as one digest. */
  const state = async (): Promise<string> => {
    const tables = await platform.query<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = 'app' order by 1`,
    );
    const hash = createHash('sha256');
    for (const { name } of tables) {
      for (const { row } of await platform.query<{ row: string }>(`select t::text as row from ${name} t order by 1`))
        hash.update(`${name} ${row}\n`);
    }
    return hash.digest('hex');
  };

  it('finds nothing under any id of the first: 404 on every route that takes one, and nothing is changed', async () => {
    const before = await state();
    // Under the operator's routes everybody else is told that they are the operator's, whatever the id.
    const withId = apiRoutes().filter(({ path }) => path.includes('{') && path !== '/api/v1/organizations/{id}');
    expect(withId.length).toBeGreaterThanOrEqual(12);
    for (const route of withId) {
      const answer = await call(stranger, route);
      expect([route, ...problem(answer)]).toEqual([route, 404, 'not_found']);
    }
    expect(await state()).toBe(before);
  });

  it('is told 404 for what is there: its owner gets it by the same id', async () => {
    for (const route of apiRoutes().filter(({ method, path }) => method === 'GET' && path.includes('{'))) {
      expect([route.path, (await call(platform.owner, route)).status]).toEqual([route.path, 200]);
    }
  });

  it('sees none of its rows in any list, by filter neither, and validates against none of its clusters', async () => {
    const own = Object.values(ids).filter((id) => id.includes('_'));
    for (const route of apiRoutes().filter(({ method, path }) => method === 'GET' && !path.includes('{'))) {
      const { status, body } = await call(stranger, route);
      expect([route.path, status]).toEqual([route.path, 200]);
      for (const id of own) expect(JSON.stringify(body)).not.toContain(id);
    }
    for (const path of ['/violations', '/runs']) {
      const { body } = await stranger.get(`/api/v1${path}?cluster_id=${ids['clusters']}`);
      expect([path, body]).toEqual([path, { items: [], next_cursor: null }]);
    }
    for (const filter of [`cluster_id=${ids['clusters']}`, `policy=${ids['policies']}`]) {
      expect(problem(await stranger.get(`/api/v1/compliance?${filter}`))).toEqual([404, 'not_found']);
    }
    for (const cluster of [ids['clusters'], 'one']) {
      expect(problem(await stranger.post('/api/v1/validate', { specs: [IMAGE], cluster }))).toEqual([404, 'not_found']);
    }
  });

  it('brings its own agent, which moves nothing of the first, not even under the same UID (F7)', async () => {
    const enrolled = (client: TestClient, token: string): Promise<TestAnswer> =>
      client.post('/agent/v1/enroll', { token, agent_version: 'x', cluster_uid: 'one-and-the-same' });
    const register = async (client: TestClient): Promise<{ id: string; enrollment: { token: string } }> =>
      (await client.post('/api/v1/clusters', { name: 'by-uid' })).body as { id: string; enrollment: { token: string } };
    const own = await register(platform.owner);
    expect((await enrolled(platform.client(), own.enrollment.token)).status).toBe(200);
    const before = await state();
    const theirs = await register(stranger);
    const { body } = await enrolled(platform.client(), theirs.enrollment.token);
    expect((body as { cluster_id: string }).cluster_id).toBe(theirs.id);
    const foreign = platform.client((body as { credential: string }).credential);
    const batch = { epoch: 1, seq: 1, normaliser: 1, changes: [{ op: 'upsert', object: IMAGE }], snapshot: 'end' };
    expect((await foreign.post('/agent/v1/inventory', batch)).status).toBe(200);
    await platform.settle();
    expect(await state()).toBe(before);
  });

  it.each([
    ['no credential', undefined],
    ['a malformed key', 'bylaw_key_nonsense'],
    ['an unknown key', generateCredential('api_key', uuidV7(1))],
    ['an agent’s credential', generateCredential('agent', uuidV7(1))],
  ])('with %s every route answers 401', async (_what, key) => {
    for (const route of apiRoutes()) {
      const { status, body } = await call(platform.client(key), route);
      expect([route, status, (body as { code?: string }).code]).toEqual([route, 401, 'unauthenticated']);
    }
  });

  it('with a key of another scope every route answers 403, and says which it needs', async () => {
    const exporter = (await make('exporter', { scopes: ['export'] })).client;
    const reader = (await make('reader', { scopes: ['read'] })).client;
    // Whose a key is, whoever holds it may know.
    for (const route of apiRoutes().filter(({ path }) => path !== '/api/v1/me')) {
      const { status, body } = await call(route.path.startsWith('/api/v1/exports/') ? reader : exporter, route);
      expect([route, status, (body as { code?: string }).code]).toEqual([route, 403, 'forbidden_scope']);
      expect((body as { detail: string }).detail).toContain('needs a key with the scope');
    }
  });

  it('the owner of another organization is no operator: making organizations is refused', async () => {
    const answer = await stranger.post('/api/v1/organizations', { slug: 'hooli', name: 'Hooli' });
    expect([answer.status, (answer.body as { code: string }).code]).toEqual([403, 'forbidden_scope']);
  });

  it('an agent’s routes take no API key and no agent of nobody', async () => {
    for (const path of ['/agent/v1/inventory', '/agent/v1/heartbeat']) {
      for (const key of [platform.owner.key, generateCredential('agent', uuidV7(1)), undefined]) {
        const { status } = await platform.client(key).post(path, { epoch: 1, seq: 1, normaliser: 1, changes: [] });
        expect([path, status]).toEqual([path, 401]);
      }
    }
  });

  it('a revoked key and an expired one end at once, on every route', async () => {
    const revoked = await make('revoked');
    const expired = await make('expired', { expires_at: new Date(clock.now() + 60_000).toISOString() });
    expect((await revoked.client.get('/api/v1/clusters')).status).toBe(200);
    expect((await expired.client.get('/api/v1/clusters')).status).toBe(200);
    expect((await platform.owner.delete(`/api/v1/api-keys/${revoked.id}`)).status).toBe(204);
    clock.advance(60_000);
    for (const route of apiRoutes()) {
      expect([route, ...problem(await call(revoked.client, route))]).toEqual([route, 401, 'credential_revoked']);
      expect([route, ...problem(await call(expired.client, route))]).toEqual([route, 401, 'credential_expired']);
    }
  });

  it('an agent’s credential ends with the next enrolment and with its cluster', async () => {
    const gone = await TestAgent.enroll(platform, platform.owner, 'gone');
    const beat = (client: TestClient): Promise<TestAnswer> =>
      client.post('/agent/v1/heartbeat', { epoch: 0, seq: 0, agent_version: 'x' });
    expect((await beat(gone.client)).status).toBe(200);
    await platform.owner.delete(`/api/v1/clusters/${gone.clusterId}`);
    expect(problem(await beat(gone.client))).toEqual([401, 'credential_revoked']);
    const { body } = await platform.owner.post(`/api/v1/clusters/${agent.clusterId}/enrollment`);
    const { token } = body as { token: string };
    await platform.client().post('/agent/v1/enroll', { token, agent_version: 'x' });
    expect(problem(await beat(agent.client))).toEqual([401, 'credential_revoked']);
  });
});

/** Binds a policy of the organization's own, and tells the key of the module that it is compiled into. */
async function ownModule(owner: TestClient): Promise<string> {
  const made = await owner.post('/api/v1/policies', { ...OWN_POLICY, slug: 'bound' });
  await owner.post(`/api/v1/policies/${(made.body as { id: string }).id}/publish`);
  const { items } = (await owner.get('/api/v1/triggers')).body as { items: TriggerShape[] };
  const ci = items.filter(({ type }) => type === 'ci').map(({ id }) => id);
  await bindOwn(owner, { name: 'bound', policies: [{ policy: 'bound' }], trigger_ids: ci });
  const { modules } = (await owner.post('/api/v1/validate/bundle', {})).body as Bundle;
  return modules.find(({ role }) => role === 'own')?.key ?? '';
}
