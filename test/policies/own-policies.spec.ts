import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type {
  CheckAnswer,
  EvaluateAnswer,
  PolicyDetail,
  ProofShape,
  TriggerShape,
  ValidationResult,
  ViolationShape,
} from '#contracts';
import { bindOwn } from '../support/bindings.js';
import { TestAgent } from '../support/test-agent.js';
import type { TestAnswer } from '../support/test-client.js';
import { TestPlatform } from '../support/test-platform.js';

const TEAM_LABEL = `package acme.team

import data.lib.objects

violation contains {
  "path": "metadata.labels.team",
  "found": object.get(objects.metadata, ["labels", "team"], null),
  "expected": input.parameters.teams,
  "message": $"This {input.review.kind.kind} belongs to no team.",
} if {
  not object.get(objects.metadata, ["labels", "team"], null) in input.parameters.teams
}
`;
const POLICY = {
  slug: 'team-label',
  title: 'Everything belongs to a team',
  category: 'operational-excellence',
  severity: 'low',
  kinds: ['Pod', 'Deployment'],
  remediation: 'Add the label `team`.',
  parameters_schema: {
    type: 'object',
    additionalProperties: false,
    properties: { teams: { type: 'array', items: { type: 'string' }, default: ['shop'] } },
  },
  rego: TEAM_LABEL,
};
const aPod = (name: string, team?: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop', labels: team === undefined ? {} : { team } },
  spec: { containers: [{ name: 'app', image: 'nginx:1' }] },
});
const problem = ({ status, body }: TestAnswer): [number, string] => [status, (body as { code: string }).code];

