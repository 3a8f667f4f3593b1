import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EvaluationPool } from './evaluation-pool.js';
import { compileSamples, FINDING, samplePolicy, sampleRequestOf } from './testdata/sample-policies.js';

/** Replacing an empty text never ends in OPA's WASM runtime, and takes no memory. */
const HANGS = `violation contains ${FINDING} if {
	input.review.object.hang
	replace(input.review.object.hang, "", "-") == ""
}`;
const POLICIES = [
  ...['a', 'b', 'c', 'd', 'e'].map((slug) =>
    samplePolicy(slug, `violation contains ${FINDING} if input.review.object.bad`),
  ),
  samplePolicy('hangs', HANGS),
  samplePolicy(
    'throws',
    `f(x) := 1 if input.review.object.conflict\n\nf(x) := 2 if input.review.object.conflict\n\nviolation contains ${FINDING} if f(1) == 1`,
  ),
];
const SLUGS = POLICIES.map(({ slug }) => slug);

describe('EvaluationPool', () => {
  let compiled: Awaited<ReturnType<typeof compileSamples>>;
  const pools: EvaluationPool[] = [];
  const aPool = (options: { deadlineMs?: number; workers?: number; quarantineAfter?: number } = {}) => {
    const pool = new EvaluationPool({ ...compiled, deadlineMs: 300, workers: 1, ...options });
    pools.push(pool);
    return pool;
  };
  const notable = async (pool: EvaluationPool, object: Record<string, boolean | string>, slugs = SLUGS) =>
    (await pool.evaluate(sampleRequestOf(object, slugs))).filter(({ verdict }) => verdict !== 'pass');

  beforeAll(async () => {
    compiled = await compileSamples(POLICIES);
  }, 30_000);
  afterAll(() => Promise.all(pools.map((pool) => pool.close())));

  it('gives one verdict a policy, in the order asked', async () => {
    const verdicts = await aPool().evaluate(sampleRequestOf({ bad: true }, ['c', 'throws', 'a']));
    expect(verdicts.map(({ policy, verdict }) => [policy, verdict])).toEqual([
      ['c', 'fail'],
      ['throws', 'pass'],
      ['a', 'fail'],
    ]);
  });

  it('charges a policy that hangs with the deadline, and leaves everybody else their verdict (H2)', async () => {
    const pool = aPool();
    const others = Array.from({ length: 20 }, () => notable(pool, {}));
    const hanging = notable(pool, { hang: 'abc', bad: true });
    const more = Array.from({ length: 20 }, () => notable(pool, { bad: true }));
    expect(await hanging).toEqual([
      ...['a', 'b', 'c', 'd', 'e'].map((policy) => expect.objectContaining({ policy, verdict: 'fail' })),
      { policy: 'hangs', verdict: 'error', reason: 'timed out after 300 ms', findings: [] },
    ]);
    expect((await Promise.all(others)).flat()).toEqual([]);
    expect((await Promise.all(more)).flat()).toHaveLength(100);
  }, 30_000);

  it('charges a policy that throws', async () => {
    expect(await notable(aPool(), { conflict: true })).toEqual([
      expect.objectContaining({
        policy: 'throws',
        verdict: 'error',
        reason: expect.stringContaining('eval_conflict_error'),
      }),
    ]);
  });

  it('does not run a policy any more that missed the deadline too often', async () => {
    const pool = aPool({ quarantineAfter: 2, deadlineMs: 200 });
    for (const _ of [1, 2]) await notable(pool, { hang: 'abc' }, ['hangs']);
    expect(pool.quarantined).toEqual(['hangs']);
    expect(await notable(pool, {}, ['a', 'hangs'])).toEqual([
      { policy: 'hangs', verdict: 'error', reason: 'quarantined: it missed the deadline 2 times', findings: [] },
    ]);
  }, 30_000);

  it('does not take many short tasks in a row for one that hangs', async () => {
    const pool = aPool({ deadlineMs: 150 });
    const until = performance.now() + 600;
    const found: unknown[] = [];
    const keepBusy = async (): Promise<void> => {
      while (performance.now() < until) found.push(...(await notable(pool, {}, ['a'])));
    };
    await Promise.all(Array.from({ length: 12 }, keepBusy));
    expect(found).toEqual([]);
  });

  it('says so where the module has no such policy', async () => {
    expect(await notable(aPool(), {}, ['a', 'absent'])).toEqual([
      { policy: 'absent', verdict: 'error', reason: 'the module has no policy absent', findings: [] },
    ]);
  });

  it('rejects what waits when it is closed', async () => {
    const pool = aPool();
    const waiting = Promise.allSettled([notable(pool, {}), notable(pool, {})]);
    await pool.close();
    expect((await waiting).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(notable(pool, {})).rejects.toThrow('closed');
  });
});
