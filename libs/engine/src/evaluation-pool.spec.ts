import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EvaluationPool, type EvaluationPoolOptions } from './evaluation-pool.js';
import { policyModule, type PolicyModule } from './policy-module.js';
import type { QuarantineEvent } from './strikes.js';
import { compileSamples, FINDING, samplePolicy, sampleRequestOf } from './testdata/sample-policies.js';

/** Takes hours, and no memory. */
const HANGS = `violation contains ${FINDING} if {
	input.review.object.hang
	n := [i | input.review.object.hang; some i in numbers.range(1, 3000)]
	some a in n
	some b in n
	some c in n
	a > b
	b > c
	c > a
}`;
const withFix = (operation: string): string => FINDING.replace('}', `, "fix": [${operation}]}`);
const POLICIES = [
  ...['a', 'b', 'c', 'd', 'e'].map((slug) =>
    samplePolicy(slug, `violation contains ${FINDING} if input.review.object.bad`),
  ),
  samplePolicy('hangs', HANGS),
  samplePolicy(
    'throws',
    `f(x) := 1 if input.review.object.conflict\n\nf(x) := 2 if input.review.object.conflict\n\nviolation contains ${FINDING} if f(1) == 1`,
  ),
  samplePolicy(
    'hog',
    `violation contains ${FINDING} if {\n\tinput.review.object.hog\n\tcount(numbers.range(1, 20000000)) == 1\n}`,
  ),
];
const SLUGS = POLICIES.map(({ slug }) => slug);
const FIXING = [
  samplePolicy(
    'hangs-when-fixed',
    `violation contains ${withFix('{"op": "add", "path": "/hang", "value": "abc"}')} if input.review.object.bad\n\n${HANGS}`,
  ),
  samplePolicy(
    'mended',
    `violation contains ${withFix('{"op": "remove", "path": "/bad"}')} if input.review.object.bad`,
  ),
];

