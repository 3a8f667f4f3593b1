import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { publicId, uuidV7 } from '#kernel';
import type { BindingShape, PolicySetShape, TargetMatches, TargetShape, ViolationShape } from '#contracts';
import { bindOwn } from '../support/bindings.js';
import { TestAgent } from '../support/test-agent.js';
import type { TestAnswer } from '../support/test-client.js';
import { TestPlatform } from '../support/test-platform.js';
import { aNamespace } from '../support/workloads.js';

const aPod = (name: string, namespace: string, image = 'nginx', labels = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace, labels },
  spec: { containers: [{ name: 'app', image }] },
});
const DEV_TAGS = [{ policy: 'no-latest-tag', instance: 'by', parameters: { denied_tags: ['dev', 'latest'] } }];
const problem = ({ status, body }: TestAnswer): [number, string] => [status, (body as { code: string }).code];
const pointers = ({ body }: TestAnswer): string[] =>
  ((body as { errors?: { pointer: string }[] }).errors ?? []).map(({ pointer }) => pointer);

describe('an organization’s own bindings', () => {
  let platform: TestPlatform;
  let agent: TestAgent;
  beforeAll(async () => {
    platform = await TestPlatform.start();
    agent = await TestAgent.enroll(platform, platform.owner, 'prod');
    await platform.owner.patch(`/api/v1/clusters/${agent.clusterId}`, { environment: 'production' });
    await agent.list([
      aPod('web', 'shop', 'nginx', { app: 'web' }),
      aPod('api', 'shop', 'api:1'),
      aPod('job', 'batch', 'job:dev'),
      aNamespace('shop', { team: 'web' }),
      aNamespace('batch', { team: 'data' }),
    ]);
    await platform.settle();
  });
  afterAll(() => platform.stop());

  const failing = async (policy: string, instance = ''): Promise<string[]> => {
    const { body } = await platform.owner.get(`/api/v1/violations?policy=${policy}`);
    return (body as { items: ViolationShape[] }).items
      .filter((violation) => violation.instance === instance)
      .map(({ object }) => object.name)
      .sort();
  };
  const post = (path: string, body: object): Promise<TestAnswer> => platform.owner.post(`/api/v1${path}`, body);

  it.each([
    ['labels of the namespace', { namespace_selector: { matchLabels: { team: 'web' } } }, ['web']],
    ['labels of the object', { label_selector: { matchLabels: { app: 'web' } } }, ['web']],
    ['one condition of several', { any_of: [{ names: ['web'] }, { kinds: ['Job'] }] }, ['web']],
    [
      'what is left out',
      { none_of: [{ namespaces: { include: ['shop'] }, label_selector: { matchLabels: { app: 'web' } } }] },
      ['job'],
    ],
    ['the environment', { clusters: { environments: ['production'] } }, ['web', 'job']],
    ['another environment', { clusters: { environments: ['staging'] } }, []],
    ['labels of the cluster', { clusters: { labels: { tier: 'gold' } } }, []],
  ])('are named by just the violations that come from them: by %s', async (by, target, names) => {
    const { binding } = await bindOwn(platform.owner, { name: `by ${by}`, target, policies: DEV_TAGS });
    const everywhere = await bindOwn(platform.owner, { name: `beside ${by}`, policies: DEV_TAGS });
    await platform.settle();
    const { body } = await platform.owner.get('/api/v1/violations?policy=no-latest-tag');
    const all = (body as { items: ViolationShape[] }).items.filter(({ instance }) => instance === 'by');
    expect(all.map(({ object }) => object.name).sort()).toEqual(['job', 'web']);
    const ofBinding = all.filter(({ bindings }) => bindings.includes(binding.id)).map(({ object }) => object.name);
    expect(ofBinding.sort()).toEqual([...names].sort());
    for (const { id } of [binding, everywhere.binding]) await platform.owner.delete(`/api/v1/bindings/${id}`);
    await platform.settle();
  });

  it('judge what their target means, with their parameters, and nothing else', async () => {
    const { binding, target } = await bindOwn(platform.owner, {
      name: 'no dev images in batch',
      target: { namespaces: { include: ['ba*'] }, kinds: ['Pod'], clusters: { environments: ['production'] } },
      policies: [{ policy: 'no-latest-tag', instance: 'dev', parameters: { denied_tags: ['dev'] } }],
    });
    await platform.settle();
    expect(await failing('no-latest-tag', 'dev')).toEqual(['job']);
    const { body } = await platform.owner.get(`/api/v1/targets/${target.id}/matches`);
    expect(body).toMatchObject({
      clusters: [{ name: 'prod', objects: 1 }],
      objects: { total: 1, by_kind: [{ kind: 'Pod', count: 1 }] },
      sample: [{ cluster: 'prod', name: 'job' }],
    } satisfies Partial<Record<keyof TargetMatches, unknown>>);
    await platform.owner.patch(`/api/v1/targets/${target.id}`, { namespaces: null });
    await platform.settle();
    expect(await failing('no-latest-tag', 'dev')).toEqual(['job']);
    await platform.owner.patch(`/api/v1/bindings/${binding.id}`, {
      parameters: { 'no-latest-tag': { denied_tags: ['1'] } },
    });
    await platform.settle();
    expect(await failing('no-latest-tag', 'dev')).toEqual(['api']);
    expect((await platform.owner.delete(`/api/v1/bindings/${binding.id}`)).status).toBe(204);
    await platform.settle();
    expect(await failing('no-latest-tag', 'dev')).toEqual([]);
    const gone = await platform.owner.get('/api/v1/violations?policy=no-latest-tag&state=resolved');
    const { items } = gone.body as { items: ViolationShape[] };
    expect(items.map(({ resolution }) => resolution)).toContain('target-changed');
    // What was found is still shown, though it is history now.
    expect(items.filter(({ findings }) => findings.length === 0)).toEqual([]);
  });

  it('take several conditions together in their targets, none of them empty or of a cluster', async () => {
    const conditions = { any_of: [{ names: ['web-*'] }], none_of: [{ scope: 'Cluster' }, { kinds: ['Job'] }] };
    const { body } = await post('/targets', { name: 'together', ...conditions });
    const { id } = body as TargetShape;
    expect(body).toMatchObject(conditions);
    const path = `/api/v1/targets/${id}`;
    expect((await platform.owner.patch(path, { any_of: null })).body).not.toHaveProperty('any_of');
    const stranger = await platform.stranger('initech');
    expect(problem(await stranger.patch(path, { any_of: [{ names: ['a'] }] }))).toEqual([404, 'not_found']);
    for (const wrong of [
      { any_of: [] },
      { any_of: [{}] },
      { none_of: [{ names: [] }] },
      { none_of: [{ clusters: { environments: ['a'] } }] },
      { any_of: [{ any_of: [{ names: ['a'] }] }] },
      { none_of: Array.from({ length: 201 }, () => ({ names: ['a'] })) },
      { any_of: { names: ['a'] } },
      { none_of: [{ label_selector: { matchExpressions: [{ key: 'a', operator: 'In' }] } }] },
    ]) {
      expect(problem(await post('/targets', { name: 'wrong', ...wrong }))).toEqual([400, 'invalid_body']);
      expect(problem(await platform.owner.patch(path, wrong))).toEqual([400, 'invalid_body']);
    }
    await platform.owner.delete(path);
  });

  it('evaluate again only what changed: other checks of an object keep their verdicts', async () => {
    const { binding } = await bindOwn(platform.owner, {
      name: 'twice',
      policies: [{ policy: 'no-latest-tag', instance: 'twice', parameters: { denied_tags: ['dev'] } }],
    });
    await platform.settle();
    const before = await platform.query<{ n: number }>('select count(*)::int as n from hist.compliance_span');
    await platform.owner.patch(`/api/v1/bindings/${binding.id}`, { name: 'twice again' });
    await platform.settle();
    const runs = await platform.owner.get('/api/v1/runs?trigger=policy-change&limit=1');
    const [run] = (runs.body as { items: { counts: { evaluated: number; reused: number } }[] }).items;
    expect(run?.counts).toMatchObject({ evaluated: 0, reused: 5 });
    expect(await platform.query('select count(*)::int as n from hist.compliance_span')).toEqual(before);
    await platform.owner.delete(`/api/v1/bindings/${binding.id}`);
    await platform.settle();
  });

  it('say what contradicts them, and who wins (F1)', async () => {
    const items = (tags: string[]) => [{ policy: 'no-latest-tag', instance: 'c', parameters: { denied_tags: tags } }];
    const first = await bindOwn(platform.owner, { name: 'first', policies: items(['a']), priority: 5 });
    const second = await bindOwn(platform.owner, { name: 'second', policies: items(['b']) });
    expect(second.binding.conflicts).toEqual([
      {
        policy: 'no-latest-tag',
        instance: 'c',
        other: { id: first.binding.id, name: 'first' },
        differs: ['parameters'],
        wins: 'other',
        because: 'priority',
      },
    ]);
    const apart = await bindOwn(platform.owner, {
      name: 'apart',
      policies: items(['c']),
      target: { namespaces: { include: ['nowhere'] } },
    });
    expect(apart.binding.conflicts.map(({ other }) => other.name)).toEqual(['first', 'second']);
    const elsewhere = await bindOwn(platform.owner, {
      name: 'elsewhere',
      policies: items(['d']),
      target: { namespaces: { include: ['other'] }, kinds: ['Secret'] },
    });
    expect(elsewhere.binding.conflicts.map(({ other }) => other.name)).toEqual(['first', 'second']);
    for (const { binding } of [first, second, apart, elsewhere])
      await platform.owner.delete(`/api/v1/bindings/${binding.id}`);
  });

  it('keep to one release once they can deny, and follow the library while they audit (V5)', async () => {
    const { binding } = await bindOwn(platform.owner, { name: 'strict', policy_set: 'best-practices' });
    expect(binding.pin).toMatch(/^\d+\.\d+\.\d+/);
    expect(binding.waiting).toEqual([]);
    const path = `/api/v1/bindings/${binding.id}`;
    expect(problem(await platform.owner.patch(path, { pin: 'latest' }))).toEqual([422, 'pin_refused']);
    expect(problem(await platform.owner.patch(path, { pin: '0.0.1' }))).toEqual([422, 'pin_refused']);
    const audited = await platform.owner.patch(path, { enforcement: 'audit', pin: 'latest' });
    expect((audited.body as BindingShape).pin).toBe('latest');
    const denied = await platform.owner.patch(path, { enforcement: 'warn' });
    expect((denied.body as BindingShape).pin).toBe(binding.pin);
    await platform.owner.delete(path);
  });

  it('list the triggers that nothing serves yet', async () => {
    const { body } = await post('/triggers', { name: 'at admission', type: 'admission' });
    const { binding } = await bindOwn(platform.owner, { name: 'admitted', trigger_ids: [(body as { id: string }).id] });
    expect(binding.unserved_triggers).toEqual(['admission']);
    await platform.owner.delete(`/api/v1/bindings/${binding.id}`);
  });

  it('may be the default one, edited or ended like any other', async () => {
    const { body } = await platform.owner.get('/api/v1/bindings');
    const binding = (body as { items: BindingShape[] }).items.find(({ name }) => name === 'default');
    const edited = await platform.owner.patch(`/api/v1/bindings/${binding?.id}`, { name: 'ours', priority: -1 });
    expect(edited.body).toMatchObject({
      name: 'ours',
      priority: -1,
      policy_set: 'best-practices',
      enforcement: 'audit',
    });
  });

  it('take sets of one’s own, whose members can change', async () => {
    const { body } = await post('/policy-sets', {
      slug: 'images',
      title: 'Images',
      policies: [{ policy: 'no-latest-tag', instance: 'set', parameters: { denied_tags: ['1'] } }],
    });
    const set = body as PolicySetShape;
    const { binding } = await bindOwn(platform.owner, { name: 'by set', policy_set: 'images' });
    await platform.settle();
    expect(await failing('no-latest-tag', 'set')).toEqual(['api']);
    await platform.owner.patch(`/api/v1/policy-sets/${set.id}`, {
      policies: [{ policy: 'no-latest-tag', instance: 'set', parameters: { denied_tags: ['dev'] } }],
    });
    await platform.settle();
    expect(await failing('no-latest-tag', 'set')).toEqual(['job']);
    const refused = await platform.owner.delete(`/api/v1/policy-sets/${set.id}`);
    expect(problem(refused)).toEqual([409, 'in_use']);
    expect((refused.body as { users: object[] }).users).toEqual([{ id: binding.id, name: 'by set' }]);
    await platform.owner.delete(`/api/v1/bindings/${binding.id}`);
    expect((await platform.owner.delete(`/api/v1/policy-sets/${set.id}`)).status).toBe(204);
    const builtIn = await platform.owner.get('/api/v1/policy-sets/best-practices');
    const { id } = builtIn.body as PolicySetShape;
    expect(problem(await platform.owner.patch(`/api/v1/policy-sets/${id}`, { title: 'Mine' }))).toEqual([
      409,
      'read_only',
    ]);
  });

  it('are refused with every place that is wrong', async () => {
    const { target, trigger } = await bindOwn(platform.owner, { name: 'places' });
    const binding = (more: object): Promise<TestAnswer> =>
      post('/bindings', {
        name: 'wrong',
        policies: [{ policy: 'no-latest-tag' }],
        target_id: target.id,
        trigger_ids: [trigger.id],
        enforcement: 'audit',
        ...more,
      });
    const wrong = await binding({
      policies: [
        { policy: 'replicas-minimum', parameters: { min_replicas: 'two', max: 1 } },
        { policy: 'no-latest-tag', parameters: { denied_tags: [7] } },
      ],
    });
    expect(problem(wrong)).toEqual([422, 'invalid_parameters']);
    expect(pointers(wrong).sort()).toEqual([
      '/policies/0/parameters/max',
      '/policies/0/parameters/min_replicas',
      '/policies/1/parameters/denied_tags/0',
    ]);
    const overrides = await binding({ parameters: { 'no-latest-tag': { denied_tags: 'x' }, 'no-such-policy': {} } });
    expect([...problem(overrides), ...pointers(overrides)]).toEqual([
      422,
      'invalid_parameters',
      '/parameters/no-such-policy',
    ]);
    const unknown = await binding({ policies: [{ policy: 'no-latest-tag' }, { policy: 'nothing' }] });
    expect([...problem(unknown), ...pointers(unknown)]).toEqual([422, 'policy_not_active', '/policies/1/policy']);
    expect(problem(await binding({ policies: [{ policy: 'no-latest-tag' }, { policy: 'no-latest-tag' }] }))).toEqual([
      422,
      'unprocessable',
    ]);
    expect(problem(await binding({ policy_set: 'best-practices' }))).toEqual([400, 'invalid_body']);
    expect(problem(await binding({ policies: undefined }))).toEqual([400, 'invalid_body']);
    expect(problem(await binding({ policies: undefined, policy_set: 'nothing' }))).toEqual([422, 'unprocessable']);
    const strange = await binding({ target_id: publicId('target', uuidV7(1)) });
    expect([...problem(strange), ...pointers(strange)]).toEqual([422, 'unprocessable', '/target_id']);
    expect(problem(await binding({ name: 'places' }))).toEqual([409, 'name_taken']);
    expect(problem(await platform.owner.delete(`/api/v1/targets/${target.id}`))).toEqual([409, 'in_use']);
    expect(problem(await platform.owner.delete(`/api/v1/triggers/${trigger.id}`))).toEqual([409, 'in_use']);
  });

  it('are not changed by who saw another revision; of two at once, one is told (412)', async () => {
    const created = await post('/targets', { name: 'edited' });
    const { id, revision } = created.body as TargetShape;
    expect([revision, created.headers.get('etag')]).toEqual([1, '"1"']);
    const edit = (name: string, tag: string): Promise<TestAnswer> =>
      platform.owner.send('PATCH', `/api/v1/targets/${id}`, { name }, { 'if-match': tag });
    const both = await Promise.all([edit('one', '"1"'), edit('two', '"1"')]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 412]);
    const lost = both.find(({ status }) => status === 412);
    expect(lost?.body).toMatchObject({ code: 'stale_revision', revision: 2 });
    const won = both.find(({ status }) => status === 200);
    expect(won?.headers.get('etag')).toBe('"2"');
    expect(problem(await edit('three', 'two'))).toEqual([400, 'bad_request']);
    expect((await edit('three', '*')).status).toBe(200);
    expect(
      problem(await platform.owner.send('DELETE', `/api/v1/targets/${id}`, undefined, { 'if-match': '"1"' })),
    ).toEqual([412, 'stale_revision']);
  });

  it('leave what was and what became of them in the audit log', async () => {
    const { body } = await post('/targets', { name: 'audited', kinds: ['Pod'] });
    const { id } = body as TargetShape;
    await platform.owner.patch(`/api/v1/targets/${id}`, { kinds: ['Secret'] });
    await platform.owner.delete(`/api/v1/targets/${id}`);
    const lines = await platform.query<{ action: string; before: unknown; after: unknown }>(
      'select action, before, after from app.audit_log where subject = $1 order by seq',
      [id],
    );
    expect(lines).toEqual([
      { action: 'target.create', before: null, after: { name: 'audited', kinds: ['Pod'] } },
      {
        action: 'target.update',
        before: { name: 'audited', kinds: ['Pod'] },
        after: { name: 'audited', kinds: ['Secret'] },
      },
      { action: 'target.delete', before: { name: 'audited', kinds: ['Secret'] }, after: null },
    ]);
  });
});
