import { afterAll, describe, expect, it } from '@jest/globals';
import { CompilerCrashError, RegoCompiler } from './compiler.js';
import { FINDING, tenantPolicy } from './testdata/sample-policies.js';

const RULE = `violation contains ${FINDING} if true\n\n`;
const times = (part: string, count: number) => part.repeat(count);
const nested = (open: string, middle: string, close: string, depth: number) =>
  times(open, depth) + middle + times(close, depth);

/** What once ended the compiler, each with where its limit is crossed. */
const HOSTILE: [what: string, rules: string, code: string, row: number, col: number][] = [
  ['100,000 open brackets', `x := ${times('[', 100_000)}`, 'bylaw_too_deep', 5, 38],
  ['brackets in brackets', `x := ${nested('[', '1', ']', 2000)}`, 'bylaw_too_deep', 5, 38],
  ['calls in calls', `x := ${nested('abs(', '1', ')', 1000)}`, 'bylaw_too_deep', 5, 137],
  ['comprehensions in comprehensions', `x := ${nested('[1 | y := ', '1', ']', 500)}`, 'bylaw_too_deep', 5, 69],
  ['comprehensions before comprehensions', `x := ${nested('[', '1', ' | true]', 30)}`, 'bylaw_too_deep', 5, 86],
  ['templates in templates', `x := ${nested('$"{', '1', '}"', 100)}`, 'bylaw_too_deep', 5, 26],
  ['a sum of 100,000', `x := 1${times('+1', 100_000)}`, 'bylaw_too_deep', 5, 1994],
  ['5,000 else', `x := 1 if input.review.a\n${times('else := 1 if input.review.b\n', 5000)}`, 'bylaw_too_deep', 206, 1],
  ['a reference of 10,000 parts', `x := input.review${times('.a', 10_000)}`, 'bylaw_too_deep', 5, 6],
  ['a comment that nests', `# METADATA\n# description: ${times('[', 5000)}\nx := 1`, 'bylaw_too_deep', 6, 48],
  ['a comment that steps inwards', `# METADATA\n# custom: \n#${times(' -', 5000)}\nx := 1`, 'bylaw_too_deep', 7, 1],
  ['not not not…', `x if {\n${times('not ', 60_000)} true\n}`, 'rego_parse_error', 6, 5],
  ['ten megabytes', times('# ten megabytes of nothing at all\n', 300_000), 'bylaw_too_large', 7711, 32],
  [
    'a million rules',
    Array.from({ length: 1_000_000 }, (_, index) => `r${index} := 1`).join('\n'),
    'bylaw_too_large',
    22_767,
    2,
  ],
];

