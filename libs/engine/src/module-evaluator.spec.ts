import { beforeAll, describe, expect, it } from '@jest/globals';
import { ModuleEvaluator } from './module-evaluator.js';
import { compileSamples, FINDING, samplePolicy, sampleRequestOf } from './testdata/sample-policies.js';

const POLICIES = [
  samplePolicy(
    'replicas',
    [
      'violation contains {"path": "spec.replicas", "found": n, "expected": m, "message": $"has {n}"} if {',
      '\tn := input.review.object.spec.replicas',
      '\tm := input.parameters.min',
      '\tn < m',
      '}',
      'skipped contains "nothing was posted" if not input.related.scalers',
      'not_applicable contains "scaled to 0" if input.review.object.spec.replicas == 0',
    ].join('\n'),
  ),
  samplePolicy(
    'conflict',
    `value := 1 if input.review.object.conflict\n\nvalue := 2 if input.review.object.conflict\n\nviolation contains ${FINDING} if value == 1`,
  ),
  samplePolicy(
    'hog',
    `violation contains ${FINDING} if {\n\tinput.review.object.hog\n\tcount(numbers.range(1, 20000000)) == 1\n}`,
  ),
  samplePolicy(
    'malformed',
    'violation contains {"path": 1} if input.review.object.malformed\n\nviolation contains {"path": "a", "found": 1, "expected": 2, "message": "m", "colour": 1} if input.review.object.coloured',
  ),
  samplePolicy(
    'echo',
    'violation contains {"path": "a", "found": input.review.object.text, "expected": null, "message": "echo"} if input.review.object.text',
  ),
  samplePolicy(
    'raw',
    'violation contains {"path": t, "found": {t: [t]}, "expected": null, "message": t} if t := json.unmarshal(input.review.object.raw)',
  ),
  samplePolicy(
    'secret',
    'violation contains {"path": "a", "found": "hunter2", "expected": "none", "message": "m", "sensitive": true} if input.review.object.secret',
  ),
  samplePolicy(
    'many',
    'violation contains {"path": $"a[{i}]", "found": i, "expected": 0, "message": "m"} if some i in input.review.object.many',
  ),
];
const SLUGS = POLICIES.map(({ slug }) => slug);