describe('an organization’s own policies', () => {
  let platform: TestPlatform;
  let agent: TestAgent;
  beforeAll(async () => {
    platform = await TestPlatform.start();
    agent = await TestAgent.enroll(platform, platform.owner, 'prod');
    await agent.list([aPod('web', 'shop'), aPod('api'), aPod('job', 'data')]);
    await platform.settle();
  });
  afterAll(() => platform.stop());

  const post = (path: string, body: object = {}): Promise<TestAnswer> => platform.owner.post(`/api/v1${path}`, body);
  const failing = async (policy: string): Promise<string[]> => {
    const { body } = await platform.owner.get(`/api/v1/violations?policy=${policy}`);
    return (body as { items: ViolationShape[] }).items.map(({ object }) => object.name).sort();
  };
  const create = async (changes: object = {}): Promise<PolicyDetail> => {
    const answer = await post('/policies', { ...POLICY, ...changes });
    if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
    return answer.body as PolicyDetail;
  };

  it('say every error at its row and column while they are written', async () => {
    const check = async (rego: string): Promise<CheckAnswer> =>
      (await post('/policies/check', { rego })).body as CheckAnswer;
    expect(await check(TEAM_LABEL)).toEqual({ ok: true, errors: [] });
    const typo = await check(TEAM_LABEL.replace('input.parameters.teams', 'input.parameter.teams'));
    expect(typo).toMatchObject({ ok: false, errors: [{ row: 8, col: 15 }] });
    const broken = await check('package x\n\nviolation contains {');
    expect(broken.errors[0]).toMatchObject({ row: 3, code: 'rego_parse_error' });
    expect((await check('')).ok).toBe(false);
  });

  it('judge an object and say why, before they are saved', async () => {
    const rego = TEAM_LABEL.replace('violation contains {', 'violation contains {').replace(
      ' if {\n',
      ' if {\n  print("looking at", input.review.name)\n',
    );
    const { body } = await post('/policies/evaluate', {
      rego,
      object: aPod('api'),
      parameters: { teams: ['shop'] },
    });
    const answer = body as EvaluateAnswer;
    expect(answer.verdict).toBe('fail');
    expect(answer.findings).toMatchObject([{ path: 'metadata.labels.team', found: null, expected: ['shop'] }]);
    expect(answer.prints).toEqual(['looking at api']);
    expect(answer.trace?.join('\n')).toContain('Enter');
    const builtIn = await post('/policies/evaluate', { policy: 'no-latest-tag', object: aPod('api') });
    expect((builtIn.body as EvaluateAnswer).verdict).toBe('pass');
    expect(problem(await post('/policies/evaluate', { policy: 'nothing', object: aPod('a') }))).toEqual([
      404,
      'not_found',
    ]);
    expect(problem(await post('/policies/evaluate', { rego, object: { kind: 'Pod' } }))).toEqual([400, 'invalid_body']);
    expect(problem(await post('/policies/evaluate', { rego: 'package x\nviolation', object: aPod('a') }))).toEqual([
      422,
      'policy_does_not_compile',
    ]);
  });

  it('act once they are published and bound, version by version, each with author and note', async () => {
    const draft = await create();
    expect(draft).toMatchObject({ origin: 'custom', status: 'draft', version: 1, latest_version: 1, revision: 1 });
    const items = [{ policy: 'team-label' }];
    expect(problem(await post('/bindings', await bindingOf({ policies: items })))).toEqual([422, 'policy_not_active']);
    const published = await post(`/policies/${draft.id}/publish`, { note: 'first' });
    expect(published.body).toMatchObject({ status: 'published', version: 1 });
    const { binding } = await bindOwn(platform.owner, { name: 'teams', policies: items, enforcement: 'warn' });
    await platform.settle();
    expect(await failing('team-label')).toEqual(['api', 'job']);

    // In CI it acts once a trigger of that type is among its own (F1).
    const triggers = await platform.owner.get('/api/v1/triggers');
    const ci = (triggers.body as { items: TriggerShape[] }).items.find(({ type }) => type === 'ci');
    const silent = await post('/validate', { specs: [aPod('new')], fail_on: 'critical' });
    expect(silent.body).toMatchObject({ decision: 'allow' });
    await platform.owner.patch(`/api/v1/bindings/${binding.id}`, { trigger_ids: [...binding.trigger_ids, ci?.id] });
    const judged = await post('/validate', { specs: [aPod('new')], fail_on: 'critical' });
    expect(judged.body).toMatchObject({ decision: 'warn' });
    expect(
      (judged.body as ValidationResult).violations.find(({ policy }) => policy.slug === 'team-label'),
    ).toMatchObject({
      enforcement: 'warn',
      remediation: 'Add the label `team`.',
      policy: { version: 1, title: 'Everything belongs to a team' },
    });

    await platform.owner.patch(`/api/v1/policies/${draft.id}`, {
      parameters_schema: {
        ...POLICY.parameters_schema,
        properties: { teams: { type: 'array', items: { type: 'string' }, default: ['shop', 'data'] } },
      },
      note: 'data is a team too',
    });
    await platform.settle();
    expect(await failing('team-label')).toEqual(['api', 'job']);
    await post(`/policies/${draft.id}/publish`, { version: 2 });
    await platform.settle();
    expect(await failing('team-label')).toEqual(['api']);
    const { body } = await platform.owner.get(`/api/v1/policies/${draft.id}/versions`);
    expect((body as { items: object[] }).items).toMatchObject([
      { version: 2, acting: true, note: 'data is a team too', author: { type: 'api_key' } },
      { version: 1, acting: false, note: 'first' },
    ]);
    const first = await platform.owner.get(`/api/v1/policies/${draft.id}/versions/1`);
    expect(first.body).toMatchObject({ rego: TEAM_LABEL, metadata: { severity: 'low' } });
    expect(problem(await post(`/policies/${draft.id}/archive`))).toEqual([409, 'in_use']);
    await platform.owner.delete(`/api/v1/bindings/${binding.id}`);
    expect((await post(`/policies/${draft.id}/archive`)).body).toMatchObject({ status: 'archived' });
    expect(problem(await post('/bindings', await bindingOf({ policies: items })))).toEqual([422, 'policy_not_active']);
    await platform.settle();
    expect(await failing('team-label')).toEqual([]);
  });

  const bindingOf = async (more: object): Promise<object> => {
    const { body } = await platform.owner.get('/api/v1/targets');
    const [target] = (body as { items: { id: string }[] }).items;
    return { name: 'refused', target_id: target?.id, trigger_ids: [], enforcement: 'audit', ...more };
  };

  it('re-evaluate only what a new severity or version touches', async () => {
    const draft = await create({ slug: 'only-that' });
    await post(`/policies/${draft.id}/publish`);
    const { binding } = await bindOwn(platform.owner, {
      name: 'only that',
      policies: [{ policy: 'only-that' }],
      target: { names: ['api'] },
    });
    await platform.settle();
    await platform.owner.patch(`/api/v1/policies/${draft.id}`, { severity: 'critical' });
    await post(`/policies/${draft.id}/publish`);
    await platform.settle();
    const runs = await platform.owner.get('/api/v1/runs?trigger=policy-change&limit=1');
    expect((runs.body as { items: { counts: object }[] }).items[0]?.counts).toMatchObject({
      objects: 3,
      evaluated: 1,
      reused: 2,
    });
    const { body } = await platform.owner.get('/api/v1/violations?policy=only-that');
    expect((body as { items: ViolationShape[] }).items).toMatchObject([
      { severity: 'critical', policy: { version: 2 } },
    ]);
    await platform.owner.delete(`/api/v1/bindings/${binding.id}`);
    await platform.settle();
  });

  it('are proved: where they can never fire is said by kind', async () => {
    const draft = await create({
      slug: 'lies',
      kinds: ['Pod', 'core/Service'],
      parameters_schema: undefined,
      rego: `package lies
violation contains {"path": "spec", "found": 1, "expected": 0, "message": "no"} if input.review.object.spec.containers
`,
    });
    const { body } = await post(`/policies/${draft.id}/prove`);
    expect(body as ProofShape).toMatchObject({
      alive: false,
      slots: [
        { kind: 'Pod', status: 'fires' },
        { kind: 'Service (core)', status: 'never_fires' },
      ],
    });
    const good = await create({ slug: 'proved' });
    const unsure = (await post(`/policies/${good.id}/prove`)).body as ProofShape;
    expect(unsure.slots.find(({ parameter }) => parameter === 'teams')?.status).toBe('never_fires');
    const cases = [{ object: aPod('mine', 'shop') }];
    const proof = (await post(`/policies/${good.id}/prove`, { cases })).body as ProofShape;
    expect(proof.slots.map(({ kind, parameter, status }) => [kind ?? parameter, status])).toEqual([
      ['Pod', 'fires'],
      ['Deployment', 'fires'],
      ['teams', 'fires'],
    ]);
  });

  it('are refused with what is wrong: broken, without metadata, with a slug in use, with a bad schema', async () => {
    const broken = await post('/policies', {
      ...POLICY,
      slug: 'broken',
      rego: 'package broken\nviolation contains x if y',
    });
    expect(problem(broken)).toEqual([422, 'policy_does_not_compile']);
    expect((broken.body as { errors: object[] }).errors[0]).toMatchObject({ row: 2, code: 'rego_unsafe_var_error' });
    const bare = await post('/policies', { slug: 'bare', rego: POLICY.rego });
    expect(problem(bare)).toEqual([422, 'policy_does_not_compile']);
    expect((bare.body as { errors: { pointer: string }[] }).errors.map(({ pointer }) => pointer).sort()).toEqual([
      '/category',
      '/kinds',
      '/severity',
      '/title',
    ]);
    expect(problem(await post('/policies', { ...POLICY, slug: 'no-latest-tag' }))).toEqual([409, 'slug_taken']);
    expect(problem(await post('/policies', { ...POLICY, slug: 'Not A Slug' }))).toEqual([400, 'invalid_body']);
    const schema = { type: 'object', properties: { teams: { type: 'lots' } } };
    const answer = await post('/policies', { ...POLICY, slug: 'schema', parameters_schema: schema });
    expect(answer.status).toBe(422);
    const builtIn = (await platform.owner.get('/api/v1/policies/no-latest-tag')).body as PolicyDetail;
    for (const [method, path, body] of [
      ['PATCH', '', { title: 'mine' }],
      ['POST', '/publish', {}],
      ['POST', '/archive', undefined],
    ] as const)
      expect(problem(await platform.owner.send(method, `/api/v1/policies/${builtIn.id}${path}`, body))).toEqual([
        409,
        'read_only',
      ]);
  });

  it('are refused where they are too large or too many', async () => {
    const padded = (bytes: number): object => ({
      ...POLICY,
      slug: 'large',
      rego: `${TEAM_LABEL}# ${'x'.repeat(bytes)}`,
    });
    expect(problem(await post('/policies', padded(10 * 1024 * 1024)))).toEqual([413, 'body_too_large']);
    expect(problem(await post('/policies', padded(300 * 1024)))).toEqual([400, 'invalid_body']);
    expect(problem(await post('/policies/check', { rego: 'x'.repeat(300 * 1024) }))).toEqual([400, 'invalid_body']);
    await platform.query(
      `insert into app.policy (org_id, policy_id, slug, origin, title, category, severity, status, version, kinds, updated_at)
       select org_id, gen_random_uuid(), 'many-' || n, 'custom', title, category, severity, 'draft', 1, kinds, updated_at
       from app.policy, generate_series(1, 500) n where slug = 'no-latest-tag'`,
    );
    expect(problem(await post('/policies', { ...POLICY, slug: 'one-more' }))).toEqual([422, 'quota_exceeded']);
    await platform.query(`delete from app.policy where slug like 'many-%'`);
  });

  it('can’t be published over parameters that a binding gives and the version does not take', async () => {
    const draft = await create({ slug: 'fits' });
    await post(`/policies/${draft.id}/publish`);
    const { binding } = await bindOwn(platform.owner, {
      name: 'fits',
      policies: [{ policy: 'fits', parameters: { teams: ['a'] } }],
    });
    await platform.owner.patch(`/api/v1/policies/${draft.id}`, {
      parameters_schema: { type: 'object', additionalProperties: false, properties: {} },
      rego: TEAM_LABEL.replaceAll('input.parameters.teams', '["a"]'),
    });
    const refused = await post(`/policies/${draft.id}/publish`);
    expect(problem(refused)).toEqual([422, 'invalid_parameters']);
    expect((refused.body as { detail: string }).detail).toContain('binding "fits"');
    expect((await platform.owner.get(`/api/v1/policies/${draft.id}`)).body).toMatchObject({
      version: 1,
      latest_version: 2,
    });
    await platform.owner.delete(`/api/v1/bindings/${binding.id}`);
  });

  it('show in the audit log who saved and published them', async () => {
    const { body } = await platform.owner.get('/api/v1/audit-log?action=policy.publish&limit=1');
    expect((body as { items: object[] }).items).toMatchObject([
      {
        action: 'policy.publish',
        actor: { type: 'api_key' },
        after: { slug: 'fits', status: 'published', version: 1 },
      },
    ]);
  });
});
