import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type {
  BindingShape,
  ClusterShape,
  TargetShape,
  TriggerShape,
  ValidationResult,
  ViolationShape,
} from '#contracts';
import { bindOwn } from '../support/bindings.js';
import { TestAgent } from '../support/test-agent.js';
import type { TestClient } from '../support/test-client.js';
import { TestPlatform } from '../support/test-platform.js';

const aPod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { containers: [{ name: 'app', image: 'nginx:dev' }] },
};
const denying = (...tags: string[]): object[] => [
  { policy: 'no-latest-tag', instance: 'tags', parameters: { denied_tags: tags } },
];

describe('two bindings that say something of one check', () => {
  let platform: TestPlatform;
  let ci: TriggerShape;
  let agent: TestAgent;
  let bound: BindingShape[];
  beforeAll(async () => {
    platform = await TestPlatform.start();
    agent = await TestAgent.enroll(platform, platform.owner, 'prod');
    ci = (await platform.owner.post('/api/v1/triggers', { name: 'posts', type: 'ci' })).body as TriggerShape;
    await agent.list([aPod]);
    await platform.settle();
  });
  beforeEach(() => {
    bound = [];
  });
  afterAll(() => platform.stop());

  const bind = async (more: Record<string, unknown>): Promise<BindingShape> => {
    const { binding } = await bindOwn(platform.owner, more);
    bound.push(binding);
    return binding;
  };
  const unbind = async (): Promise<void> => {
    for (const { id } of bound) await platform.owner.delete(`/api/v1/bindings/${id}`);
  };
  const inCi = async (): Promise<string[]> => {
    const { body } = await platform.owner.post('/api/v1/validate', { specs: [aPod], cluster: 'prod' });
    const { violations } = body as ValidationResult;
    return violations.flatMap(({ policy, enforcement }) => (policy.slug === 'no-latest-tag' ? [enforcement] : []));
  };
  const inAudit = async (): Promise<string[]> => {
    await platform.settle();
    const { body } = await platform.owner.get('/api/v1/violations?policy=no-latest-tag');
    return (body as { items: ViolationShape[] }).items.flatMap(({ instance, object }) =>
      instance === 'tags' ? [object.name] : [],
    );
  };

  it('mean the same in CI and in the audit, whichever of them looks there (F1, V2)', async () => {
    await bind({ name: 'audited', priority: 10, enforcement: 'audit', policies: denying('latest') });
    await bind({ name: 'posted', enforcement: 'deny', policies: denying('dev'), trigger_ids: [ci.id] });
    expect([await inAudit(), await inCi()]).toEqual([[], []]);
    await platform.owner.patch(`/api/v1/bindings/${bound[1]?.id}`, { priority: 20 });
    expect([await inAudit(), await inCi()]).toEqual([['web'], ['deny']]);
    await unbind();
    expect([await inAudit(), await inCi()]).toEqual([[], []]);
  });

  it('are not looked at where neither of them looks', async () => {
    await bind({ name: 'posted only', enforcement: 'deny', policies: denying('dev'), trigger_ids: [ci.id] });
    expect([await inAudit(), await inCi()]).toEqual([[], ['deny']]);
    await unbind();
  });

  it('stand as new as what they mean: a new name makes none of them the newer one', async () => {
    const older = await bind({ name: 'older', enforcement: 'audit', policies: denying('dev') });
    await bind({ name: 'newer', enforcement: 'audit', policies: denying('latest') });
    await platform.owner.patch(`/api/v1/bindings/${older.id}`, { name: 'renamed' });
    expect(await inAudit()).toEqual([]);
    await platform.owner.patch(`/api/v1/bindings/${older.id}`, { enforcement: 'warn' });
    expect(await inAudit()).toEqual(['web']);
    await unbind();
  });
});

describe('what is edited', () => {
  let platform: TestPlatform;
  let stranger: TestClient;
  beforeAll(async () => {
    platform = await TestPlatform.start();
    stranger = await platform.stranger();
  });
  afterAll(() => platform.stop());

  it('is answered whole to who asks whether it changed: a revision is of the edit, not of the answer', async () => {
    const agent = await TestAgent.enroll(platform, platform.owner, 'prod');
    const path = `${platform.url}/api/v1/clusters/${agent.clusterId}`;
    const seen = await platform.owner.get(`/api/v1/clusters/${agent.clusterId}`);
    const answer = await fetch(path, {
      headers: { authorization: `Bearer ${platform.owner.key}`, 'if-none-match': seen.headers.get('etag') ?? '' },
    });
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
  });

  it('names clusters that there are, however their id is written; another one is refused', async () => {
    const { id } = (await platform.owner.post('/api/v1/clusters', { name: 'one' })).body as ClusterShape;
    const other = (await stranger.post('/api/v1/clusters', { name: 'one' })).body as ClusterShape;
    const lower = id.replace(/^cls_.*/, (text) => `cls_${text.slice(4).toLowerCase()}`);
    const made = await platform.owner.post('/api/v1/targets', { name: 'one', clusters: { ids: [lower] } });
    expect((made.body as TargetShape).clusters?.ids).toEqual([id]);
    const refused = await platform.owner.post('/api/v1/targets', { name: 'theirs', clusters: { ids: [id, other.id] } });
    expect(refused.status).toBe(422);
    expect(refused.body).toMatchObject({ code: 'unprocessable', errors: [{ pointer: '/clusters/ids/1' }] });
  });
});
