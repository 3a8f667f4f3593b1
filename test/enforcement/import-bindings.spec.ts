import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type JsonObject, systemScope } from '#kernel';
import type { BindingShape, PolicyDetail, PolicySetShape, TargetShape, TriggerShape } from '#contracts';
import {
  convertBindings,
  type ConvertedDocument,
  type ForeignBinding,
  ImportBindings,
  type WrittenBindings,
  writeSets,
} from '#enforcement';
import { Database } from '#platform';
import { TestAgent } from '../support/test-agent.js';
import { TestPlatform } from '../support/test-platform.js';
import { aPod } from '../support/workloads.js';

const REGO = `package own

violation contains {"path": "metadata.labels", "found": null, "expected": label, "message": sprintf("%v is missing", [label])} if {
	some label in input.parameters.labels
	not input.review.object.metadata.labels[label]
}
`;
const LABELS = { type: 'object', properties: { labels: { type: 'array', items: { type: 'string' }, default: [] } } };

describe('bindings of imported documents', () => {
  let platform: TestPlatform;
  let agent: TestAgent;
  let orgId: string;
  beforeAll(async () => {
    platform = await TestPlatform.start();
    agent = await TestAgent.enroll(platform, platform.owner, 'prod');
    await policy('owners', 'gatekeeper/ConstraintTemplate/owners');
    await policy('replicas', 'weave/Policy/replicas');
    await policy('other', 'weave/Policy/other');
    const [row] = await platform.query<{ org_id: string }>('select org_id from app.organization');
    orgId = row?.org_id ?? '';
  });
  beforeEach(async () => {
    for (const { id } of await imported()) await platform.owner.delete(`/api/v1/bindings/${id}`);
  });
  afterAll(() => platform.stop());

  /** As an import of the policy leaves it. */
  async function policy(slug: string, key: string): Promise<void> {
    const { body, status } = await platform.owner.post('/api/v1/policies', {
      slug,
      title: slug,
      category: 'security',
      severity: 'medium',
      kinds: ['*'],
      parameters_schema: LABELS,
      rego: REGO,
    });
    if (status !== 201) throw new Error(JSON.stringify(body));
    await platform.owner.post(`/api/v1/policies/${(body as PolicyDetail).id}/publish`);
    await platform.query('update app.policy set import_key = $1 where slug = $2', [key, slug]);
  }
  const list = async <Item>(path: string): Promise<Item[]> =>
    ((await platform.owner.get(`/api/v1/${path}?limit=500`)).body as { items: Item[] }).items;
  const imported = async (): Promise<BindingShape[]> =>
    (await list<BindingShape>('bindings')).filter(({ name }) => name !== 'default' && name !== 'mine');
  const write = async (...documents: ForeignBinding[]): Promise<WrittenBindings[]> => {
    const converted = convertBindings(documents);
    const bound = converted.flatMap((one): (ConvertedDocument & { as: 'bindings' })[] =>
      one.as === 'bindings' ? [one] : [],
    );
    const written = await platform.app
      .get(Database)
      .run(systemScope(orgId, 'test'), (tx) => platform.app.get(ImportBindings).write(tx, bound));
    return bound.flatMap(({ key }) => written.get(key) ?? []);
  };
  const aConstraint = (spec: JsonObject = {}, path?: string, kind = 'Owners'): ForeignBinding => ({
    from: 'gatekeeper-constraint',
    object: { apiVersion: 'constraints.gatekeeper.sh/v1', kind, metadata: { name: 'all' }, spec },
    ...(path !== undefined && { path }),
  });
  const labels = (...names: string[]): JsonObject => ({
    match: { kinds: [{ apiGroups: [''], kinds: ['Pod'] }] },
    parameters: { labels: names },
  });

  it('judge as the constraint says; two constraints on one policy are two checks', async () => {
    await agent.list([aPod('web', 'nginx:1.27')]);
    await write(aConstraint(labels('owner'), 'a.yaml'), aConstraint(labels('team'), 'b.yaml'));
    await platform.settle();
    const { body } = await platform.owner.get('/api/v1/violations?policy=owners');
    const found = (body as { items: { instance: string; findings: { message: string }[] }[] }).items;
    expect(found.map(({ findings }) => findings.map(({ message }) => message)).sort()).toEqual([
      ['owner is missing'],
      ['team is missing'],
    ]);
    expect(new Set(found.map(({ instance }) => instance)).size).toBe(2);
  });

  it('are what the document says, with triggers of all kinds that it needs', async () => {
    await write(aConstraint(labels('owner')));
    const [binding] = await imported();
    expect(binding).toMatchObject({
      name: 'Owners/all',
      enforcement: 'deny',
      policies: [{ policy: 'owners', instance: 'all', parameters: { labels: ['owner'] } }],
      pin: 'latest',
      conflicts: [],
    });
    const triggers = await list<TriggerShape>('triggers');
    const types = triggers.filter(({ id }) => binding?.trigger_ids.includes(id)).map(({ type }) => type);
    expect(types.sort()).toEqual(['admission', 'ci', 'git-push', 'object-change', 'schedule']);
    const target = (await list<TargetShape>('targets')).find(({ id }) => id === binding?.target_id);
    expect(target).toMatchObject({ name: 'Owners/all', kinds: ['/Pod'] });
  });

  it('are the same when they are imported again: nothing is written', async () => {
    const documents = [aConstraint(labels('owner')), aConstraint(labels('team'), 'b.yaml')];
    expect((await write(...documents)).map((one) => one.as === 'imported' && one.changed)).toEqual([true, true]);
    await platform.settle();
    const written = () =>
      platform.query(`select (select count(*) from app.audit_log) as entries, (select max(revision) from app.binding) as revision,
        (select count(*) from app.binding) as bindings, (select count(*) from app.target) as targets, (select count(*) from app.trigger) as triggers`);
    const before = await written();
    expect((await write(...documents)).map((one) => one.as === 'imported' && one.changed)).toEqual([false, false]);
    expect(await written()).toEqual(before);
  });

  it('are made once where two imports come at one time', async () => {
    const documents = [aConstraint(labels('owner')), aConstraint(labels('team'), 'b.yaml')];
    const both = await Promise.all([write(...documents), write(...documents)]);
    const changes = both.map((written) => written.map((one) => one.as === 'imported' && one.changed));
    expect(changes.map((one) => one.join()).sort()).toEqual(['false,false', 'true,true']);
    expect(await imported()).toHaveLength(2);
  });

  it('become what a changed document says, and keep their name and id', async () => {
    await write(aConstraint(labels('owner')));
    const [before] = await imported();
    await platform.owner.patch(`/api/v1/bindings/${before?.id}`, { name: 'Owners, renamed' });
    const [written] = await write(aConstraint({ ...labels('team'), enforcementAction: 'dryrun' }));
    expect(written).toMatchObject({ as: 'imported', changed: true });
    expect(await imported()).toMatchObject([
      {
        id: before?.id,
        name: 'Owners, renamed',
        enforcement: 'audit',
        policies: [{ parameters: { labels: ['team'] } }],
      },
    ]);
  });

  it('that a document does not ask for any more are ended, with their targets', async () => {
    const scoped = {
      enforcementAction: 'scoped',
      scopedEnforcementActions: [
        { action: 'deny', enforcementPoints: [{ name: 'validation.gatekeeper.sh' }] },
        { action: 'warn', enforcementPoints: [{ name: 'audit.gatekeeper.sh' }] },
      ],
    };
    await write(aConstraint(scoped));
    expect((await imported()).map(({ name, enforcement }) => [name, enforcement])).toEqual([
      ['Owners/all (admission)', 'deny'],
      ['Owners/all (audit)', 'warn'],
    ]);
    await write(aConstraint());
    expect((await imported()).map(({ name }) => name)).toEqual(['Owners/all']);
    const targets = (await list<TargetShape>('targets')).map(({ name }) => name);
    expect(targets.filter((name) => /\((?:audit|admission)\)/.test(name))).toEqual([]);
  });

  it('never take somebody’s own name', async () => {
    await platform.owner.post('/api/v1/targets', { name: 'Owners/all' });
    await write(aConstraint(labels('owner'), 'a.yaml'), aConstraint(labels('team'), 'b.yaml'));
    expect((await imported()).map(({ name }) => name)).toEqual(['Owners/all', 'Owners/all (2)']);
  });

  it('with parameters that are none of the policy’s, or of no policy, are not made; the others are', async () => {
    const written = await write(
      aConstraint({ parameters: { labels: 'owner' } }, 'a.yaml'),
      aConstraint({}, 'b.yaml', 'Unknown'),
      aConstraint(labels('owner'), 'c.yaml'),
    );
    expect(written).toEqual([
      { as: 'failed', reason: expect.stringContaining('labels') },
      { as: 'failed', reason: expect.stringContaining('not imported') },
      { as: 'imported', changed: true, bindings: [{ id: expect.any(String), name: expect.any(String) }] },
    ]);
    expect(await imported()).toHaveLength(1);
  });

  it('give an object the parameters of the strongest PolicyConfig, one by one', async () => {
    const weave = (from: ForeignBinding['from'], name: string, spec: JsonObject): ForeignBinding => ({
      from,
      object: { metadata: { name }, spec },
    });
    await write(
      weave('weave-policy', 'replicas', { id: 'replicas', enforce: false, parameters: [{ name: 'labels' }] }),
      weave('weave-policy-config', 'shop', {
        match: { namespaces: ['shop'] },
        config: { replicas: { parameters: { labels: ['of-shop'] } } },
      }),
    );
    await agent.list([aPod('web', 'nginx:1.27')]);
    await platform.settle();
    const { body } = await platform.owner.get('/api/v1/violations?policy=replicas');
    const found = (body as { items: { findings: { message: string }[] }[] }).items;
    expect(found.flatMap(({ findings }) => findings.map(({ message }) => message))).toEqual(['of-shop is missing']);
  });

  it('go with their sets, which are made once', async () => {
    const sets = (...policies: string[]) => [{ key: 'weave/PolicySet/s', title: 'All of it!', policies }];
    const run = (...policies: string[]) =>
      platform.app
        .get(Database)
        .run(systemScope(orgId, 'test'), (tx) => writeSets(tx, sets(...policies)))
        .then((changed) => changed.get('weave/PolicySet/s'));
    expect(await run('weave/Policy/replicas', 'weave/Policy/gone')).toBe(true);
    expect(await run('weave/Policy/replicas')).toBe(false);
    expect(await run('weave/Policy/replicas', 'weave/Policy/other')).toBe(true);
    const found = (await list<PolicySetShape>('policy-sets')).find(({ slug }) => slug === 'all-of-it');
    expect(found).toMatchObject({ title: 'All of it!', policies: [{ policy: 'other' }, { policy: 'replicas' }] });
  });
});
