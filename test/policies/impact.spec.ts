import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FakeClock, type JsonObject } from '#kernel';
import type {
  BindingPreviewShape,
  PolicyBacktest,
  PolicyDetail,
  PolicyPreview,
  TargetShape,
  ViolationShape,
} from '#contracts';
import { bindOwn } from '../support/bindings.js';
import { TestAgent } from '../support/test-agent.js';
import type { TestAnswer } from '../support/test-client.js';
import { TestPlatform } from '../support/test-platform.js';
import { aPod, aWorkload, controlledBy } from '../support/workloads.js';

const DAY = 86_400_000;
/** Images of one registry alone, whichever the parameter names. */
const REGO = `package acme.images

violation contains {
  "path": $"{place}.containers[{i}].image",
  "found": container.image,
  "expected": input.parameters.registry,
  "message": $"Container {container.name} comes from elsewhere.",
  "container": container.name,
} if {
  some i, container in spec.containers
  not startswith(container.image, input.parameters.registry)
}

place := "spec" if input.review.kind.kind == "Pod"

else := "spec.template.spec"

spec := input.review.object.spec if input.review.kind.kind == "Pod"

else := input.review.object.spec.template.spec
`;
const POLICY = {
  slug: 'own-registry',
  title: 'Images come from our registry',
  category: 'security',
  severity: 'high',
  kinds: ['Pod', 'Deployment', 'ReplicaSet'],
  remediation: 'Push the image to our registry.',
  parameters_schema: {
    type: 'object',
    additionalProperties: false,
    properties: { registry: { type: 'string', minLength: 1, default: 'ours/' } },
  },
  rego: REGO,
};
const problem = ({ status, body }: TestAnswer): [number, string] => [status, (body as { code: string }).code];

/** Ticks of a cluster may lie a little after now. */
const minuteOf = (time: string): string => time.slice(0, 16);

