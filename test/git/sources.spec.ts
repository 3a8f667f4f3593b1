import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import type { TestClient } from '../support/test-client.js';
import { aPod, GitWorld, made, SECRET, signed } from '../support/git-world.js';

const A_SOURCE = { name: 'shop', provider: 'github', url: 'https://github.com/acme/shop.git', token: 'ghp_secret' };

describe('git sources', () => {
  let world: GitWorld;
  let owner: TestClient;
  let stranger: TestClient;
  beforeAll(async () => {
    world = await GitWorld.start();
    owner = world.platform.owner;
    stranger = await world.platform.stranger();
  });
  afterAll(() => world.stop());
  beforeEach(() => world.fresh());

  const key = async (scope: string): Promise<TestClient> => {
    const { body } = await owner.post('/api/v1/api-keys', { name: scope, scopes: [scope] });
    return world.platform.client((body as { key: string }).key);
  };

  it('are nobody else’s: a stranger finds none, changes none, and may have one of the same name', async () => {
    const { id } = await world.source();
    const commit = world.git.commit('acme/shop', 'main', { 'web.yaml': aPod('web') });
    await world.push(id, 'main', commit);
    const [check] = await world.checks();
    expect((await stranger.get('/api/v1/git-sources')).body).toMatchObject({ items: [] });
    expect((await stranger.get(`/api/v1/git-checks?source_id=${id}`)).body).toMatchObject({ items: [] });
    for (const [method, path, body] of [
      ['GET', `/git-sources/${id}`],
      ['PATCH', `/git-sources/${id}`, { name: 'stolen' }],
      ['DELETE', `/git-sources/${id}`],
      ['POST', `/git-sources/${id}/checks`, { ref: 'main' }],
      ['GET', `/git-checks/${check?.id}`],
    ] as const)
      expect([method, path, (await stranger.send(method, `/api/v1${path}`, body)).status]).toEqual([method, path, 404]);
    expect((await stranger.post('/api/v1/git-sources', A_SOURCE)).status).toBe(201);
    expect((await owner.get(`/api/v1/git-sources/${id}`)).status).toBe(200);
  });

  it('are read with `read`, asked with `validate`, changed with `admin`', async () => {
    const { id } = await world.source();
    const [reader, validator] = [await key('read'), await key('validate')];
    expect((await reader.get(`/api/v1/git-sources/${id}`)).status).toBe(200);
    for (const client of [reader, validator]) {
      expect((await client.post('/api/v1/git-sources', A_SOURCE)).status).toBe(403);
      expect((await client.patch(`/api/v1/git-sources/${id}`, { name: 'x' })).status).toBe(403);
      expect((await client.delete(`/api/v1/git-sources/${id}`)).status).toBe(403);
    }
    expect((await reader.post(`/api/v1/git-sources/${id}/checks`, { ref: 'main' })).status).toBe(403);
    expect((await validator.post(`/api/v1/git-sources/${id}/checks`, { ref: 'main' })).status).toBe(202);
  });

  it('show the secret of their hook once, and their token never', async () => {
    const first = await owner.once('a-key', '/api/v1/git-sources', A_SOURCE);
    const { id, webhook_secret: secret, hook_url: hook } = first.body as Record<string, string>;
    expect([first.status, secret?.length, hook]).toEqual([201, 43, `https://bylaw.example.com/api/v1/hooks/git/${id}`]);
    const again = await owner.once('a-key', '/api/v1/git-sources', A_SOURCE);
    expect(again.body).toMatchObject({ id, secret_shown: true, has_token: true });
    const shown = [
      again.body,
      (await owner.get(`/api/v1/git-sources/${id}`)).body,
      (await owner.get('/api/v1/git-sources')).body,
    ];
    shown.push((await owner.get('/api/v1/audit-log')).body);
    for (const text of [secret ?? '', 'ghp_secret']) expect(JSON.stringify(shown)).not.toContain(text);
    const rows = await world.platform.query<{ token: Buffer; webhook_secret: Buffer }>(
      'select token, webhook_secret from app.git_source',
    );
    for (const row of rows) expect(Buffer.concat([row.token, row.webhook_secret]).includes('ghp_secret')).toBe(false);
  });

  it('are edited as they were seen, and the log says what changed without secrets', async () => {
    const { id, revision } = made<{ id: string; revision: number }>(await owner.post('/api/v1/git-sources', A_SOURCE));
    const path = `/api/v1/git-sources/${id}`;
    const seen = { 'if-match': `"${revision}"` };
    const changed = await owner.send('PATCH', path, { branches: ['main'], token: 'ghp_other' }, seen);
    expect([changed.headers.get('etag'), changed.body]).toMatchObject(['"2"', { branches: ['main'], has_token: true }]);
    expect((await owner.send('PATCH', path, { paths: ['k8s/*'] }, seen)).status).toBe(412);
    expect((await owner.send('DELETE', path, undefined, seen)).status).toBe(412);
    const { items } = made<{ items: { action: string; before: unknown; after: unknown }[] }>(
      await owner.get('/api/v1/audit-log?limit=500'),
    );
    expect(items.findLast(({ action }) => action === 'git-source.update')).toMatchObject({
      before: { branches: null, has_token: true },
      after: { branches: ['main'], token_replaced: true },
    });
    expect((await owner.send('DELETE', path, undefined, { 'if-match': '"2"' })).status).toBe(204);
    expect((await owner.get(path)).status).toBe(404);
  });

  it('don’t give their token to another server because their URL was changed', async () => {
    const { id } = made<{ id: string }>(await owner.post('/api/v1/git-sources', A_SOURCE));
    for (const change of [{ url: 'https://evil.example.com/acme/shop.git' }, { api_url: 'https://evil.example.com' }])
      expect((await owner.patch(`/api/v1/git-sources/${id}`, change)).body).toMatchObject({ code: 'unprocessable' });
    const moved = { url: 'https://github.com/acme/store.git' };
    expect((await owner.patch(`/api/v1/git-sources/${id}`, moved)).status).toBe(200);
    const again = { url: 'https://git.example.com/acme/shop.git', token: null };
    expect((await owner.patch(`/api/v1/git-sources/${id}`, again)).body).toMatchObject({ has_token: false });
  });

  it.each([
    [{ name: '  ' }],
    [{ provider: 'svn' }],
    [{ url: 'git@github.com:acme/shop.git' }],
    [{ webhook_secret: 'short' }],
    [{ token: 'with space' }],
    [{ token: 'x\r\nX-Evil: 1' }],
    [{ poll_minutes: 0 }],
    [{ branches: [] }],
    [{ unknown: 1 }],
  ])('%j is refused', async (wrong) => {
    expect((await owner.post('/api/v1/git-sources', { ...A_SOURCE, ...wrong })).status).toBe(400);
  });

  it('have names of their own', async () => {
    made(await owner.post('/api/v1/git-sources', A_SOURCE));
    expect((await owner.post('/api/v1/git-sources', A_SOURCE)).body).toMatchObject({ code: 'name_taken' });
  });

  it.each(['../etc', '-x', 'a b', 'a..b', 'refs/heads/', 'a~1', 'x.lock', 'a//b', '', 'x'.repeat(300)])(
    'a ref %j is none that can be asked for',
    async (ref) => {
      const { id } = await world.source();
      expect((await owner.post(`/api/v1/git-sources/${id}/checks`, { ref })).status).toBe(400);
    },
  );

  it('list checks in pages, by ref and by status', async () => {
    const { id } = await world.source();
    for (const ref of ['a', 'b', 'c']) {
      world.clock.advance(1_000);
      made(await owner.post(`/api/v1/git-sources/${id}/checks`, { ref }));
    }
    const first = made<{ items: { ref: string }[]; next_cursor: string }>(
      await owner.get('/api/v1/git-checks?limit=2'),
    );
    const second = made<typeof first>(await owner.get(`/api/v1/git-checks?limit=2&cursor=${first.next_cursor}`));
    expect([...first.items, ...second.items].map(({ ref }) => ref)).toEqual([
      'refs/heads/c',
      'refs/heads/b',
      'refs/heads/a',
    ]);
    expect(made<typeof first>(await owner.get('/api/v1/git-checks?ref=b&status=waiting')).items).toHaveLength(1);
    expect(made<typeof first>(await owner.get('/api/v1/git-checks?status=done')).items).toEqual([]);
  });

  it('take their hooks, checks and deliveries away with them, and leave what was judged', async () => {
    const { id } = await world.source();
    const commit = world.git.commit('acme/shop', 'main', { 'web.yaml': aPod('web') });
    await world.push(id, 'main', commit);
    await world.settle();
    const [validation = ''] = (await world.latest()).validations;
    expect((await owner.delete(`/api/v1/git-sources/${id}`)).status).toBe(204);
    expect((await world.deliver(id, { ref: 'refs/heads/main', after: commit })).status).toBe(401);
    expect(await world.checks()).toEqual([]);
    expect((await owner.get(`/api/v1/validations/${validation}`)).status).toBe(200);
  });
});

