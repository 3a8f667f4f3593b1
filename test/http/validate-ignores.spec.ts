import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ValidationResult } from '#contracts';
import { TestPlatform } from '../support/test-platform.js';

const POD = (annotation = ''): string => `apiVersion: v1
kind: Pod
metadata:
  name: web
  namespace: shop${annotation}
spec:
  containers:
    - name: app
      image: nginx:latest # bylaw:ignore no-latest-tag -- rebuilt every night
    - name: sidecar
      image: busybox
`;

describe('what a text asks to be ignored', () => {
  let platform: TestPlatform;
  beforeAll(async () => {
    platform = await TestPlatform.start();
  });
  afterAll(() => platform.stop());

  const allow = async (ignores: boolean): Promise<void> => {
    expect((await platform.owner.patch('/api/v1/organization', { ignores })).status).toBe(200);
  };
  const validate = async (content: string, more: object = {}): Promise<ValidationResult> => {
    const answer = await platform.owner.post('/api/v1/validate', { files: [{ path: 'pod.yaml', content }], ...more });
    expect([answer.status, answer.body]).toEqual([200, expect.anything()]);
    return answer.body as ValidationResult;
  };
  const tag = ({ violations }: ValidationResult) => violations.find(({ policy }) => policy.slug === 'no-latest-tag');

  it('is not ignored where the organization has not allowed it, and told so', async () => {
    await allow(false);
    const result = await validate(POD('\n  annotations: { bylaw.dev/ignore: no-latest-tag -- no }'));
    expect(tag(result)).toMatchObject({ findings: [{}, {}] });
    expect(tag(result)?.waiver).toBeUndefined();
    const warnings = [
      { code: 'ignore_not_allowed', line: 10, column: 27, message: expect.stringContaining('comments') },
      { code: 'ignore_not_allowed', line: 6, column: 18, message: expect.stringContaining('annotations') },
    ];
    expect(result.documents).toMatchObject([{ warnings }]);
  });

  it('in a comment is about that value alone', async () => {
    await allow(true);
    const result = await validate(POD());
    expect(tag(result)).toMatchObject({
      location: { path: 'pod.yaml', line: 11 },
      findings: [{ path: 'spec.containers[1].image', location: { line: 11 } }],
    });
    expect(tag(result)?.message).not.toContain('more)');
    expect(tag(result)?.waiver).toBeUndefined();
    expect(result.documents[0]?.warnings).toBeUndefined();
  });

  it('waives a violation of which nothing is left, and does not count', async () => {
    await allow(true);
    const whole = `# bylaw:ignore no-latest-tag -- a demo\n${POD()}`;
    const [before, after] = [await validate(POD()), await validate(whole)];
    expect(tag(after)?.waiver).toEqual({ kind: 'comment', reason: 'a demo' });
    expect(after.summary).toMatchObject({
      fail: before.summary.fail - 1,
      waived: before.summary.waived + 1,
      evaluated: before.summary.evaluated,
      by_severity: { medium: before.summary.by_severity.medium - 1 },
    });
  });

  it('no more makes the decision', async () => {
    await allow(true);
    const slugs = (await validate(POD(), { fail_on: 'info' })).violations.map(({ policy }) => policy.slug);
    const all = `# bylaw:ignore ${slugs.join(' ')} -- a demo\n${POD()}`;
    expect((await validate(POD(), { fail_on: 'info' })).decision).toBe('deny');
    expect((await validate(all, { fail_on: 'info' })).decision).toBe('allow');
  });

  it('by an annotation is waived on the whole object', async () => {
    await allow(true);
    const result = await validate(POD('\n  annotations: { bylaw.dev/ignore: no-latest-tag -- a demo }'));
    expect(tag(result)?.waiver).toEqual({ kind: 'annotation', reason: 'a demo' });
  });

  it.each<[string, string]>([
    ['# bylaw:ignore no-latest-tag', 'ignore_without_reason'],
    ['# bylaw:ignore -- why', 'ignore_without_policy'],
    ['# bylaw:ignore', 'ignore_without_policy'],
    ['# bylaw:ignore no-such-policy -- why', 'ignore_unknown_policy'],
  ])('is not guessed: %s', async (comment, code) => {
    await allow(true);
    const result = await validate(`${comment}\n${POD()}`);
    expect(tag(result)?.waiver).toBeUndefined();
    expect(result.documents[0]?.warnings).toEqual([expect.objectContaining({ code, line: 1, column: 1 })]);
  });

  it.each<[string, string, string]>([
    ['no-latest-tag', 'ignore_without_reason', 'say why: bylaw.dev/ignore: SLUG -- reason'],
    ["''", 'ignore_without_policy', 'say which policy: bylaw.dev/ignore: SLUG -- reason'],
    ['no-such-policy, no-latest-tag -- why', 'ignore_unknown_policy', 'no policy no-such-policy judges here'],
    ['a b c d e f g a -- why', 'ignore_unknown_policy', 'no policies a, b, c, d, e and 2 more judge here'],
  ])('is told where an annotation is not followed: %s', async (value, code, message) => {
    await allow(true);
    const result = await validate(POD(`\n  annotations:\n    bylaw.dev/ignore: ${value}`));
    expect(result.documents[0]?.warnings).toEqual([{ code, message, line: 7, column: 5 }]);
    expect(tag(result)?.waiver?.kind).toBe(value.includes('no-latest-tag --') ? 'annotation' : undefined);
  });

  it('is told of each object that says so, and of each comment with the file that it is in', async () => {
    await allow(true);
    const one = POD('\n  annotations: { bylaw.dev/ignore: no-latest-tag }').replace('-- rebuilt every night', '');
    const manifest = `---\n# Source: app/one.yaml\n${one}---\n# Source: app/two.yaml\n${one}`;
    const { documents } = (await platform.owner.post('/api/v1/validate', { manifest })).body as ValidationResult;
    expect(documents.map(({ path, warnings }) => [path, warnings?.map(({ line }) => line)])).toEqual([
      ['app/one.yaml', [10, 6]],
      ['app/two.yaml', [10, 6]],
    ]);
    const specs = [
      { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', annotations: { 'bylaw.dev/ignore': 'x' } } },
    ];
    const { body } = await platform.owner.post('/api/v1/validate', { specs });
    expect((body as ValidationResult).documents).toMatchObject([{ warnings: [{ code: 'ignore_without_reason' }] }]);
  });
});

describe('sources and rendered streams', () => {
  let platform: TestPlatform;
  beforeAll(async () => {
    platform = await TestPlatform.start();
  });
  afterAll(() => platform.stop());

  it('of Helm are ignored, with the command that renders them; what is plain beside them is judged', async () => {
    const files = [
      { path: 'app/Chart.yaml', content: 'apiVersion: v2\nname: app\nversion: 1.0.0\n' },
      { path: 'app/values.yaml', content: 'replicas: 1\n' },
      { path: 'app/templates/web.yaml', content: POD().replace('web', '{{ .Values.name }}') },
      { path: 'pod.yaml', content: POD() },
    ];
    const { status, body } = await platform.owner.post('/api/v1/validate', { files });
    expect(status).toBe(200);
    const message = 'needs rendering: helm template app | bylaw check -';
    expect((body as ValidationResult).documents.map((one) => [one.path, one.status, one.error?.message])).toEqual([
      ...files.slice(0, 3).map(({ path }) => [path, 'ignored', message]),
      ['pod.yaml', 'ok', undefined],
    ]);
  });

  it('alone say what to do instead', async () => {
    const files = [{ path: 'kustomization.yaml', content: 'resources: [a.yaml]\n' }];
    const { status, body } = await platform.owner.post('/api/v1/validate', { files });
    expect([status, body]).toEqual([
      400,
      expect.objectContaining({
        code: 'no_specs',
        documents: [expect.objectContaining({ status: 'ignored', error: expect.anything() })],
      }),
    ]);
  });

  it('that were rendered carry the file that each document came from, and places within it', async () => {
    const manifest = `---\n# Source: app/templates/one.yaml\n${POD()}---\n# Source: app/templates/two.yaml\n${POD()}`;
    const { body } = await platform.owner.post('/api/v1/validate', { manifest });
    const { violations, documents } = body as ValidationResult;
    expect(documents.map(({ path }) => path)).toEqual(['app/templates/one.yaml', 'app/templates/two.yaml']);
    const places = violations.filter(({ policy }) => policy.slug === 'no-latest-tag').map(({ location }) => location);
    expect(places).toEqual([
      { path: 'app/templates/one.yaml', line: 9, column: 7 },
      { path: 'app/templates/two.yaml', line: 9, column: 7 },
    ]);
  });
});
