import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { API_KEY_SCOPES, type Me } from '#contracts';
import type { TestClient } from '../support/test-client.js';
import { TestPlatform } from '../support/test-platform.js';

describe('whose a key is', () => {
  let platform: TestPlatform;
  beforeAll(async () => {
    platform = await TestPlatform.start();
  });
  afterAll(() => platform.stop());

  const aKey = async (client: TestClient, scope: string): Promise<{ id: string; key: string }> =>
    (await client.post('/api/v1/api-keys', { name: `for ${scope}`, scopes: [scope] })).body as {
      id: string;
      key: string;
    };

  it('says its own organization to a stranger', async () => {
    const stranger = await platform.stranger();
    const { status, body } = await stranger.get('/api/v1/me');
    expect([status, (body as Me).organization.slug]).toEqual([200, 'globex']);
    expect(((await platform.owner.get('/api/v1/me')).body as Me).organization.slug).toBe('acme');
  });

  it.each(API_KEY_SCOPES)('is told to whoever holds it, however little it may do: %s', async (scope) => {
    const { id, key } = await aKey(platform.owner, scope);
    expect(await platform.client(key).get('/api/v1/me')).toMatchObject({
      status: 200,
      body: { organization: { slug: 'acme' }, api_key: { id, name: `for ${scope}`, scopes: [scope], fail_on: null } },
    });
  });

  it('is told to nobody without one, or with one that was revoked', async () => {
    const { id, key } = await aKey(platform.owner, 'read');
    await platform.owner.delete(`/api/v1/api-keys/${id}`);
    for (const client of [platform.client(), platform.client('bylaw_key_x'), platform.client(key)])
      expect((await client.get('/api/v1/me')).status).toBe(401);
  });
});
