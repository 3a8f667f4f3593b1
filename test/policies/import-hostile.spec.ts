import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ImportAnswer } from '#contracts';
import { aTemplate, aWeavePolicy, manifestOf, WANTS_LABELS } from '../support/foreign-policies.js';
import type { TestAnswer, TestClient } from '../support/test-client.js';
import { IMPORT_ROUTE, importingAs, problemOf } from '../support/importing.js';
import { TestPlatform } from '../support/test-platform.js';
import { zipOf } from '../support/zip-archive.js';

const ZEROS = Buffer.alloc(1_800);
const LARGE = large();

describe('an import of anything', () => {
  let platform: TestPlatform;
  let owner: TestClient;
  beforeAll(async () => {
    platform = await TestPlatform.start();
    owner = platform.owner;
  });
  afterAll(() => platform.stop());

  const { send, importAll, imported, policy } = importingAs(() => owner);
  const upload = (type: string, body: Buffer): Promise<TestAnswer> => owner.upload(IMPORT_ROUTE, type, body);

  it('gives nobody’s slug away, and tells apart what has one name', async () => {
    await owner.post('/api/v1/policies', {
      slug: 'k8staken',
      title: 'Taken',
      category: 'security',
      severity: 'low',
      kinds: ['Pod'],
      rego: 'package a\n\nviolation contains {"path": "a", "found": 1, "expected": 0, "message": "no"} if input.review.object.a',
    });
    const other = aTemplate('K8sTwice', { rego: WANTS_LABELS.replace('lacks', 'needs') });
    const documents = await imported(
      aTemplate('K8sTaken'),
      aTemplate('K8sTwice'),
      aTemplate('K8sTwice'),
      other,
      aWeavePolicy('Ünïcödé — 政策'),
      aWeavePolicy('政策'),
      aWeavePolicy('x'.repeat(250)),
      aWeavePolicy(`${'x'.repeat(249)}y`),
    );
    expect(documents.map(({ result, policy: made, reason }) => made?.slug ?? `${result}: ${reason}`)).toEqual([
      'k8staken-2',
      'k8stwice',
      'skipped: the same as document 1',
      'failed: document 1 has this name too, and says something else',
      'unicode',
      'imported',
      'x'.repeat(63),
      `${'x'.repeat(61)}-2`,
    ]);
    expect((await policy('k8staken')).origin).toBe('custom');
  });

  it('imports a stream of hundreds', async () => {
    const kinds = Array.from({ length: 300 }, (_, index) => `K8sMany${index}`);
    const manifest = manifestOf(...kinds.map((kind) => aTemplate(kind)));
    const stranger = await platform.stranger('hundreds');
    const answer = (await stranger.post(IMPORT_ROUTE, { manifest })).body as ImportAnswer;
    expect(answer.summary).toEqual({ imported: 300, changed: 300, skipped: 0, failed: 0 });
    const again = (await stranger.post(IMPORT_ROUTE, { manifest })).body as ImportAnswer;
    expect(again.summary).toEqual({ imported: 300, changed: 0, skipped: 0, failed: 0 });
  }, 120_000);

  it('imports nothing where all of it is more than there is room for', async () => {
    const { body } = await owner.post('/api/v1/organizations', { slug: 'small', name: 'Small' });
    const { id, key } = body as { id: string; key: string };
    await owner.patch(`/api/v1/organizations/${id}`, { quotas: { custom_policies: 2 } });
    const small = platform.client(key);
    const manifest = manifestOf(aTemplate('K8sA'), aTemplate('K8sB'), aTemplate('K8sC'));
    expect(problemOf(await small.post(IMPORT_ROUTE, { manifest }))).toEqual([422, 'quota_exceeded']);
    const { body: list } = await small.get('/api/v1/policies?origin=imported');
    expect(list).toMatchObject({ items: [] });
  });

  it('makes one policy where the same comes twice at once', async () => {
    const manifest = manifestOf(aTemplate('K8sAtOnce'), aTemplate('K8sAtOnceToo'));
    const answers = await Promise.all([send({ manifest }), send({ manifest }), send({ manifest })]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    const changed = answers.map(({ body }) => (body as ImportAnswer).summary.changed).sort();
    expect(changed).toEqual([0, 0, 2]);
    expect((await owner.get('/api/v1/policies?q=k8satonce')).body).toMatchObject({
      items: [{ slug: 'k8satonce' }, { slug: 'k8satoncetoo' }],
    });
  });

  describe('refuses', () => {
    it.each([
      ['nothing', {}, [400, 'invalid_body']],
      ['files and a manifest', { files: [], manifest: '' }, [400, 'invalid_body']],
      ['a member that nobody knows', { manifest: '', dryrun: true }, [400, 'invalid_body']],
      ['10,000 documents', { manifest: '---\na: 1\n'.repeat(10_000) }, [422, 'unprocessable']],
      [
        'too many files',
        { files: Array.from({ length: 2_001 }, () => ({ path: 'a.yaml', content: '' })) },
        [400, 'invalid_body'],
      ],
    ])('%s', async (_what, body, expected) => {
      expect(problemOf(await send(body))).toEqual(expected);
    });

    it.each([
      ['a zip bomb', zipOf([{ path: 'a.yaml', content: Buffer.alloc(30_000_000) }])],
      ['one that lies about its size', zipOf([{ path: 'a.yaml', content: Buffer.alloc(30_000_000), claims: 10 }])],
      ['one of large files', zipOf(Array.from({ length: 9 }, (_, n) => ({ path: `${n}.yaml`, content: LARGE })))],
      ['paths that lead out', zipOf([{ path: '../../etc/a.yaml', content: 'a: 1' }])],
      ['absolute paths', zipOf([{ path: '/etc/a.yaml', content: 'a: 1' }])],
      ['10,000 files', zipOf(Array.from({ length: 10_000 }, (_, n) => ({ path: `${n}.yaml`, content: '' })))],
      ['half an archive', zipOf([{ path: 'a.yaml', content: 'a: 1' }]).subarray(0, 40)],
    ])('an archive: %s', async (_what, archive) => {
      expect(problemOf(await upload('application/zip', archive))).toEqual([422, 'unprocessable']);
    });

    it('what is no form, and types that nobody reads', async () => {
      const broken = await upload('multipart/form-data; boundary=x', Buffer.from('nothing'));
      expect(problemOf(broken)).toEqual([400, 'invalid_body']);
      expect(problemOf(await upload('image/png', Buffer.from('png')))).toEqual([415, 'unsupported_media_type']);
    });
  });

  it('tells broken documents by their place, and takes the others', async () => {
    const { documents } = await importAll({
      files: [
        { path: 'a.yaml', content: `a: [\n${manifestOf(aTemplate('K8sBeside'))}---\n# nothing\n` },
        { path: 'nul.yaml', content: manifestOf(aTemplate('K8sNul', { rego: 'a\u0000b' })) },
        { path: 'nul.rego', content: 'package main\n\ndeny["a\u0000b"] { true }\n' },
        { path: 'deep.rego', content: `package main\n\ndeny contains ${'['.repeat(5_000)}` },
        { path: 'large.rego', content: `package main\n\ndeny contains "a" if true\n${'# a\n'.repeat(100_000)}` },
        { path: 'mixed.rego', content: 'package main\n\ndeny[msg] { msg := "a" }\n\nwarn contains "b" if true\n' },
        { path: 'odd.yaml', content: 'apiVersion: templates.gatekeeper.sh/v1\nkind: ConstraintTemplate\nspec: 5\n' },
        { path: 'endless.yaml', content: 'apiVersion: v1\nkind: A\nx: &a [1, 2]\ny: [*a, *a]\n' },
      ],
    });
    const told = documents.map(({ path, result, policy: made, reason }) => [path, result, made?.slug ?? reason]);
    expect(told).toEqual([
      ['a.yaml', 'failed', expect.stringMatching(/^\d+:\d+ /)],
      ['a.yaml', 'imported', 'k8sbeside'],
      ['a.yaml', 'skipped', 'there is nothing in it'],
      ['nul.yaml', 'failed', expect.stringContaining('NUL')],
      ['nul.rego', 'failed', expect.stringContaining('NUL')],
      ['deep.rego', 'failed', expect.stringContaining('nested')],
      ['large.rego', 'failed', expect.stringContaining('256 KiB')],
      ['mixed.rego', 'failed', expect.stringMatching(/^\d+:\d+ /)],
      ['mixed.rego', 'failed', expect.stringMatching(/^\d+:\d+ /)],
      ['odd.yaml', 'failed', expect.stringContaining('missing')],
      ['endless.yaml', 'skipped', 'not a policy'],
    ]);
  });
});

/** Eight megabytes that are packed to a tenth. */
function large(): Buffer {
  let state = 1;
  const next = (): number => (state = (state * 48_271) % 2_147_483_647) & 255;
  return Buffer.concat(
    Array.from({ length: 4_000 }, () => Buffer.concat([Buffer.from(Array.from({ length: 200 }, next)), ZEROS])),
  );
}