describe('what a policy would do', () => {
  const clock = new FakeClock(Date.UTC(2026, 10, 20, 12));
  let platform: TestPlatform;
  let prod: TestAgent;
  let staging: TestAgent;
  beforeAll(async () => {
    platform = await TestPlatform.start({ clock });
    prod = await TestAgent.enroll(platform, platform.owner, 'prod');
    staging = await TestAgent.enroll(platform, platform.owner, 'staging');
    const web = aWorkload('Deployment', 'web', 'theirs/web');
    const set = aWorkload('ReplicaSet', 'web-1', 'theirs/web', controlledBy(web));
    const pods = ['web-1-a', 'web-1-b'].map((name) => aPod(name, 'theirs/web', controlledBy(set)));
    await prod.list([web, set, ...pods, aPod('api', 'ours/api'), aPod('job', 'theirs/job')]);
    await staging.list([aPod('api', 'theirs/api')]);
    await platform.settle();
  });
  afterAll(() => platform.stop());

  const post = (path: string, body: object = {}): Promise<TestAnswer> => platform.owner.post(`/api/v1${path}`, body);
  const answered = async <Body>(answer: Promise<TestAnswer>, status = 200): Promise<Body> => {
    const { status: got, body } = await answer;
    if (got !== status) throw new Error(JSON.stringify(body));
    return body as Body;
  };
  const create = (changes: object = {}): Promise<PolicyDetail> =>
    answered(post('/policies', { ...POLICY, ...changes }), 201);
  const preview = (id: string, body: object = {}): Promise<PolicyPreview> =>
    answered(post(`/policies/${id}/preview`, body));
  const failing = async (policy: string): Promise<string[]> => {
    const { body } = await platform.owner.get(`/api/v1/violations?policy=${policy}`);
    return (body as { items: ViolationShape[] }).items
      .map(({ cluster, object }) => `${cluster.name}/${object.name}`)
      .sort();
  };
  const change = (...objects: JsonObject[]): Promise<unknown> =>
    prod.send(objects.map((object) => ({ op: 'upsert', object })));
  const named = ({ items }: PolicyPreview): string[] =>
    items.map(({ cluster, object }) => `${cluster.name}/${object.name}`).sort();

  it('is nothing to a stranger, and nothing that a key without admin may ask', async () => {
    const { id } = await create({ slug: 'not-yours' });
    const stranger = await platform.stranger();
    const { key } = await answered<{ key: string }>(post('/api-keys', { name: 'reads', scopes: ['read'] }), 201);
    for (const what of ['preview', 'backtest']) {
      expect(problem(await stranger.post(`/api/v1/policies/${id}/${what}`, {}))).toEqual([404, 'not_found']);
      const reader = platform.client(key);
      expect(problem(await reader.post(`/api/v1/policies/${id}/${what}`, {}))).toEqual([403, 'forbidden_scope']);
    }
    const { binding } = await bindOwn(platform.owner, { name: 'not-yours' });
    expect(problem(await stranger.post(`/api/v1/bindings/${binding.id}/preview`, {}))).toEqual([404, 'not_found']);
  });

  it('is told of a draft for all clusters, with nothing written', async () => {
    const { id } = await create({ slug: 'draft' });
    const found = await preview(id);
    expect(found).toMatchObject({
      bindings: [],
      complete: true,
      omitted: 0,
      policy: { version: 1, acting_version: null },
    });
    // What the controllers of web say is not said again by its pods (V4).
    expect(named(found)).toEqual(['prod/job', 'prod/web', 'staging/api']);
    expect(found.counts).toMatchObject({ pass: 1, fail: 3, newly_failing: 3, newly_denied: 3, no_longer_failing: 0 });
    const clusters = found.clusters.map(({ cluster, counts }) => [cluster.name, counts.fail, counts.pass]);
    expect(clusters).toEqual([
      ['prod', 2, 1],
      ['staging', 1, 0],
    ]);
    expect(found.items.find(({ object }) => object.name === 'job')).toMatchObject({
      findings: [{ path: 'spec.containers[0].image', found: 'theirs/job', expected: 'ours/' }],
    });
    await platform.settle();
    expect(await failing('draft')).toEqual([]);
  });

  it('is told for a target, a cluster, parameters and an enforcement that somebody asks for', async () => {
    const { id } = await create({ slug: 'asked' });
    const target = await answered<TargetShape>(post('/targets', { name: 'jobs', names: ['job'] }), 201);
    expect(named(await preview(id, { target_id: target.id }))).toEqual(['prod/job']);
    expect(named(await preview(id, { cluster_id: staging.clusterId }))).toEqual(['staging/api']);
    const theirs = await preview('asked', { parameters: { registry: 'theirs/' }, enforcement: 'warn' });
    expect(named(theirs)).toEqual(['prod/api']);
    expect(theirs.counts).toMatchObject({ newly_failing: 1, newly_denied: 0 });
    const first = await preview(id, { limit: 1 });
    expect([first.items.length, first.omitted, first.counts.fail]).toEqual([1, 2, 3]);
  });

  it('is what happens once the version is published where the policy is bound', async () => {
    const { id } = await create({ slug: 'bound' });
    await answered(post(`/policies/${id}/publish`));
    const { binding } = await bindOwn(platform.owner, { name: 'bound', policies: [{ policy: 'bound' }] });
    await platform.settle();
    expect(await failing('bound')).toEqual(['prod/job', 'prod/web', 'staging/api']);
    const rego = REGO.replace('not startswith', 'not endswith(container.image, "/job")\n  not startswith');
    const stricter = rego.replace('input.parameters.registry)\n}', 'concat("", [input.parameters.registry, "x"]))\n}');
    await answered(platform.owner.patch(`/api/v1/policies/${id}`, { rego: stricter }));
    const found = await preview(id);
    expect(found.bindings).toEqual([binding.id]);
    expect(found.policy).toMatchObject({ version: 2, acting_version: 1 });
    expect(found.counts).toMatchObject({ fail: 3, newly_failing: 1, newly_denied: 1, no_longer_failing: 1 });
    expect(found.items[0]).toMatchObject({ object: { name: 'api' }, cluster: { name: 'prod' }, newly_denied: true });
    expect(await preview(id, { version: 1 })).toMatchObject({
      counts: { fail: 3, newly_failing: 0, no_longer_failing: 0 },
    });
    await answered(post(`/policies/${id}/publish`));
    await platform.settle();
    expect(await failing('bound')).toEqual(named(found));
  });

  it('is told of built-in policies too', async () => {
    const found = await preview('required-labels', { parameters: { labels: [{ key: 'team' }], kinds: ['Pod'] } });
    expect(found.counts).toMatchObject({ newly_denied: found.counts.fail });
    expect(found.counts.fail).toBeGreaterThan(0);
    // What can't refuse anything is not told to.
    expect((await preview('pdb-present')).counts).toMatchObject({ fail: 1, newly_failing: 1, newly_denied: 0 });
    expect(problem(await post('/policies/required-labels/preview', { version: 99 }))).toEqual([404, 'not_found']);
  });

  it('is told of the days that were', async () => {
    const { id } = await create({ slug: 'history' });
    const began = clock.now();
    const others = [aPod('api', 'ours/api')] as JsonObject[];
    clock.advance(2 * DAY);
    await staging.list([...others, aPod('late', 'theirs/late')]);
    clock.advance(2 * DAY);
    await staging.list([...others, aPod('late', 'theirs/later')]);
    clock.advance(DAY);
    await staging.list([...others, aPod('late', 'ours/late')]);
    clock.advance(DAY);
    await staging.list(others);
    clock.advance(DAY);
    const found = await answered<PolicyBacktest>(
      post(`/policies/${id}/backtest`, { days: 7, cluster_id: staging.clusterId }),
    );
    expect(found).toMatchObject({ complete: true, omitted: 0, policy: { version: 1 } });
    const at = (days: number): string => minuteOf(new Date(began + days * DAY).toISOString());
    expect(found.items.map(({ object, from, to }) => [object.name, minuteOf(from), minuteOf(to ?? '')])).toEqual([
      ['api', at(0), at(2)],
      ['late', at(2), at(5)],
    ]);
    expect(found.items[1]?.findings[0]).toMatchObject({ found: 'theirs/later' });
    expect(found.days.map(({ failing: fails, passing }) => [fails, passing])).toEqual([
      [1, 0],
      [1, 0],
      [1, 1],
      [1, 1],
      [1, 1],
      [0, 2],
      [0, 1],
      [0, 1],
    ]);
    const short = await answered<PolicyBacktest>(
      post(`/policies/${id}/backtest`, { days: 1, cluster_id: staging.clusterId }),
    );
    expect(short.items).toEqual([]);
    expect(short.counts).toEqual({ pass: 1, fail: 0, error: 0, skipped: 0 });
  });

  it('is what deny would have refused of a binding', async () => {
    const { binding } = await bindOwn(platform.owner, {
      name: 'strict',
      policies: [{ policy: 'no-latest-tag' }, { policy: 'pdb-present' }],
      enforcement: 'audit',
      target: { names: ['new*'] },
    });
    const before = new Date(clock.now()).toISOString();
    clock.advance(DAY);
    await change(aPod('new-a', 'nginx:1'), aPod('new-b', 'nginx:latest'));
    clock.advance(DAY);
    await change(aPod('new-a', 'nginx:latest'));
    const found = await answered<BindingPreviewShape>(post(`/bindings/${binding.id}/preview`, { days: 2 }));
    expect(found).toMatchObject({ from: before, changes: 3, blocked: 2, complete: true, omitted: 0 });
    expect(found.items.map(({ object, policy, at }) => [object.name, policy.slug, minuteOf(at)])).toEqual([
      ['new-a', 'no-latest-tag', minuteOf(new Date(clock.now()).toISOString())],
      ['new-b', 'no-latest-tag', minuteOf(new Date(clock.now() - DAY).toISOString())],
    ]);
    expect(found.policies).toMatchObject([{ policy: { slug: 'no-latest-tag' }, blocked: 2 }]);
    clock.advance(1_000);
    const today = await answered<BindingPreviewShape>(post(`/bindings/${binding.id}/preview`, { days: 1 }));
    expect(today).toMatchObject({ changes: 1, blocked: 1 });
  });

  it('refuses what it can’t try', async () => {
    const { id } = await create({ slug: 'refused' });
    for (const what of ['preview', 'backtest']) {
      const asked = async (body: object): Promise<[number, string]> =>
        problem(await post(`/policies/${id}/${what}`, body));
      expect(await asked({ version: 9 })).toEqual([404, 'not_found']);
      expect(await asked({ cluster_id: 'cls_0' })).toEqual([404, 'not_found']);
      expect(await asked({ target_id: 'tgt_0' })).toEqual([404, 'not_found']);
      expect(await asked({ parameters: { registry: 3 } })).toEqual([422, 'invalid_parameters']);
      expect(await asked({ limit: 0 })).toEqual([400, 'invalid_body']);
      expect(await asked({ nonsense: 1 })).toEqual([400, 'invalid_body']);
    }
    expect(problem(await post(`/policies/${id}/backtest`, { days: 1_000 }))).toEqual([400, 'invalid_body']);
    expect(problem(await post('/policies/no-such/preview'))).toEqual([404, 'not_found']);
    expect(problem(await post('/bindings/bnd_0/preview'))).toEqual([404, 'not_found']);
  });
});
