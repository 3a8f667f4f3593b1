import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import type { ValidationResult } from '#contracts';
import type { TestAnswer } from '../support/test-client.js';
import { TestPlatform } from '../support/test-platform.js';

const aPod = (name: string, changes: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop' },
  spec: { containers: [{ name: 'app', image: 'nginx', ...changes }] },
});

describe('what is posted to be validated', () => {
  let platform: TestPlatform;
  beforeAll(async () => {
    platform = await TestPlatform.start();
  });
  afterAll(() => platform.stop());

  const validate = (body: unknown, headers: Record<string, string> = {}): Promise<TestAnswer> =>
    platform.owner.send('POST', '/api/v1/validate', body, headers);
  const yaml = (text: string): Promise<TestAnswer> => validate(text, { 'content-type': 'application/yaml' });
  const problem = ({ status, body }: TestAnswer): [number, string] => [status, (body as { code: string }).code];
  const result = ({ body }: TestAnswer): ValidationResult => body as ValidationResult;

  it.each<[string, unknown, string, number]>([
    ['an empty array', [], 'no_specs', 400],
    ['an empty envelope', {}, 'no_specs', 400],
    ['an envelope of nothing', { specs: [] }, 'no_specs', 400],
    ['a number', '7', 'no_specs', 400],
    ['null', 'null', 'no_specs', 400],
    ['an envelope with a typing error', { spec: [aPod('a')] }, 'invalid_body', 400],
    ['a severity that is none', { specs: [aPod('a')], fail_on: 'fatal' }, 'invalid_body', 400],
    ['a cluster that is not there', { specs: [aPod('a')], cluster: 'nowhere' }, 'not_found', 404],
    ['broken JSON', '{"specs": [', 'malformed_json', 400],
    ['nothing but invalid documents', { specs: [{ kind: 'Pod' }, 7] }, 'all_documents_invalid', 422],
  ])('%s is refused with a code, as a problem document', async (_what, body, code, status) => {
    const answer = await validate(body);
    expect(problem(answer)).toEqual([status, code]);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    const { type, title, detail, instance, request_id: requestId } = answer.body as Record<string, string>;
    expect([type, instance]).toEqual([`urn:bylaw:problem:${code}`, '/api/v1/validate']);
    expect([title, detail, requestId].every((text) => typeof text === 'string' && text !== '')).toBe(true);
  });

  it('an empty YAML body and a type that is not taken are refused', async () => {
    expect(problem(await yaml('\n'))).toEqual([400, 'no_specs']);
    expect(problem(await validate('<a/>', { 'content-type': 'text/xml' }))).toEqual([415, 'unsupported_media_type']);
  });

  it('a format that is not served is refused by name, not answered in another', async () => {
    const answer = await platform.owner.post('/api/v1/validate?format=csv', { specs: [aPod('a')] });
    expect(problem(answer)).toEqual([400, 'invalid_filter']);
    expect((answer.body as { detail: string }).detail).toContain('format');
    expect((await platform.owner.post('/api/v1/validate?format=json', { specs: [aPod('a')] })).status).toBe(200);
  });

  it('a body over the limit is refused before it is read, plain or as a gzip bomb', async () => {
    const large = JSON.stringify({ manifest: 'x'.repeat(50 * 1024 * 1024) });
    expect(problem(await validate(large))).toEqual([413, 'body_too_large']);
    const bomb = gzipSync(large);
    const response = await fetch(`${platform.url}/api/v1/validate`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${platform.owner.key}`,
        'content-type': 'application/json',
        'content-encoding': 'gzip',
      },
      body: bomb,
    });
    expect(response.status).toBe(413);
    expect((await platform.owner.get('/healthz')).status).toBe(200);
  });

  it('JSON and YAML nested ten thousand deep are refused, and nobody dies', async () => {
    const deep = `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`;
    expect(problem(await validate(`{"specs":[${deep}]}`))).toEqual([400, 'invalid_body']);
    const answer = await yaml(`apiVersion: v1\nkind: Pod\nspec: ${'['.repeat(10_000)}${']'.repeat(10_000)}\n`);
    expect(problem(answer)).toEqual([422, 'all_documents_invalid']);
    const { documents } = answer.body as ValidationResult;
    expect(documents.map(({ status, error }) => [status, error?.code])).toEqual([['invalid', 'limit_depth']]);
  });

  it('a YAML bomb is refused at once', async () => {
    const levels = Array.from(
      { length: 12 },
      (_, i) => `l${i + 1}: &l${i + 1} [${Array.from({ length: 10 }, () => `*l${i}`).join(', ')}]`,
    );
    const answer = await yaml(['apiVersion: v1', 'kind: ConfigMap', 'l0: &l0 lol', ...levels].join('\n'));
    expect((answer.body as ValidationResult).documents[0]?.error?.code).toBe('limit_aliases');
  });

  it('a broken document is named with line and column, and leaves the others alone', async () => {
    const text = `${JSON.stringify(aPod('a'))}\n---\nkind: [\n---\n# nothing here\n---\n${JSON.stringify(aPod('b'))}\n`;
    const answer = await yaml(text);
    expect(answer.status).toBe(200);
    const { documents, summary } = result(answer);
    expect(documents.map(({ status, object }) => [status, object?.name])).toEqual([
      ['ok', 'a'],
      ['invalid', undefined],
      ['ignored', undefined],
      ['ok', 'b'],
    ]);
    expect(documents[1]?.error).toMatchObject({
      code: 'yaml_syntax',
      line: expect.any(Number),
      column: expect.any(Number),
    });
    expect(documents[1]?.error?.line).toBeGreaterThanOrEqual(3);
    expect(summary.objects).toBe(2);
  });

  it('a wrong type is an invalid document with its place, never a pass', async () => {
    const answer = await validate({
      specs: [aPod('a', { securityContext: { allowPrivilegeEscalation: 'false' } }), aPod('b')],
    });
    const { documents, violations } = result(answer);
    expect(documents[0]).toMatchObject({
      status: 'invalid',
      error: { message: expect.stringContaining('spec.containers[0].securityContext.allowPrivilegeEscalation') },
    });
    expect(new Set(violations.map(({ object }) => object.name))).toEqual(new Set(['b']));
  });

  it('an object without a name, of an unknown kind, and a List in a List are each taken for what they are', async () => {
    const list = {
      apiVersion: 'v1',
      kind: 'List',
      items: [{ apiVersion: 'v1', kind: 'List', items: [aPod('inner')] }],
    };
    const specs = [
      { apiVersion: 'v1', kind: 'Pod', spec: {} },
      { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'w' } },
      list,
    ];
    const { documents } = result(await validate({ specs }));
    expect(documents.map(({ status, object }) => [status, object?.kind])).toEqual([
      ['invalid', undefined],
      ['ok', 'Widget'],
      ['ok', 'Pod'],
    ]);
  });

  it('a key named __proto__ changes nothing', async () => {
    const answer = await validate(
      '{"specs":[{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","__proto__":{"x":1}},"__proto__":{"polluted":true}}]}',
    );
    expect([200, 422]).toContain(answer.status);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('the same verdicts come from every form of body', async () => {
    const pod = aPod('a');
    const text = JSON.stringify(pod);
    const bodies: [unknown, Record<string, string>?][] = [
      [pod],
      [[pod]],
      [{ apiVersion: 'v1', kind: 'List', items: [pod] }],
      [{ specs: [pod] }],
      [{ manifest: text }],
      [{ files: [{ path: 'a.yaml', content: text }] }],
      [text, { 'content-type': 'application/yaml' }],
    ];
    const answers = await Promise.all(bodies.map(([body, headers]) => validate(body, headers)));
    const seen = answers.map((answer) =>
      result(answer)
        .violations.map(({ policy, fingerprint }) => [policy.slug, fingerprint])
        .sort(),
    );
    expect(seen[0]?.length).toBeGreaterThan(5);
    for (const one of seen) expect(one).toEqual(seen[0]);
  });

  it('a violation says its file, line and column where there is a text', async () => {
    const content =
      'apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  namespace: shop\nspec:\n  containers:\n    - name: app\n      image: nginx\n';
    const { violations } = result(await validate({ files: [{ path: 'k8s/a.yaml', content }] }));
    const latest = violations.find(({ policy }) => policy.slug === 'no-latest-tag');
    expect(latest?.location).toEqual({ path: 'k8s/a.yaml', line: 9, column: 7 });
    expect(latest?.findings[0]).toMatchObject({ path: 'spec.containers[0].image', found: 'nginx' });
  });

  it('decides by the severity of the request, else of the key, else of the organization (F5)', async () => {
    const good = { securityContext: { runAsNonRoot: true, allowPrivilegeEscalation: false } };
    const medium = aPod('a', good);
    const decisionOf = async (client: typeof platform.owner, body: object): Promise<string> =>
      ((await client.post('/api/v1/validate', body)).body as ValidationResult).decision;
    expect(await decisionOf(platform.owner, { specs: [medium] })).toBe('allow');
    expect(await decisionOf(platform.owner, { specs: [medium], fail_on: 'medium' })).toBe('deny');
    expect(await decisionOf(platform.owner, { specs: [aPod('b')] })).toBe('deny');
    const made = await platform.owner.post('/api/v1/api-keys', {
      name: 'strict',
      scopes: ['validate'],
      fail_on: 'low',
    });
    expect(await decisionOf(platform.client((made.body as { key: string }).key), { specs: [medium] })).toBe('deny');
    await platform.owner.patch('/api/v1/organization', { fail_on: 'medium' });
    expect(await decisionOf(platform.owner, { specs: [medium] })).toBe('deny');
    await platform.owner.patch('/api/v1/organization', { fail_on: 'high' });
  });

  it('is kept as it was answered', async () => {
    const answer = result(await validate({ specs: [aPod('a')], context: { repository: 'shop', commit: 'abc' } }));
    const kept = await platform.owner.get(`/api/v1/validations/${answer.id}`);
    expect(kept.body).toEqual(answer);
    const { body } = await platform.owner.get('/api/v1/validations?limit=1');
    expect((body as { items: object[] }).items[0]).toMatchObject({
      id: answer.id,
      context: { repository: 'shop', commit: 'abc' },
    });
  });
});
