import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ApiKeyShape } from '#contracts';
import { FakeClock, readCredential } from '#kernel';
import type { TestAnswer, TestClient } from '../support/test-client.js';
import { TestPlatform } from '../support/test-platform.js';

type MadeKey = ApiKeyShape & { key: string };
const DAY = 86_400_000;

describe('an API key', () => {
  let platform: TestPlatform;
  const clock = new FakeClock(Date.UTC(2026, 10, 24, 12));
  beforeAll(async () => {
    platform = await TestPlatform.start({ clock });
  });
  afterAll(() => platform.stop());

  const problem = ({ status, body }: TestAnswer): [number, string] => [status, (body as { code: string }).code];
  const make = async (by: TestClient, request: object): Promise<MadeKey> => {
    const answer = await by.post('/api/v1/api-keys', { name: 'k', ...request });
    expect(answer.status).toBe(201);
    return answer.body as MadeKey;
  };
  const list = async (): Promise<ApiKeyShape[]> =>
    ((await platform.owner.get('/api/v1/api-keys?limit=500')).body as { items: ApiKeyShape[] }).items;
  const ownersKey = async (): Promise<string> => (await list()).find(({ name }) => name === 'owner')?.id ?? '';

  it('is shown once: no list and no audit line has it, and the database has its HMAC alone (H5)', async () => {
    const { id, key, hint } = await make(platform.owner, { scopes: ['read'] });
    expect(readCredential(key)?.kind).toBe('api_key');
    expect(key.endsWith(hint)).toBe(true);
    const secret = key.slice(key.lastIndexOf('_') - 43, key.lastIndexOf('_'));
    expect(JSON.stringify(await list())).not.toContain(secret);
    const rows = await platform.query<{ row: string }>(
      `select t::text as row from app.api_key t union all select t::text from app.audit_log t union all select t::text from app.outbox t`,
    );
    expect(rows.filter(({ row }) => row.includes(secret))).toEqual([]);
    expect((await list()).find((one) => one.id === id)).toMatchObject({ hint, revoked_at: null });
  });

  it.each([
    ['read', 'GET', '/api/v1/violations', 'POST', '/api/v1/clusters'],
    ['clusters', 'GET', '/api/v1/clusters', 'GET', '/api/v1/violations'],
    ['validate', 'GET', '/api/v1/validations', 'GET', '/api/v1/clusters'],
  ])('with the scope %s does that and no more', async (scope, method, allowed, otherMethod, refused) => {
    const { key } = await make(platform.owner, { scopes: [scope] });
    const client = platform.client(key);
    expect((await client.send(method, allowed)).status).toBe(200);
    expect(problem(await client.send(otherMethod, refused, otherMethod === 'GET' ? undefined : {}))).toEqual([
      403,
      'forbidden_scope',
    ]);
  });

  it('that is replaced ends in the same moment, and the new one may what the old one might', async () => {
    const old = await make(platform.owner, { scopes: ['read'], fail_on: 'low' });
    const answer = await platform.owner.post(`/api/v1/api-keys/${old.id}/rotate`);
    const fresh = answer.body as MadeKey;
    expect([answer.status, fresh.name, fresh.scopes, fresh.fail_on]).toEqual([201, 'k', ['read'], 'low']);
    expect(fresh.id).not.toBe(old.id);
    expect(problem(await platform.client(old.key).get('/api/v1/violations'))).toEqual([401, 'credential_revoked']);
    expect((await platform.client(fresh.key).get('/api/v1/violations')).status).toBe(200);
    expect(problem(await platform.owner.post(`/api/v1/api-keys/${old.id}/rotate`))).toEqual([404, 'not_found']);
  });

  it('is revoked once: a second time there is nothing to revoke', async () => {
    const { id } = await make(platform.owner, { scopes: ['read'] });
    expect((await platform.owner.delete(`/api/v1/api-keys/${id}`)).status).toBe(204);
    expect(problem(await platform.owner.delete(`/api/v1/api-keys/${id}`))).toEqual([404, 'not_found']);
  });

  it('ends at the moment it was given, and not a moment sooner', async () => {
    const { key } = await make(platform.owner, {
      scopes: ['read'],
      expires_at: new Date(clock.now() + DAY).toISOString(),
    });
    clock.advance(DAY - 1);
    expect((await platform.client(key).get('/api/v1/violations')).status).toBe(200);
    clock.advance(1);
    expect(problem(await platform.client(key).get('/api/v1/violations'))).toEqual([401, 'credential_expired']);
  });

  it('of an administrator can’t become the operator’s: the owner’s key is neither replaced nor ended by it', async () => {
    const administrator = platform.client((await make(platform.owner, { scopes: ['admin'] })).key);
    const path = `/api/v1/api-keys/${await ownersKey()}`;
    expect(problem(await administrator.post(`${path}/rotate`))).toEqual([403, 'forbidden_scope']);
    expect(problem(await administrator.delete(path))).toEqual([403, 'forbidden_scope']);
    expect(problem(await administrator.post('/api/v1/organizations', { slug: 'hooli', name: 'Hooli' }))).toEqual([
      403,
      'forbidden_scope',
    ]);
    expect((await platform.owner.get('/api/v1/organization')).status).toBe(200);
  });

  it('that operates the installation may replace itself, and operates on', async () => {
    const fresh = (await platform.owner.post(`/api/v1/api-keys/${await ownersKey()}/rotate`)).body as MadeKey;
    const { status } = await platform.client(fresh.key).post('/api/v1/organizations', { slug: 'hooli', name: 'Hooli' });
    expect(status).toBe(201);
  });
});
