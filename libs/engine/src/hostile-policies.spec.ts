import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EvaluationPool } from './evaluation-pool.js';
import { policyModule, type PolicyModule } from './policy-module.js';
import { HOSTILE } from './testdata/hostile-policies.js';
import { compileSamples, FINDING, sampleRequestOf, tenantPolicy } from './testdata/sample-policies.js';

describe('a hostile policy costs its own verdict only', () => {
  const limits = { workers: 2, memoryMaxBytes: 64 * 1024 * 1024 };
  const strict = new EvaluationPool({ ...limits, deadlineMs: 500 });
  /** Where what is told is not that time ran out, which on a busy machine would come first. */
  const patient = new EvaluationPool({ ...limits, deadlineMs: 20_000 });
  let tenant: PolicyModule;
  let other: PolicyModule;
  const good = tenantPolicy('good', `violation contains ${FINDING} if input.review.object.text == "x"`);
  const object = { text: 'x', deep: nested(90) };

  beforeAll(async () => {
    const policies = HOSTILE.map(([, body], index) => tenantPolicy(`hostile-${index}`, body));
    tenant = policyModule({ ...(await compileSamples([good, ...policies])), owner: 'hostile', key: 'v1' });
    other = policyModule({ ...(await compileSamples([good])), owner: 'other', key: 'v1' });
  }, 60_000);
  afterAll(() => Promise.all([strict.close(), patient.close()]));

  it.each(HOSTILE.map(([what, , reads], index) => [what, `hostile-${index}`, reads] as const))(
    'that %s',
    async (_what, slug, reads) => {
      const pool = reads instanceof RegExp && reads.source.includes('timed out') ? strict : patient;
      const [mine, theirs] = await Promise.all([
        pool.evaluate(tenant, sampleRequestOf(object, ['good', slug])),
        Promise.all(Array.from({ length: 20 }, () => pool.evaluate(other, sampleRequestOf(object, ['good'])))),
      ]);
      expect(mine).toEqual([
        expect.objectContaining({ policy: 'good', verdict: 'fail' }),
        typeof reads === 'string'
          ? expect.objectContaining({ policy: slug, verdict: reads })
          : { policy: slug, verdict: 'error', reason: expect.stringMatching(reads), findings: [] },
      ]);
      expect(theirs.flat().map(({ verdict }) => verdict)).toEqual(theirs.map(() => 'fail'));
    },
    30_000,
  );
});

function nested(depth: number): never {
  return (depth === 0 ? 'end' : { a: nested(depth - 1), b: [1] }) as never;
}
