import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { PolicyDetail, PolicyDiff, PolicyTestShape, PolicyVersionDetail } from '#contracts';
import type { TestAnswer, TestClient } from '../support/test-client.js';
import { TestPlatform } from '../support/test-platform.js';

const REGO = `package acme.labels

violation contains {
  "path": "metadata.labels.owner",
  "found": null,
  "expected": "an owner",
  "message": "Nobody owns this.",
} if {
  not owned
}

owned if count(input.review.object.metadata.labels[input.parameters.key]) > 0

skipped contains "a job" if input.review.object.metadata.name == "job"
`;
const TESTS = `package acme.labels_test

import data.acme.labels

pod(meta) := {"review": {"object": {"metadata": meta}}, "parameters": {"key": "owner"}}

test_unowned if count(labels.violation) == 1 with input as pod({})

test_owned if count(labels.violation) == 0 with input as pod({"labels": {"owner": "me"}})
`;
const aPod = (labels: object, name = 'web'): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop', labels },
  spec: { containers: [{ name: 'app', image: 'nginx:1' }] },
});
const CASES = [
  { name: 'owned', expect: 'pass', object: aPod({ owner: 'me' }) },
  { name: 'by another key', expect: 'pass', object: aPod({ team: 'us' }), parameters: { key: 'team' } },
  { name: 'unowned', expect: 'fail', object: aPod({}), findings: [{ path: 'metadata.labels.owner', found: null }] },
];
const POLICY = {
  slug: 'owned',
  title: 'Somebody owns it',
  category: 'operational-excellence',
  severity: 'low',
  kinds: ['Pod'],
  remediation: 'Add the label.',
  parameters_schema: {
    type: 'object',
    additionalProperties: false,
    properties: { key: { type: 'string', default: 'owner' } },
  },
  rego: REGO,
};
const problem = ({ status, body }: TestAnswer): [number, string] => [status, (body as { code: string }).code];

