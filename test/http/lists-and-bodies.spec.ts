import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { encodeCursor, ERROR_CODES } from '#kernel';
import { TestAgent } from '../support/test-agent.js';
import type { TestAnswer } from '../support/test-client.js';
import { TestPlatform } from '../support/test-platform.js';

describe('routes that are called wrongly', () => {
  let platform: TestPlatform;
  let clusterId: string;
  beforeAll(async () => {
    platform = await TestPlatform.start();
    const agent = await TestAgent.enroll(platform, platform.owner, 'one');
    clusterId = agent.clusterId;
    await agent.list(
      Array.from({ length: 7 }, (_, i) => ({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: `p${i}` },
        spec: { containers: [{ name: 'a', image: 'a' }] },
      })),
    );
    await platform.settle();
  });
  afterAll(() => platform.stop());

  const problem = ({ status, body }: TestAnswer): [number, string] => [status, (body as { code: string }).code];

  it.each([
    ['/violations?limit=0', 'invalid_limit'],
    ['/violations?limit=501', 'invalid_limit'],
    ['/violations?limit=many', 'invalid_limit'],
    ['/violations?cursor=%25%25', 'invalid_cursor'],
    [`/violations?cursor=${encodeCursor('name', ['x'])}`, 'invalid_cursor'],
    [
      `/violations?sort=-severity&cursor=${encodeCursor('-opened_at', ['2026-01-01T00:00:00Z', 'x'])}`,
      'invalid_cursor',
    ],
    ['/violations?severity=fatal', 'invalid_filter'],
    ['/violations?state=open', 'invalid_filter'],
    ['/violations?sort=name', 'invalid_filter'],
    ['/violations?colour=red', 'invalid_filter'],
    ['/violations?from=yesterday', 'invalid_filter'],
    ['/policies?category=misc', 'invalid_filter'],
    ['/runs?status=lost', 'invalid_filter'],
    ['/clusters?limit=-1', 'invalid_limit'],
    ['/compliance?team=x', 'invalid_filter'],
  ])('%s answers 400 %s and says what would be right', async (path, code) => {
    const answer = await platform.owner.get(`/api/v1${path}`);
    expect(problem(answer)).toEqual([400, code]);
    expect(Object.keys(ERROR_CODES)).toContain(code);
  });

  it.each([
    ['/clusters/cls_nonsense'],
    ['/clusters/run_01M8747559EXE8RTE08XVTR0N4'],
    ['/violations/%00'],
    ['/runs/x'],
    ['/policies/no-such-policy'],
    ['/nowhere'],
    ['/compliance?cluster_id=cls_00000000000000000000000001'],
    ['/compliance?policy=none'],
  ])('%s is not there: 404, a problem document', async (path) => {
    expect(problem(await platform.owner.get(`/api/v1${path}`))).toEqual([404, 'not_found']);
  });

  it.each<[string, string, unknown, number, string]>([
    ['a cluster without a name', '/clusters', {}, 400, 'invalid_body'],
    ['a cluster whose name has spaces', '/clusters', { name: 'a b' }, 400, 'invalid_body'],
    ['a cluster whose name is too long', '/clusters', { name: 'a'.repeat(101) }, 400, 'invalid_body'],
    ['a cluster with a field that is none', '/clusters', { name: 'a', colour: 'red' }, 400, 'invalid_body'],
    ['a second cluster of one name', '/clusters', { name: 'one' }, 409, 'cluster_name_taken'],
    ['a key without scopes', '/api-keys', { name: 'k', scopes: [] }, 400, 'invalid_body'],
    ['a key with the operator’s scope', '/api-keys', { name: 'k', scopes: ['operator'] }, 400, 'invalid_body'],
    [
      'a key that has expired already',
      '/api-keys',
      { name: 'k', scopes: ['read'], expires_at: '2001-01-01T00:00:00Z' },
      400,
      'bad_request',
    ],
    ['an organization with a slug that is none', '/organizations', { slug: 'A B', name: 'x' }, 400, 'invalid_body'],
    ['an organization whose slug is taken', '/organizations', { slug: 'acme', name: 'x' }, 409, 'slug_taken'],
    ['broken JSON', '/clusters', '{"name":', 400, 'malformed_json'],
    ['a body that is an array', '/clusters', [], 400, 'invalid_body'],
    ['a body of two mebibytes', '/clusters', { name: 'x'.repeat(2 * 1024 * 1024) }, 413, 'body_too_large'],
  ])('%s is refused', async (_what, path, body, status, code) => {
    const answer = await platform.owner.post(`/api/v1${path}`, body);
    expect(problem(answer)).toEqual([status, code]);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
  });

  it('a refusal of a body points at every place', async () => {
    const { body } = await platform.owner.post('/api/v1/clusters', { name: 7, labels: { a: 1 } });
    const { errors } = body as { errors: { pointer: string; detail: string }[] };
    expect(errors.map(({ pointer }) => pointer).sort()).toEqual(['/labels/a', '/name']);
  });

  it('two clusters registered at the same moment under one name are one', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => platform.owner.post('/api/v1/clusters', { name: 'race' })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array.from({ length: 7 }, () => 409)]);
  });

  it('pages lead through everything once, whatever their size', async () => {
    for (const limit of [1, 2, 3, 500]) {
      const seen: string[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const path: string = `/api/v1/violations?limit=${limit}${cursor === '' ? '' : `&cursor=${cursor}`}&policy=no-latest-tag`;
        const page = (await platform.owner.get(path)).body as { items: { id: string }[]; next_cursor: string | null };
        seen.push(...page.items.map(({ id }) => id));
        cursor = page.next_cursor;
      }
      expect([limit, seen.length, new Set(seen).size]).toEqual([limit, 7, 7]);
    }
  });

  it('a removed cluster keeps its history, frees its name and refuses its agent', async () => {
    const agent = await TestAgent.enroll(platform, platform.owner, 'short-lived');
    await agent.list([
      { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers: [{ name: 'a', image: 'a' }] } },
    ]);
    await platform.settle();
    expect((await platform.owner.delete(`/api/v1/clusters/${agent.clusterId}`)).status).toBe(204);
    await platform.settle();
    expect((await platform.owner.get(`/api/v1/clusters/${agent.clusterId}`)).status).toBe(404);
    expect(problem(await agent.client.post('/agent/v1/heartbeat', { epoch: 2, seq: 1, agent_version: 'x' }))).toEqual([
      401,
      'credential_revoked',
    ]);
    const { body } = await platform.owner.get('/api/v1/violations?state=resolved&policy=no-latest-tag');
    expect((body as { items: { resolution: string }[] }).items.map(({ resolution }) => resolution)).toEqual([
      'cluster-removed',
    ]);
    expect((await platform.owner.post('/api/v1/clusters', { name: 'short-lived' })).status).toBe(201);
  });

  it('operations routes answer without a credential', async () => {
    for (const path of ['/healthz', '/readyz', '/openapi.json'])
      expect((await platform.client().get(path)).status).toBe(200);
    expect((await platform.client().get('/metrics')).body).toContain('bylaw_http_request_duration_seconds');
    expect(clusterId).toMatch(/^cls_/);
  });
});