describe('the hook of a source', () => {
  let world: GitWorld;
  const BAD = 5;
  beforeAll(async () => {
    world = await GitWorld.start({
      trustProxy: 1,
      rates: {
        perMinute: Object.fromEntries(
          ['validate', 'export', 'author', 'agent', 'other'].map((name) => [
            name,
            { organization: 9_999, credential: 9_999 },
          ]),
        ),
        badCredentialsPerMinute: BAD,
      },
    });
  });
  afterAll(() => world.stop());
  beforeEach(() => world.fresh());
  const from = (address: string): Record<string, string> => ({ 'x-forwarded-for': address });
  const body = (after = 'a'.repeat(40)): string => JSON.stringify({ ref: 'refs/heads/main', after });

  it('refuses an address that guesses, whatever it brings, and nobody else', async () => {
    const { id } = await world.source();
    const guess = { ...from('203.0.113.7'), 'x-bylaw-signature': signed('something else') };
    for (let tries = 0; tries < BAD; tries++) expect((await world.deliver(id, body(), guess)).status).toBe(401);
    const refused = await world.deliver(id, body(), from('203.0.113.7'));
    expect([refused.status, Number(refused.headers.get('retry-after')) > 0]).toEqual([429, true]);
    expect((await world.deliver(id, body(), from('198.51.100.1'))).status).toBe(202);
  });

  it('goes on for who proved himself before, though others guess from the same address', async () => {
    const { id } = await world.source();
    const address = from('203.0.113.8');
    expect((await world.deliver(id, body(), address)).status).toBe(202);
    for (let tries = 0; tries <= BAD; tries++) await world.deliver('gits_01J00000000000000000000000', body(), address);
    expect((await world.deliver(id, body('b'.repeat(40)), address)).status).toBe(202);
  });

  it('takes a large delivery, and refuses one that is too large before it has come', async () => {
    const { id } = await world.source();
    const padded = (bytes: number): string =>
      JSON.stringify({ ref: 'refs/heads/main', after: 'c'.repeat(40), pad: 'x'.repeat(bytes) });
    expect((await world.deliver(id, padded(4_000_000))).status).toBe(202);
    expect((await world.deliver(id, padded(6_000_000))).body).toMatchObject({ code: 'body_too_large' });
  });

  it('takes nothing that is packed: what is signed is what is sent', async () => {
    const { id } = await world.source();
    const packed = gzipSync(body());
    const response = await fetch(`${world.platform.url}/api/v1/hooks/git/${id}`, {
      method: 'POST',
      headers: { 'content-encoding': 'gzip', 'x-bylaw-signature': signed(body()) },
      body: new Uint8Array(packed),
    });
    expect(response.status).toBe(415);
  });

  it('takes no body for none', async () => {
    const { id } = await world.source();
    expect((await world.deliver(id, '')).status).toBe(400);
  });

  it('answers in the time that providers wait, while a commit is checked', async () => {
    const { id } = await world.source();
    const first = world.git.commit('acme/shop', 'main', { 'web.yaml': aPod('web') });
    await world.push(id, 'main', first);
    let answered = '';
    world.git.beforeNext(async () => {
      answered = (await world.push(id, 'other', first)).status;
    });
    await world.settle();
    expect(answered).toBe('accepted');
  });

  it('is given its new secret, and takes no delivery under the old one', async () => {
    const { id } = await world.source();
    await world.platform.owner.patch(`/api/v1/git-sources/${id}`, { webhook_secret: 'another-secret-of-it' });
    expect((await world.deliver(id, body())).status).toBe(401);
    await world.platform.owner.patch(`/api/v1/git-sources/${id}`, { webhook_secret: SECRET });
    expect((await world.deliver(id, body())).status).toBe(202);
  });
});