describe('EvaluationPool', () => {
  let compiled: Awaited<ReturnType<typeof compileSamples>>;
  let module: PolicyModule;
  const pools: EvaluationPool[] = [];
  const moduleOf = (owner: string, key = 'v1') => policyModule({ ...compiled, owner, key, wasm: module.module });
  const aPool = (options: EvaluationPoolOptions = {}) => {
    const pool = new EvaluationPool({ deadlineMs: 300, workers: 1, ...options });
    pools.push(pool);
    return pool;
  };
  const notable = async (
    pool: EvaluationPool,
    object: Record<string, boolean | string>,
    slugs = SLUGS,
    by: PolicyModule = module,
  ) => (await pool.evaluate(by, sampleRequestOf(object, slugs))).filter(({ verdict }) => verdict !== 'pass');

  beforeAll(async () => {
    compiled = await compileSamples([...POLICIES, ...FIXING]);
    module = policyModule({ ...compiled, owner: 'acme', key: 'v1' });
  }, 30_000);
  afterAll(() => Promise.all(pools.map((pool) => pool.close())));

  it('gives one verdict a policy, in the order asked', async () => {
    const verdicts = await aPool().evaluate(module, sampleRequestOf({ bad: true }, ['c', 'throws', 'a']));
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
    const more = Array.from({ length: 20 }, () => notable(pool, { bad: true }, SLUGS, moduleOf('other')));
    expect(await hanging).toEqual([
      ...['a', 'b', 'c', 'd', 'e'].map((policy) => expect.objectContaining({ policy, verdict: 'fail' })),
      { policy: 'hangs', verdict: 'error', reason: 'timed out after 300 ms', findings: [] },
    ]);
    expect((await Promise.all(others)).flat()).toEqual([]);
    expect((await Promise.all(more)).flat()).toHaveLength(100);
  }, 30_000);

  it('tries fixes: what hangs on the mended object keeps its verdict, and is charged (H2)', async () => {
    const events: QuarantineEvent[] = [];
    const pool = aPool({ quarantineAfter: 2, onQuarantine: (event) => events.push(event) });
    const slugs = ['mended', 'hangs-when-fixed', 'a'];
    const request = sampleRequestOf({ bad: true }, slugs);
    const verdicts = await pool.evaluate(module, request, 'whole');
    const patch = [{ op: 'remove', path: '/bad' }];
    expect(verdicts).toEqual([
      { policy: 'mended', verdict: 'fail', findings: [expect.objectContaining({ fix: patch })], patch },
      {
        policy: 'hangs-when-fixed',
        verdict: 'fail',
        findings: [expect.not.objectContaining({ fix: expect.anything() })],
      },
      expect.objectContaining({ policy: 'a', verdict: 'fail' }),
    ]);
    expect(events).toEqual([]);
    await pool.evaluate(module, request, 'each');
    expect(events).toEqual([expect.objectContaining({ policy: 'hangs-when-fixed', reason: 'timed out after 300 ms' })]);
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

  it('does not run a policy any more that missed the deadline or took all memory too often, and tells once', async () => {
    const events: QuarantineEvent[] = [];
    const pool = aPool({ quarantineAfter: 2, onQuarantine: (event) => events.push(event) });
    await notable(pool, { hang: 'abc' }, ['hangs']);
    await notable(pool, { hang: 'abc' }, ['a', 'hangs']);
    for (const _ of [1, 2, 3]) await notable(pool, { hog: true }, ['hog', 'b']);
    const reasons = {
      hangs: 'timed out after 300 ms',
      hog: 'out of memory: the policy needed more than 64 MiB',
    };
    const quarantined = Object.entries(reasons).map(([policy, reason]) => ({
      owner: 'acme',
      policy,
      key: 'v1',
      reason,
    }));
    expect(events).toEqual(quarantined);
    expect(pool.quarantined).toEqual(quarantined);
    expect(await notable(pool, { bad: true }, ['a', 'hangs', 'hog'])).toEqual([
      expect.objectContaining({ policy: 'a', verdict: 'fail' }),
      ...Object.entries(reasons).map(([policy, reason]) => ({
        policy,
        verdict: 'error',
        reason: `quarantined: it is not run any more after 2 failures; the last: ${reason}`,
        findings: [],
      })),
    ]);
  }, 30_000);

  it('runs a quarantined policy again when it is lifted, in a new version, and for others', async () => {
    const pool = aPool({ quarantineAfter: 1 });
    await notable(pool, { hang: 'abc' }, ['hangs']);
    const ask = (by: PolicyModule) => notable(pool, {}, ['hangs'], by);
    expect(await ask(module)).toHaveLength(1);
    expect(await Promise.all([ask(moduleOf('acme', 'v2')), ask(moduleOf('other'))])).toEqual([[], []]);
    pool.lift('acme', 'hangs');
    expect(await ask(module)).toEqual([]);
  }, 30_000);

  it('does not run what was quarantined while it waited', async () => {
    const pool = aPool({ quarantineAfter: 1 });
    const verdicts = await Promise.all(Array.from({ length: 50 }, () => notable(pool, { hang: 'abc' }, ['hangs'])));
    const reasons = verdicts.flat().map(({ reason }) => reason);
    expect(reasons.filter((reason) => reason?.startsWith('quarantined'))).toHaveLength(
      reasons.filter((reason) => reason !== 'timed out after 300 ms').length,
    );
    expect(reasons.filter((reason) => reason?.startsWith('quarantined')).length).toBeGreaterThan(40);
  }, 30_000);

  it('takes owners in turns: one’s thousand don’t delay another’s one', async () => {
    const pool = aPool();
    const order: string[] = [];
    const ask = async (owner: string) => {
      await notable(pool, {}, ['a'], moduleOf(owner));
      order.push(owner);
    };
    await Promise.all([...Array.from({ length: 1000 }, () => ask('big')), ask('small'), ask('small')]);
    expect(order.lastIndexOf('small')).toBeLessThan(20);
  });

  it('gives an owner on probation one worker at most: his neighbours don’t wait for what hangs', async () => {
    let time = 0;
    const pool = aPool({ workers: 2, deadlineMs: 1000, now: () => time });
    const order: string[] = [];
    const ask = async (owner: string, object: Record<string, boolean | string>, slug: string) => {
      const found = await notable(pool, object, [slug], moduleOf(owner));
      order.push(owner);
      return found;
    };
    await ask('hostile', { hang: 'abc' }, 'hangs');
    const hostile = Array.from({ length: 3 }, () => ask('hostile', { hang: 'abc' }, 'hangs'));
    const neighbours = Array.from({ length: 100 }, () => ask('neighbour', { bad: true }, 'a'));
    expect((await Promise.all(neighbours)).flat()).toHaveLength(100);
    await Promise.all(hostile);
    expect(order).toEqual(['hostile', ...neighbours.map(() => 'neighbour'), ...hostile.map(() => 'hostile')]);
    time = 60_000;
    expect(await ask('hostile', {}, 'a')).toEqual([]);
  }, 30_000);

  it('judges by more modules than a worker keeps', async () => {
    const pool = aPool();
    const modules = Array.from({ length: 20 }, () => policyModule({ ...compiled, owner: 'acme', key: 'v1' }));
    for (const round of [modules, modules.toReversed(), modules]) {
      const verdicts = await Promise.all(round.map((by) => notable(pool, { bad: true }, ['a'], by)));
      expect(verdicts.flat()).toHaveLength(20);
    }
  });

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
