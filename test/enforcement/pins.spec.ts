import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { BindingShape, ViolationShape } from '#contracts';
import { bindOwn } from '../support/bindings.js';
import { TestAgent } from '../support/test-agent.js';
import { TestPlatform } from '../support/test-platform.js';

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
       select v.org_id, v.policy_id, 2, v.digest, jsonb_set(v.metadata, '{severity}', '"critical"'), v.created_at, v.created_at
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

  it('it says what waits, until it is saved with the release that is here', async () => {
    expect((await binding()).waiting).toEqual([{ policy: 'no-latest-tag', from: 1, to: 2 }]);
    await platform.owner.patch(`/api/v1/bindings/${pinned.id}`, { pin: pinned.pin });
    await platform.settle();
    expect((await binding()).waiting).toEqual([]);
    expect(await seen()).toMatchObject({ pinned: [2, 'critical'] });
  });
});
