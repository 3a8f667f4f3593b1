import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ValidationResult } from '#contracts';
import type { TestAnswer } from '../support/test-client.js';
import { TestPlatform } from '../support/test-platform.js';

const aPod = (name: string, image = 'nginx') => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop' },
  spec: { containers: [{ name: 'app', image }] },
});

describe('documents that are posted', () => {
  let platform: TestPlatform;
  beforeAll(async () => {
    platform = await TestPlatform.start();
  });
  afterAll(() => platform.stop());

  const post = (body: unknown): Promise<TestAnswer> => platform.owner.post('/api/v1/validate', body);
  const validate = async (body: unknown): Promise<ValidationResult> => {
    const answer = await post(body);
    expect(answer.status).toBe(200);
    return answer.body as ValidationResult;
  };
  const problem = ({ status, body }: TestAnswer): [number, string] => [status, (body as { code: string }).code];

  it.each<[string, object]>([
    ['an empty manifest', { manifest: '' }],
    ['a manifest of comments', { manifest: '# helm rendered nothing\n---\n' }],
    ['empty files', { files: [{ path: 'a.yaml', content: '\n' }] }],
    ['an empty List', { apiVersion: 'v1', kind: 'List', items: [] }],
  ])('but hold no object are never allowed by mistake: %s', async (_what, body) => {
    expect(problem(await post(body))).toEqual([400, 'no_specs']);
  });

  it('twice are judged twice, each at its own place', async () => {
    const content = JSON.stringify(aPod('a'));
    const files = ['one.yaml', 'two.yaml'].map((path) => ({ path, content }));
    const { documents, summary, violations } = await validate({ files });
    expect(documents.map(({ path, status }) => [path, status])).toEqual([
      ['one.yaml', 'ok'],
      ['two.yaml', 'ok'],
    ]);
    expect(summary.objects).toBe(2);
    const places = violations.filter(({ policy }) => policy.slug === 'no-latest-tag');
    expect(places.map(({ location }) => location?.path)).toEqual(['one.yaml', 'two.yaml']);
    expect(new Set(places.map(({ fingerprint }) => fingerprint)).size).toBe(1);
  });

  it('with a key twice are read as the last one says, and told so', async () => {
    const manifest = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: first\n  name: last\n';
    const { documents } = await validate({ manifest });
    expect(documents).toMatchObject([
      { status: 'ok', object: { name: 'last' }, warnings: [{ code: 'duplicate_key', line: 5, column: 3 }] },
    ]);
  });

  it('in a List stand alone: a bad item leaves the others to be judged', async () => {
    const items = [aPod('a'), 7, { kind: 'Pod' }, aPod('b')];
    const { documents, violations } = await validate({ apiVersion: 'v1', kind: 'List', items });
    expect(documents.map(({ status }) => status)).toEqual(['ok', 'invalid', 'invalid', 'ok']);
    expect(new Set(violations.map(({ object }) => object.name))).toEqual(new Set(['a', 'b']));
  });

  it('of kinds that are called as what JavaScript has are kinds like any other', async () => {
    const specs = ['constructor', '__proto__', 'toString', 'hasOwnProperty'].map((kind) => ({
      apiVersion: `${kind.toLowerCase().replaceAll('_', '')}.example.com/v1`,
      kind,
      metadata: { name: 'a', labels: { constructor: 'x' } },
    }));
    const { documents, unresolved } = await validate({ specs: [...specs, aPod('a')] });
    expect(documents.map(({ status }) => status)).toEqual(['ok', 'ok', 'ok', 'ok', 'ok']);
    expect(unresolved.filter(({ verdict }) => verdict === 'error')).toEqual([]);
  });

  it('as a wrong List, or an array in an array, are invalid with the reason', async () => {
    for (const body of [
      { apiVersion: 'v1', kind: 'List', items: {} },
      [[aPod('a')]],
      { kind: 'x', specs: [aPod('a')] },
      { apiVersion: 'v1', kind: 7, metadata: { name: 'a' } },
    ]) {
      const answer = await post(body);
      expect(problem(answer)).toEqual([422, 'all_documents_invalid']);
      const [first] = (answer.body as ValidationResult).documents;
      expect([first?.status, (first?.error?.message.length ?? 0) > 10]).toEqual(['invalid', true]);
    }
  });

  it('and texts in one body are judged together', async () => {
    const { documents } = await validate({
      specs: [aPod('spec')],
      manifest: JSON.stringify(aPod('manifest')),
      files: [{ path: 'f.yaml', content: JSON.stringify(aPod('file')) }],
    });
    expect(documents.map(({ object }) => object?.name).sort()).toEqual(['file', 'manifest', 'spec']);
  });

  it('without a namespace are in the one that was named, else in default (F4)', async () => {
    const { metadata: _metadata, ...rest } = aPod('a');
    const bare = { ...rest, metadata: { name: 'a' } };
    const namespaceOf = async (body: object): Promise<string | undefined> =>
      (await validate(body)).documents[0]?.object?.namespace;
    expect(await namespaceOf({ specs: [bare] })).toBe('default');
    expect(await namespaceOf({ specs: [bare], namespace: 'team-a' })).toBe('team-a');
    expect(await namespaceOf({ specs: [aPod('a')], namespace: 'team-a' })).toBe('shop');
  });

  it('for a cluster are found by its id and by its name', async () => {
    const { body } = await platform.owner.post('/api/v1/clusters', { name: 'eu-production' });
    for (const cluster of [(body as { id: string }).id, 'eu-production']) {
      expect((await validate({ specs: [aPod('a')], cluster })).summary.objects).toBe(1);
    }
    expect(problem(await post({ specs: [aPod('a')], cluster: 'eu' }))).toEqual([404, 'not_found']);
  });
});
