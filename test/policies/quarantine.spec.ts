import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '#testing';
import type { PolicyDetail, TriggerShape, ValidationResult } from '#contracts';
import { bindOwn } from '../support/bindings.js';
import type { TestAnswer } from '../support/test-client.js';
import { TestPlatform } from '../support/test-platform.js';

const ENDLESS = `package endless
hundred := numbers.range(1, 100)
violation contains {"path": "a", "found": 1, "expected": 0, "message": "no"} if {
  input.review.object.metadata.labels.slow
  some a in hundred
  some b in hundred
  some c in hundred
  some d in hundred
  (a + b) + (c + d) < 0
}
`;
/** Whichever it meets first. */
const TOO_FAR = /timed out after 500 ms|out of memory: the policy needed more than 64 MiB/;
const aPod = (slow: boolean) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'a', namespace: 'shop', labels: slow ? { slow: 'yes' } : {} },
  spec: { containers: [{ name: 'a', image: 'a:latest' }] },
});

describe('a policy that never ends', () => {
  let platform: TestPlatform;
  let policy: PolicyDetail;
  beforeAll(async () => {
    platform = await TestPlatform.start();
    const about = { title: 'Endless', category: 'security', severity: 'low', kinds: ['Pod'] };
    const made = await platform.owner.post('/api/v1/policies', { slug: 'endless', ...about, rego: ENDLESS });
    policy = made.body as PolicyDetail;
    await platform.owner.post(`/api/v1/policies/${policy.id}/publish`, {});
    const triggers = (await platform.owner.get('/api/v1/triggers')).body as { items: TriggerShape[] };
    const ci = triggers.items.filter(({ type }) => type === 'ci').map(({ id }) => id);
    await bindOwn(platform.owner, { name: 'endless', policies: [{ policy: 'endless' }], trigger_ids: ci });
  });
  afterAll(() => platform.stop());

  const validate = async (slow: boolean): Promise<ValidationResult> =>
    (await platform.owner.post('/api/v1/validate', aPod(slow))).body as ValidationResult;
  const reasonOf = ({ unresolved }: ValidationResult): string | undefined =>
    unresolved.find((one) => one.policy === 'endless')?.reason;
  const detail = async (): Promise<PolicyDetail> =>
    (await platform.owner.get(`/api/v1/policies/${policy.id}`)).body as PolicyDetail;

  it('costs its own verdict, and that only: the library’s stand', async () => {
    const result = await validate(true);
    expect(reasonOf(result)).toMatch(TOO_FAR);
    expect(result.violations.map(({ policy: { slug } }) => slug)).toContain('no-latest-tag');
    expect(reasonOf(await validate(false))).toBeUndefined();
  });

  it('is not run any more after five times, and its owner reads why', async () => {
    for (let i = 0; i < 4; i++) await validate(true);
    const { quarantine } = await eventually(async () => {
      const shown = await detail();
      return shown.quarantine !== null && shown;
    }, 'the quarantine');
    expect(quarantine?.reason).toMatch(TOO_FAR);
    expect(reasonOf(await validate(false))).toContain('quarantined');
    const log = await platform.owner.get('/api/v1/audit-log?action=policy.quarantine');
    expect((log.body as { items: object[] }).items).toMatchObject([{ after: { slug: 'endless', version: 1 } }]);
  });

  it('is run again once that is lifted, and a new version is a new beginning', async () => {
    const lift = (): Promise<TestAnswer> => platform.owner.delete(`/api/v1/policies/${policy.id}/quarantine`);
    expect((await lift()).status).toBe(204);
    expect((await lift()).status).toBe(404);
    expect((await detail()).quarantine).toBeNull();
    expect(reasonOf(await validate(false))).toBeUndefined();
    await platform.owner.patch(`/api/v1/policies/${policy.id}`, {
      rego: ENDLESS.replace('labels.slow', 'labels.never'),
    });
    await platform.owner.post(`/api/v1/policies/${policy.id}/publish`, {});
    expect(reasonOf(await validate(true))).toBeUndefined();
  });
});
