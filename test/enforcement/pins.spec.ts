import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { BindingShape, PolicySetShape, ViolationShape } from '#contracts';
import { bindOwn } from '../support/bindings.js';
import { TestAgent } from '../support/test-agent.js';
import type { TestAnswer } from '../support/test-client.js';
import { TestPlatform } from '../support/test-platform.js';
import { aWorkload } from '../support/workloads.js';

const aPod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { containers: [{ name: 'app', image: 'nginx' }] },
};

describe('after an upgrade of the library', () => {
  let platform: TestPlatform;
  let pinned: BindingShape;
  let agent: TestAgent;
  beforeAll(async () => {
    platform = await TestPlatform.start();
    agent = await TestAgent.enroll(platform, platform.owner, 'prod');
    const items = (instance: string): object[] => [{ policy: 'no-latest-tag', instance }];
    pinned = (await bindOwn(platform.owner, { name: 'denying', policies: items('pinned') })).binding;
    await bindOwn(platform.owner, { name: 'auditing', policies: items('latest'), enforcement: 'audit' });
    await agent.list([aPod]);
    await platform.settle();
    // What the next release leaves in an organization: a further version that acts.
    await platform.query(
      `insert into app.policy_version (org_id, policy_id, version, digest, metadata, created_at, published_at)
       select v.org_id, v.policy_id, 2, v.digest, jsonb_set(jsonb_set(v.metadata, '{severity}', '"critical"'), '{parameters}', v.metadata -> 'parameters' || '{"required": ["other"], "additionalProperties": true}'), v.created_at, v.created_at
       from app.policy p join app.policy_version v using (org_id, policy_id) where p.slug = 'no-latest-tag'`,
    );
    await platform.query(`update app.policy set version = 2 where slug = 'no-latest-tag'`);
    await platform.owner.post(`/api/v1/clusters/${agent.clusterId}/runs`);
    await platform.settle();
  });
  afterAll(() => platform.stop());

  const seen = async (): Promise<Record<string, [number, string]>> => {
    const { body } = await platform.owner.get('/api/v1/violations?policy=no-latest-tag');
    const { items } = body as { items: ViolationShape[] };
    return Object.fromEntries(items.map(({ instance, policy, severity }) => [instance, [policy.version, severity]]));
  };
  const binding = async (): Promise<BindingShape> =>
    (await platform.owner.get(`/api/v1/bindings/${pinned.id}`)).body as BindingShape;

  it('a binding that can deny keeps its versions, and one that audits follows (V5)', async () => {
    expect(await seen()).toMatchObject({ pinned: [1, 'medium'], latest: [2, 'critical'] });
  });

  it('it is held to the parameters of the version that it keeps, and may be renamed', async () => {
    const patch = (change: object): Promise<TestAnswer> =>
      platform.owner.patch(`/api/v1/bindings/${pinned.id}`, change);
    const parameters = { 'no-latest-tag': { denied_tags: ['dev'] } };
    // The next version wants another one.
    expect((await patch({ name: 'still denying', parameters })).status).toBe(200);
    expect((await patch({ parameters: { 'no-latest-tag': { tags: [] } } })).status).toBe(422);
    expect((await patch({ parameters: {} })).status).toBe(200);
    await platform.settle();
    expect(await seen()).toMatchObject({ pinned: [1, 'medium'] });
  });

  it('what joins its set is there in the version of its release, or waits where that release is gone (V5)', async () => {
    const made = await platform.owner.post('/api/v1/policy-sets', {
      slug: 'ours',
      title: 'Ours',
      policies: [{ policy: 'no-host-port' }],
    });
    const ours = made.body as PolicySetShape;
    const set = async (policies: object[]): Promise<unknown> =>
      platform.owner.patch(`/api/v1/policy-sets/${ours.id}`, { policies });
    const { binding: ofSet } = await bindOwn(platform.owner, { name: 'of a set', policy_set: 'ours' });
    const detail = async (): Promise<BindingShape> =>
      (await platform.owner.get(`/api/v1/bindings/${ofSet.id}`)).body as BindingShape;
    const failing = async (): Promise<string[]> => {
      const { body } = await platform.owner.get('/api/v1/violations?policy=replicas-minimum');
      return (body as { items: ViolationShape[] }).items
        .filter(({ bindings }) => bindings.includes(ofSet.id))
        .map(({ object }) => object.name);
    };
    await agent.send([
      { op: 'upsert', object: aWorkload('Deployment', 'lone', 'nginx:1', undefined, { replicas: 1 }) },
    ]);
    await platform.query(`update app.binding set pin = '0.0.1' where name = 'of a set'`);
    await set([{ policy: 'no-host-port' }, { policy: 'replicas-minimum' }]);
    await platform.settle();
    expect([(await detail()).waiting, await failing()]).toEqual([[{ policy: 'replicas-minimum', from: 0, to: 1 }], []]);
    await platform.query('update app.binding set pin = $1 where name = $2', [pinned.pin, 'of a set']);
    await set([{ policy: 'replicas-minimum' }, { policy: 'no-host-port' }]);
    await platform.settle();
    expect([(await detail()).waiting, await failing()]).toEqual([[], ['lone']]);
  });

  it('it says what waits, until it is saved with the release that is here', async () => {
    expect((await binding()).waiting).toEqual([{ policy: 'no-latest-tag', from: 1, to: 2 }]);
    await platform.owner.patch(`/api/v1/bindings/${pinned.id}`, {
      pin: pinned.pin,
      parameters: { 'no-latest-tag': { other: 'x' } },
    });
    await platform.settle();
    expect((await binding()).waiting).toEqual([]);
    expect(await seen()).toMatchObject({ pinned: [2, 'critical'] });
  });
});