describe('the life of a policy', () => {
  let platform: TestPlatform;
  let owner: TestClient;
  beforeAll(async () => {
    platform = await TestPlatform.start();
    owner = platform.owner;
  });
  afterAll(() => platform.stop());

  const post = (path: string, body?: object): Promise<TestAnswer> => owner.post(`/api/v1/policies${path}`, body);
  const answered = async <Body>(answer: Promise<TestAnswer>, status = 200): Promise<Body> => {
    const { status: got, body } = await answer;
    if (got !== status) throw new Error(`${got} ${JSON.stringify(body)}`);
    return body as Body;
  };
  const create = (changes: object = {}): Promise<PolicyDetail> => answered(post('', { ...POLICY, ...changes }), 201);
  const tested = (id: string, body: object = {}): Promise<PolicyTestShape> => answered(post(`/${id}/test`, body));

  it('is nobody else’s', async () => {
    const { id } = await create({ slug: 'ours' });
    const stranger = await platform.stranger();
    const at = (path: string): string => `/api/v1/policies/${id}${path}`;
    expect(problem(await stranger.post(at('/test'), {}))).toEqual([404, 'not_found']);
    expect(problem(await stranger.post(at('/clone'), { slug: 'mine' }))).toEqual([404, 'not_found']);
    expect(problem(await stranger.get(at('/diff')))).toEqual([404, 'not_found']);
    expect(problem(await stranger.delete(at('/source')))).toEqual([404, 'not_found']);
  });

  it('is tested by its Rego tests and its cases, and told which rows neither reaches', async () => {
    const { id } = await create({ slug: 'tested', tests: TESTS, cases: CASES });
    const run = await tested(id);
    expect(run.errors).toEqual([]);
    expect(run.tests.map(({ name, ok }) => [name, ok])).toEqual([
      ['test_unowned', true],
      ['test_owned', true],
    ]);
    expect(run.cases.map(({ name, ok, verdict }) => [name, ok, verdict])).toEqual([
      ['owned', true, 'pass'],
      ['by another key', true, 'pass'],
      ['unowned', true, 'fail'],
    ]);
    expect(run.ok).toBe(true);
    expect(run.coverage?.not_covered).toEqual([14]);
    const whole = await tested(id, {
      cases: [{ name: 'job', expect: 'skipped', object: aPod({ owner: 'me' }, 'job'), reason: 'a job' }],
    });
    expect(whole).toMatchObject({ ok: true, coverage: { share: 1, not_covered: [] } });
  });

  it('fails where a test, a case, or what a case names is not as it should be', async () => {
    const { id } = await create({ slug: 'wrong', tests: TESTS.replace('== 1', '== 2'), cases: CASES });
    const run = await tested(id, {
      cases: [
        { name: 'verdict', expect: 'pass', object: aPod({}) },
        { name: 'finding', expect: 'fail', object: aPod({}), findings: [{ path: 'metadata.labels' }] },
        { name: 'kind', expect: 'fail', object: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' } } },
        { name: 'no object', expect: 'fail', object: { kind: 'Pod' } },
        { name: 'right', expect: 'fail', object: aPod({}) },
      ],
    });
    expect(run.ok).toBe(false);
    expect(run.tests.map(({ name, row, ok }) => [name, row, ok])).toContainEqual(['test_unowned', 7, false]);
    expect(run.cases.map(({ name, ok, verdict }) => [name, ok, verdict])).toEqual([
      ['verdict', false, 'fail'],
      ['finding', false, 'fail'],
      ['kind', false, 'not_applicable'],
      ['no object', false, null],
      ['right', true, 'fail'],
    ]);
    for (const { ok, problems } of run.cases) expect(problems.length > 0).toBe(!ok);
  });

  it('says at which row its tests are wrong', async () => {
    const { id } = await create({ slug: 'broken' });
    const run = await tested(id, { tests: 'package acme.labels_test\n\ntest_x if {' });
    expect(run).toMatchObject({ ok: false, errors: [{ file: 'tests', row: 3 }] });
    const foreign = await tested(id, {
      tests: 'package acme.labels_test\n\ntest_x if data.bylaw.no_latest_tag.violation',
    });
    expect(foreign).toMatchObject({ ok: false, errors: [{ file: 'tests', row: 3 }] });
  });

  it('is begun from a built-in policy, with its tests and cases', async () => {
    const copy = await answered<PolicyDetail>(
      post('/no-latest-tag/clone', { slug: 'no-moving-tag', title: 'Ours' }),
      201,
    );
    expect(copy).toMatchObject({ slug: 'no-moving-tag', title: 'Ours', origin: 'custom', status: 'draft', version: 1 });
    const run = await tested(copy.id);
    expect(run.cases.filter(({ ok }) => !ok)).toEqual([]);
    expect(run.tests.filter(({ ok }) => !ok)).toEqual([]);
    expect(run.ok && run.cases.length > 5 && run.tests.length > 1).toBe(true);
    expect(await tested('no-latest-tag')).toMatchObject({ ok: true });
    expect(problem(await post('/no-latest-tag/clone', { slug: 'no-moving-tag' }))).toEqual([409, 'slug_taken']);
    expect(problem(await post('/no-such/clone', { slug: 'other' }))).toEqual([404, 'not_found']);
    expect(problem(await post('/no-latest-tag/clone', {}))).toEqual([400, 'invalid_body']);
  });

  it('is compared, and rolled back to what it was', async () => {
    const { id } = await create({ slug: 'compared', cases: CASES });
    await answered(post(`/${id}/publish`));
    const changed = REGO.replace('Nobody owns this.', 'This has no owner.');
    const cases = [CASES[0], { ...CASES[2], expect: 'fail', findings: [] }, { ...CASES[1], name: 'new' }];
    await answered(owner.patch(`/api/v1/policies/${id}`, { rego: changed, severity: 'high', cases }));
    const diff = await answered<PolicyDiff>(owner.get(`/api/v1/policies/${id}/diff`));
    expect(diff).toMatchObject({ from: 1, to: 2, same: false, tests: null });
    expect(diff.rego).toContain('-  "message": "Nobody owns this.",\n+  "message": "This has no owner.",\n');
    expect(diff.metadata).toEqual([{ pointer: '/severity', before: 'low', after: 'high' }]);
    expect(diff.cases).toEqual({ added: ['new'], removed: ['by another key'], changed: ['unowned'] });
    await answered(post(`/${id}/publish`));
    await answered(post(`/${id}/publish`, { version: 1 }));
    expect(await answered(owner.get(`/api/v1/policies/${id}`))).toMatchObject({ version: 1, latest_version: 2 });
    const back = await answered<PolicyDiff>(owner.get(`/api/v1/policies/${id}/diff?from=2&to=1`));
    expect(back.metadata).toEqual([{ pointer: '/severity', before: 'high', after: 'low' }]);
    expect(await answered(owner.get(`/api/v1/policies/${id}/diff?from=1&to=1`))).toMatchObject({
      same: true,
      rego: null,
    });
    expect(problem(await owner.get(`/api/v1/policies/${id}/diff?to=9`))).toEqual([404, 'not_found']);
    expect(problem(await owner.get(`/api/v1/policies/${id}/diff?to=x`))).toEqual([400, 'invalid_filter']);
  });

  it('is only read here where it is kept elsewhere, until it is let go', async () => {
    const source = 'git.example.com/acme/policies';
    const kept = await create({ slug: 'kept', source });
    expect(kept.source).toBe(source);
    const { id } = kept;
    const at = `/api/v1/policies/${id}`;
    for (const refused of [
      await owner.patch(at, { severity: 'high' }),
      await owner.patch(at, { severity: 'high', source: 'elsewhere' }),
      await post(`/${id}/publish`),
      await post(`/${id}/deprecate`),
      await post(`/${id}/archive`),
    ]) {
      expect(problem(refused)).toEqual([409, 'read_only']);
      expect((refused.body as { detail: string }).detail).toContain(source);
    }
    await answered(owner.patch(at, { severity: 'high', source }));
    await answered(post(`/${id}/publish`, { source }));
    await answered(post(`/${id}/deprecate`, { source }));
    expect((await owner.delete(`${at}/source`)).status).toBe(204);
    expect(problem(await owner.delete(`${at}/source`))).toEqual([404, 'not_found']);
    expect(await answered(owner.patch(at, { severity: 'low' }))).toMatchObject({ source: null, severity: 'high' });
    const adopted = await answered<PolicyDetail>(owner.patch(at, { note: 'moved', source: 'new/home' }));
    expect(adopted.source).toBe('new/home');
    expect(problem(await owner.delete('/api/v1/policies/pol_0/source'))).toEqual([404, 'not_found']);
  });

  it('keeps its cases with the version', async () => {
    const { id } = await create({ slug: 'cases', cases: CASES });
    await answered(owner.patch(`/api/v1/policies/${id}`, { note: 'again' }));
    const version = await answered<PolicyVersionDetail>(owner.get(`/api/v1/policies/${id}/versions/2`));
    expect(version.cases).toEqual(CASES);
    const wrong = { ...POLICY, slug: 'wrong-case', cases: [{ name: 'x', expect: 'maybe', object: {} }] };
    expect(problem(await post('', wrong))).toEqual([400, 'invalid_body']);
  });
});
