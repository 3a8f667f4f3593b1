import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ViolationShape } from '#contracts';
import { TestAgent } from './support/test-agent.js';
import { TestPlatform } from './support/test-platform.js';

const deployment = (image: string) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { replicas: 2, selector: {}, template: { spec: { containers: [{ name: 'app', image }] } } },
});

describe('from the cluster to the violation', () => {
  let platform: TestPlatform;
  beforeAll(async () => {
    platform = await TestPlatform.start();
  });
  afterAll(() => platform.stop());

  it('an object that breaks a policy shows as a violation, and no longer once it is mended', async () => {
    const agent = await TestAgent.enroll(platform, platform.owner, 'one');
    await agent.list([deployment('nginx')]);
    await platform.settle();
    const path = `/api/v1/violations?cluster_id=${agent.clusterId}&policy=no-latest-tag`;
    const before = (await platform.owner.get(path)).body as { items: ViolationShape[] };
    expect(before.items.map(({ object, findings }) => [object.name, findings[0]?.path])).toEqual([
      ['web', 'spec.template.spec.containers[0].image'],
    ]);
    await agent.send([{ op: 'upsert', object: deployment('nginx:1.27') }]);
    await platform.settle();
    expect(((await platform.owner.get(path)).body as { items: unknown[] }).items).toEqual([]);
    const resolved = (await platform.owner.get(`${path}&state=resolved`)).body as { items: ViolationShape[] };
    expect(resolved.items.map(({ resolution, state }) => [resolution, state])).toEqual([['fixed', 'resolved']]);
  });

  it('a stranger from another organization sees nothing of it', async () => {
    const stranger = await platform.stranger();
    const { items } = (await platform.owner.get('/api/v1/clusters')).body as { items: { id: string }[] };
    const answer = await stranger.get(`/api/v1/clusters/${items[0]?.id}`);
    expect([answer.status, (answer.body as { code: string }).code]).toEqual([404, 'not_found']);
  });
});
