import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { BindingShape, TargetShape, TriggerShape, ValidationResult } from '#contracts';
import { TestPlatform } from '../support/test-platform.js';

const POD = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { containers: [{ name: 'app', image: 'nginx:latest' }] },
};

describe('a validation goes by the rules of its moment, though they are kept ready', () => {
  let platform: TestPlatform;
  let binding: BindingShape;
  let target: TargetShape;
  const created = async <Shape>(path: string, body: object): Promise<Shape> => {
    const answer = await platform.owner.post(`/api/v1/${path}`, body);
    expect([answer.status, answer.body]).toEqual([201, expect.anything()]);
    return answer.body as Shape;
  };
  beforeAll(async () => {
    platform = await TestPlatform.start();
    const { items } = (await platform.owner.get('/api/v1/triggers')).body as { items: TriggerShape[] };
    target = await created<TargetShape>('targets', { name: 'shop', namespaces: { include: ['shop'] } });
    binding = await created<BindingShape>('bindings', {
      name: 'shop',
      policies: [{ policy: 'host-path-volumes', instance: 'shop' }],
      target_id: target.id,
      trigger_ids: items.filter(({ type }) => type === 'ci').map(({ id }) => id),
      enforcement: 'audit',
    });
  });
  afterAll(() => platform.stop());

  const judged = async (): Promise<ValidationResult> =>
    (await platform.owner.post('/api/v1/validate', POD)).body as ValidationResult;
  const patch = async (path: string, body: object): Promise<void> => {
    const answer = await platform.owner.patch(`/api/v1/${path}`, body);
    expect([answer.status, answer.body]).toEqual([200, expect.anything()]);
  };

  it('a changed item, target, enforcement and threshold count at once', async () => {
    const before = (await judged()).summary.evaluated;
    await patch(`bindings/${binding.id}`, {
      policies: ['one', 'two'].map((instance) => ({ policy: 'host-path-volumes', instance })),
    });
    expect((await judged()).summary.evaluated).toBe(before + 1);
    await patch(`targets/${target.id}`, { namespaces: { include: ['data'] } });
    expect((await judged()).summary.evaluated).toBe(before - 1);
    await patch(`targets/${target.id}`, { namespaces: { include: ['shop'] } });
    await patch(`bindings/${binding.id}`, { policies: [{ policy: 'no-latest-tag', instance: 'shop' }] });
    await patch('organization', { fail_on: 'critical' });
    expect((await judged()).decision).toBe('allow');
    await patch(`bindings/${binding.id}`, { enforcement: 'warn' });
    expect((await judged()).decision).toBe('warn');
    await patch('organization', { fail_on: 'info' });
    expect((await judged()).decision).toBe('deny');
    await patch('organization', { fail_on: 'high' });
  });

  it('a published version of an own policy, and its quarantine, count at once', async () => {
    const rego = (message: string): string => `package mine

violation contains {"path": "kind", "found": "Pod", "expected": "none", "message": "${message}"} if input.review.object.kind == "Pod"
`;
    const policy = await created<{ id: string }>('policies', {
      slug: 'no-pods',
      title: 'No pods',
      category: 'reliability',
      severity: 'low',
      description: 'No pods.',
      remediation: 'Write a Deployment.',
      kinds: ['Pod'],
      rego: rego('first'),
    });
    await platform.owner.post(`/api/v1/policies/${policy.id}/publish`);
    await patch(`bindings/${binding.id}`, { policies: [{ policy: 'no-pods' }] });
    const messages = async (): Promise<string[]> =>
      (await judged()).violations.filter((one) => one.policy.slug === 'no-pods').map(({ message }) => message);
    expect(await messages()).toEqual(['first']);
    await platform.owner.post(`/api/v1/policies/${policy.id}/versions`, { rego: rego('second') });
    await platform.owner.post(`/api/v1/policies/${policy.id}/publish`);
    expect(await messages()).toEqual(['second']);
    await platform.query(
      `insert into app.policy_quarantine (org_id, policy_id, version, reason, since)
       select org_id, policy_id, version, 'hangs', now() from app.policy where slug = 'no-pods'`,
    );
    expect(await messages()).toEqual([]);
    await platform.query(`delete from app.policy_quarantine where reason = 'hangs'`);
    expect(await messages()).toEqual(['second']);
  });

  it('a stranger’s change moves nothing here', async () => {
    const stranger = await platform.stranger();
    const moved = (): Promise<unknown[]> => platform.query('select moved_by::text from app.enforcement_revision');
    const before = await moved();
    expect(before).toHaveLength(1);
    const theirs = await stranger.post('/api/v1/targets', { name: 'theirs' });
    expect(theirs.status).toBe(201);
    expect(await moved()).toEqual(before);
    await created('targets', { name: 'ours' });
    expect(await moved()).not.toEqual(before);
  });
});