describe('RegoCompiler, given too much', () => {
  const compiler = new RegoCompiler();
  afterAll(() => compiler.close());
  const check = (...rules: string[]) =>
    compiler.check({ lib: [], policies: rules.map((rule, index) => tenantPolicy(`policy-${index}`, RULE + rule)) });

  it.each(HOSTILE)('says where %s is too much, and works on', async (_what, rules, code, row, col) => {
    const { ok, errors } = await check('x := 1', rules);
    expect({ ok, errors }).toEqual({
      ok: false,
      errors: [expect.objectContaining({ slug: 'policy-1', file: 'policy.rego', code, row, col })],
    });
    expect((await check('x := 1')).ok).toBe(true);
  });

  it('takes what is as deep and wide as people write it', async () => {
    const object = nested('{"spec": [', '{"name": "a"}', ']}', 12);
    const brackets = '# (((( a comment [[[[ with a "quote, a `tick and {{{{ brackets\n';
    const pattern = `p := \`${times('(', 60)}\`\n\nq := "${times('[', 60)}"\n\nt := $"{[x | some x in ["}"]][0]} \\{ {"{"}"`;
    const wide = `x := [${times('1, ', 5000)}1]\n\ny := ${object}\n\n${brackets}${pattern}`;
    expect((await check(wide)).errors).toEqual([]);
  });

  it('says that rules depend too deeply on each other, without losing its process', async () => {
    const chain = Array.from({ length: 9000 }, (_, index) => `r${index} := r${index + 1}`).join('\n');
    const [failed, next] = await Promise.all([check(`${chain}\nr9000 := 1`), check('x := 1')]);
    expect(failed.errors).toEqual([expect.objectContaining({ code: 'bylaw_too_deep', row: 0, col: 0 })]);
    expect(next.ok).toBe(true);
  });

  it('refuses sources that are too much together, without sending them', async () => {
    const big = times('# a line of comment that means nothing\n', 6500);
    const { errors } = await check(...Array.from({ length: 70 }, () => big));
    expect(errors).toEqual([
      expect.objectContaining({ code: 'bylaw_too_large', message: expect.stringContaining('at most 16777216') }),
    ]);
    const { errors: large } = await check('x := 1', times('#', 20_000_000));
    expect(large).toEqual([expect.objectContaining({ slug: 'policy-1', code: 'bylaw_too_large', row: 1, col: 1 })]);
  });

  it('tells a hundred errors of a source, not twenty thousand', async () => {
    const { errors } = await check(Array.from({ length: 5000 }, (_, index) => `r${index} := nothing`).join('\n'));
    expect(errors).toHaveLength(101);
    expect(errors.at(-1)).toMatchObject({ code: 'bylaw_too_many_errors' });
  });

  it('compiles a thousand policies at once', async () => {
    const rules = Array.from({ length: 1000 }, (_, index) => `x := ${index}`);
    const policies = rules.map((rule, index) => tenantPolicy(`policy-${index}`, RULE + rule));
    const { errors, wasm } = await compiler.compile({ lib: [], policies });
    expect(errors).toEqual([]);
    expect(wasm?.length).toBeGreaterThan(100_000);
  }, 60_000);
});

describe('RegoCompiler, evaluating what takes too much', () => {
  const compiler = new RegoCompiler({ memoryMaxBytes: 256 * 1024 * 1024 });
  afterAll(() => compiler.close());
  const evaluate = (rules: string, options?: { timeoutMs: number }) =>
    compiler.evaluate(
      { lib: [], policies: [tenantPolicy('one', rules)], input: { review: { object: {} }, params: { one: {} } } },
      options,
    );
  const works = async () => expect((await evaluate(RULE)).result).toHaveProperty('one');

  it('fails one call where memory runs out, says so, and works on', async () => {
    const hog = `violation contains ${FINDING} if count([x | some a in numbers.range(1, 1000); x := sprintf("%1000000d", [a])]) == 0`;
    await expect(evaluate(hog)).rejects.toThrow(
      /crashed: its process ended \(.*\): it needed more than 256 MiB of memory$/,
    );
    await works();
  }, 120_000);

  it('ends a call at its own deadline, and says how long that was', async () => {
    const loop = `violation contains ${FINDING} if count([1 | some a in numbers.range(1, 100000); some b in numbers.range(1, 100000); a + b == 0]) == 1`;
    await works();
    const failing = evaluate(loop, { timeoutMs: 700 });
    await expect(failing).rejects.toThrow(CompilerCrashError);
    await expect(failing).rejects.toThrow('it did not answer within 700 ms');
    await works();
  }, 60_000);

  it('cuts what is printed and traced, and says so', async () => {
    const chatty = `violation contains ${FINDING} if {\n\tsome i in numbers.range(1, 30000)\n\tprint("größer", i)\n\ti < 0\n}`;
    const { output, ok } = await evaluate(chatty);
    expect(ok).toBe(true);
    expect(output).toMatch(/^größer 1\ngrößer 2\n/);
    expect(output).toMatch(/\n\(cut: the output is longer than 262144 bytes\)\n$/);
    expect(output).not.toContain('\ufffd');
    expect(Buffer.byteLength(output)).toBeLessThan(263_000);
  });

  it('refuses an answer of more than a megabyte', async () => {
    const long =
      'violation contains {"path": "a", "found": sprintf("%1000000d%1000000d", [1, 2]), "expected": 0, "message": "m"}';
    expect((await evaluate(long)).errors).toEqual([
      expect.objectContaining({ code: 'bylaw_too_large', message: expect.stringContaining('at most 1048576 (1 MiB)') }),
    ]);
  });
});
