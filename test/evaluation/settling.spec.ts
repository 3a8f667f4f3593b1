import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FakeClock, systemScope } from '#kernel';
import type { ComplianceShape, ViolationShape } from '#contracts';
import { SchedulesService } from '#evaluation';
import { OrganizationsDirectory } from '#tenancy';
import { bindOwn } from '../support/bindings.js';
import { TestAgent } from '../support/test-agent.js';
import { TestPlatform } from '../support/test-platform.js';

const MINUTE = 60_000;
const START = Date.UTC(2026, 10, 24, 12);
const aNamespace = (name: string) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
const aQuota = (namespace: string) => ({
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: 'quota', namespace },
  spec: {
    hard: { 'requests.cpu': '10', 'requests.memory': '10Gi', 'limits.cpu': '10', 'limits.memory': '10Gi', pods: '10' },
  },
});

describe('an object that was just made', () => {
  let platform: TestPlatform;
  let agent: TestAgent;
  const clock = new FakeClock(START);
  beforeAll(async () => {
    platform = await TestPlatform.start({ clock });
    agent = await TestAgent.enroll(platform, platform.owner, 'prod');
    await bindOwn(platform.owner, {
      name: 'quotas',
      policies: [{ policy: 'namespace-quota-present' }],
      enforcement: 'audit',
    });
  });
  afterAll(() => platform.stop());

  const upsert = (object: object, made?: number) => ({
    op: 'upsert' as const,
    object: object as never,
    ...(made !== undefined && { attributes: { creation_timestamp: new Date(made).toISOString() } }),
  });
  const failing = async (): Promise<string[]> => {
    const { body } = await platform.owner.get('/api/v1/violations?policy=namespace-quota-present');
    return (body as { items: ViolationShape[] }).items.map(({ object }) => object.name).sort();
  };
  const skipped = async (): Promise<number> =>
    ((await platform.owner.get('/api/v1/compliance?policy=namespace-quota-present')).body as ComplianceShape).counts
      .skipped;
  const look = async (): Promise<void> => {
    const [orgId = ''] = await platform.app.get(OrganizationsDirectory).dangerouslyListAll();
    await platform.app.get(SchedulesService).fireDue(systemScope(orgId, 'test'));
    await platform.settle();
  };

  it('has five minutes to get what belongs to it; one whose age nobody says has none', async () => {
    await agent.send([
      upsert(aNamespace('young'), START - MINUTE),
      upsert(aNamespace('served'), START - MINUTE),
      upsert(aNamespace('old'), START - 10 * MINUTE),
      upsert(aNamespace('ageless')),
    ]);
    await platform.settle();
    expect([await failing(), await skipped()]).toEqual([['ageless', 'old'], 2]);
  });

  it('is judged once it has settled, though nothing changed', async () => {
    await agent.send([upsert(aQuota('served'))]);
    await platform.settle();
    clock.advance(4 * MINUTE - 1);
    await look();
    expect(await failing()).toEqual(['ageless', 'old']);
    clock.advance(1);
    await look();
    expect([await failing(), await skipped()]).toEqual([['ageless', 'old', 'young'], 0]);
    expect(await platform.query('select 1 from app.settling')).toEqual([]);
  });
});