describe('ModuleEvaluator', () => {
  let module: WebAssembly.Module;
  beforeAll(async () => {
    module = new WebAssembly.Module((await compileSamples(POLICIES)).wasm);
  }, 30_000);

  const judge = (object: Record<string, never> | Record<string, unknown>, slugs = SLUGS) =>
    new ModuleEvaluator(module).evaluate(sampleRequestOf(object as never, slugs));
  const notable = (object: Record<string, unknown>) =>
    judge(
      object,
      SLUGS.filter((slug) => slug !== 'replicas'),
    ).filter(({ verdict }) => verdict !== 'pass');

  it.each([
    [1, { scalers: [] }, 'fail'],
    [3, { scalers: [] }, 'pass'],
    [0, { scalers: [] }, 'fail'],
    [3, {}, 'skipped'],
    [1, {}, 'fail'],
  ])('takes the strongest of a policy’s answers: %j replicas, related %j', (replicas, related, verdict) => {
    const request = {
      ...sampleRequestOf({ spec: { replicas } }, []),
      params: { replicas: { min: 2 } },
      related: { replicas: related },
    };
    expect(new ModuleEvaluator(module).evaluate(request)[0]?.verdict).toBe(verdict);
  });

  it('gives each policy its own parameters and related objects', () => {
    const request = {
      ...sampleRequestOf({ spec: { replicas: 0 } }, []),
      params: { replicas: { min: 0 } },
      related: { other: { scalers: [] }, replicas: { scalers: [] } },
    };
    expect(new ModuleEvaluator(module).evaluate(request)).toEqual([
      { policy: 'replicas', verdict: 'not_applicable', reason: 'scaled to 0', findings: [] },
    ]);
  });

  it('charges a conflict to its policy alone (H2)', () => {
    expect(notable({ conflict: true, text: 'x' })).toEqual([
      {
        policy: 'conflict',
        verdict: 'error',
        reason: expect.stringMatching(/^eval_conflict_error: .*policy\.rego:/),
        findings: [],
      },
      expect.objectContaining({ policy: 'echo', verdict: 'fail' }),
    ]);
  });

  it('charges exhausted memory to its policy alone, and goes on afterwards', () => {
    const evaluator = new ModuleEvaluator(module, { memoryMaxBytes: 16 * 1024 * 1024 });
    const verdicts = evaluator.evaluate(sampleRequestOf({ hog: true }, SLUGS.slice(1)));
    expect(verdicts.filter(({ verdict }) => verdict !== 'pass')).toEqual([
      { policy: 'hog', verdict: 'error', reason: 'out of memory: the policy needed more than 16 MiB', findings: [] },
    ]);
    expect(evaluator.evaluate(sampleRequestOf({}, ['hog']))[0]?.verdict).toBe('pass');
  });

  it('makes an error of a malformed finding, never a pass', () => {
    expect(notable({ malformed: true })[0]).toMatchObject({
      policy: 'malformed',
      verdict: 'error',
      reason: 'malformed finding: path is missing or not a text',
    });
    expect(notable({ coloured: true })[0]?.reason).toBe('malformed finding: unknown key colour');
  });

  it.each(['Grüße 世界 🚀', 'quote " backslash \\ \\ud800', 'line\nbreak\ttab \u0001', ''.padEnd(300_000, 'ä')])(
    'carries text through unchanged (%#)',
    (text) => {
      expect(notable({ text })[0]?.findings[0]?.found).toBe(text);
    },
  );

  it('replaces half a character, which is no text', () => {
    expect(notable({ text: 'a\ud800b' })[0]?.findings[0]?.found).toBe('a\ufffdb');
  });

  it('replaces NUL and halves of characters wherever a policy puts them: Postgres can’t store them', () => {
    expect(notable({ raw: '"a\\u0000b\\ud83d"' })[0]?.findings).toEqual([
      {
        path: 'a\ufffdb\ufffd',
        found: { 'a\ufffdb\ufffd': ['a\ufffdb\ufffd'] },
        expected: null,
        message: 'a\ufffdb\ufffd',
      },
    ]);
  });

  it('lets each policy find a thousand things, and keeps the others’ verdicts where one finds more', () => {
    const found = (length: number) => notable({ many: Array.from({ length }, (_, index) => index), secret: true });
    expect(found(1000).map(({ policy, findings }) => [policy, findings.length])).toEqual([
      ['secret', 1],
      ['many', 1000],
    ]);
    expect(found(1001).map(({ policy, verdict, reason }) => [policy, verdict, reason])).toEqual([
      ['secret', 'fail', undefined],
      ['many', 'error', 'the policy found 1001: at most 1000 are kept of one object'],
    ]);
  });

  it('takes an answer of a megabyte apart: only the policy whose own is too long gets an error', () => {
    const text = ''.padEnd(1024 * 1024, 'x');
    expect(notable({ text, secret: true }).map(({ policy, verdict, reason }) => [policy, verdict, reason])).toEqual([
      ['echo', 'error', expect.stringMatching(/^the answer has 1\d{6} bytes: at most 1048576 \(1 MiB\)/)],
      ['secret', 'fail', undefined],
    ]);
  });

  it('lets go of an instance that has grown, and judges on', () => {
    const evaluator = new ModuleEvaluator(module);
    const grow = () => evaluator.evaluate(sampleRequestOf({ hog: true }, ['hog']))[0]?.verdict;
    const text = ''.padEnd(500_000, 'x');
    for (const bytes of [0, 1024 * 1024 * 1024]) {
      expect(grow()).toBe('error');
      expect(evaluator.evaluate(sampleRequestOf({ text }, ['echo']))[0]?.verdict).toBe('fail');
      evaluator.releaseBeyond(bytes);
      expect(evaluator.evaluate(sampleRequestOf({ text }, ['echo']))[0]?.verdict).toBe('fail');
    }
  });

  it('withholds what a sensitive finding found (V3)', () => {
    expect(notable({ secret: true })[0]?.findings).toEqual([
      { path: 'a', expected: 'none', message: 'm', sensitive: true },
    ]);
  });

  it('sorts findings by place', () => {
    expect(notable({ many: [3, 1, 2] })[0]?.findings.map(({ path }) => path)).toEqual(['a[1]', 'a[2]', 'a[3]']);
  });

  it('says so where the module has no such policy', () => {
    expect(judge({}, ['absent'])).toEqual([
      { policy: 'absent', verdict: 'error', reason: 'the policy gave no answer', findings: [] },
    ]);
  });

  it('judges a thousand objects on one heap', () => {
    const evaluator = new ModuleEvaluator(module, { memoryMaxBytes: 8 * 1024 * 1024 });
    const text = ''.padEnd(20_000, 'x');
    const verdicts = Array.from(
      { length: 1000 },
      () => evaluator.evaluate(sampleRequestOf({ text }, ['echo']))[0]?.verdict,
    );
    expect(new Set(verdicts)).toEqual(new Set(['fail']));
  });
});
