import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generateCredential, uuidV7 } from '#kernel';
import { TestAgent } from '../support/test-agent.js';
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

/** Bodies that a route takes, so that a refusal is about who asks and not about what was sent. */
const BODIES: Record<string, unknown> = {
  'POST /api/v1/organizations': { slug: 'initech', name: 'Initech' },
  'PATCH /api/v1/organization': { name: 'Renamed' },
  'POST /api/v1/api-keys': { name: 'k', scopes: ['read'] },
  'POST /api/v1/clusters': { name: 'another' },
  'PATCH /api/v1/clusters/{id}': { name: 'stolen' },
  'POST /api/v1/validate': IMAGE,
};

describe('a stranger from a second organization', () => {
  let platform: TestPlatform;
  let stranger: TestClient;
  let routes: Route[];
  let ids: Record<string, string>;
  beforeAll(async () => {
    platform = await TestPlatform.start();
    stranger = await platform.stranger();
    const agent = await TestAgent.enroll(platform, platform.owner, 'one');
    await agent.list([IMAGE]);
    await platform.settle();
    const first = async (path: string): Promise<string> => {
      const { body } = await platform.owner.get(`/api/v1${path}`);
      return (body as { items: { id: string }[] }).items[0]?.id ?? '';
    };
    const validation = await platform.owner.post('/api/v1/validate', IMAGE);
    ids = {
      clusters: agent.clusterId,
      objects: await first(`/clusters/${agent.clusterId}/objects`),
      violations: await first('/violations'),
      runs: await first('/runs'),
      policies: await first('/policies'),
      'api-keys': await first('/api-keys'),
      validations: (validation.body as { id: string }).id,
    };
    const { body } = await platform.client().get('/openapi.json');
    routes = Object.entries((body as { paths: Record<string, object> }).paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path })),
    );
  });
  afterAll(() => platform.stop());

  const apiRoutes = (): Route[] => routes.filter(({ path }) => path.startsWith('/api/'));
  const filled = (path: string): string =>
    path.replace(/\/([a-z-]+)\/\{(id|objectId)\}/g, (_all, resource: string) => `/${resource}/${ids[resource]}`);
  const call = (client: TestClient, { method, path }: Route): Promise<TestAnswer> =>
    client.send(
      method,
      filled(path),
      method === 'GET' || method === 'DELETE' ? undefined : (BODIES[`${method} ${path}`] ?? {}),
    );

  it('finds nothing under any id of the first: 404 on every route that takes one', async () => {
    const withId = apiRoutes().filter(({ path }) => path.includes('{'));
    expect(withId.length).toBeGreaterThanOrEqual(12);
    for (const route of withId) {
      const { status, body } = await call(stranger, route);
      expect([route, status, (body as { code?: string }).code]).toEqual([route, 404, 'not_found']);
    }
  });

  it('sees none of its rows in any list', async () => {
    const own = Object.values(ids);
    for (const route of apiRoutes().filter(({ method, path }) => method === 'GET' && !path.includes('{'))) {
      const { status, body } = await call(stranger, route);
      expect([route.path, status]).toEqual([route.path, 200]);
      for (const id of own) expect(JSON.stringify(body)).not.toContain(id);
    }
    const validated = await stranger.post('/api/v1/validate', { specs: [IMAGE], cluster: ids['clusters'] });
    expect(validated.status).toBe(404);
  });

  it('has changed nothing by all that', async () => {
    const { body } = await platform.owner.get(`/api/v1/clusters/${ids['clusters']}`);
    expect((body as { name: string; connection: string }).name).toBe('one');
    expect((await platform.owner.get('/api/v1/api-keys')).status).toBe(200);
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
    const made = await platform.owner.post('/api/v1/api-keys', { name: 'exporter', scopes: ['export'] });
    const exporter = platform.client((made.body as { key: string }).key);
    for (const route of apiRoutes()) {
      const { status, body } = await call(exporter, route);
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

  it('a revoked key ends at once', async () => {
    const made = (await platform.owner.post('/api/v1/api-keys', { name: 'short', scopes: ['read'] })).body as {
      id: string;
      key: string;
    };
    expect((await platform.client(made.key).get('/api/v1/clusters')).status).toBe(200);
    expect((await platform.owner.delete(`/api/v1/api-keys/${made.id}`)).status).toBe(204);
    const after = await platform.client(made.key).get('/api/v1/clusters');
    expect([after.status, (after.body as { code: string }).code]).toEqual([401, 'credential_revoked']);
  });
});
