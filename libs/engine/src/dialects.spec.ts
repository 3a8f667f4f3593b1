import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isJsonObject, type Json } from '#kernel';
import { RegoCompiler } from './compiler.js';
import { ModuleEvaluator } from './module-evaluator.js';
import type { PolicySource } from './policy.js';
import { reviewOf } from './review.js';
import {
  type DialectAnswer,
  type DialectCase,
  type DialectSubject,
  readDialectCases,
} from './testdata/dialect-cases.js';
import { SAMPLE_METADATA, samplePolicy, sampleRequestOf } from './testdata/sample-policies.js';
import type { EvaluationRequest, Finding, PolicyVerdict } from './verdict.js';

const CASES = readDialectCases();

function sourceOf({ name, dialect, rego_version, rego, title = 'Sample', libs = [] }: DialectCase): PolicySource {
  return {
    slug: name,
    file: 'policy.rego',
    source: rego,
    metadata: { ...SAMPLE_METADATA, title },
    own_package: true,
    dialect,
    rego_version,
    libs: libs.map((source, index) => ({ file: `libs[${index}]`, source })),
  };
}

function requestOf({ name }: DialectCase, { object, parameters = {}, inventory }: DialectSubject): EvaluationRequest {
  return {
    review: reviewOf(object, undefined),
    params: { [name]: parameters },
    related: inventory === undefined ? {} : { [name]: { inventory } },
  };
}

/**
 * Theirs has no null where there is nothing to say, and Weave's knows no more of an answer than these; sets come in no
 * order.
 */
function answerOf({ dialect }: DialectCase, { message, path, expected, found = null }: Finding): DialectAnswer {
  return {
    message,
    ...(path !== '' && { path }),
    ...(expected !== null && { expected }),
    ...(found !== null && dialect !== 'weave' && { found: ordered(found) }),
  };
}

function ordered(value: Json): Json {
  if (Array.isArray(value)) return value.map(ordered).toSorted();
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, ordered(member)]));
}

const sorted = (answers: readonly DialectAnswer[]): DialectAnswer[] =>
  answers.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

describe('policies of other engines', () => {
  const compiler = new RegoCompiler();
  let evaluator: ModuleEvaluator;
  beforeAll(async () => {
    const beside = samplePolicy(
      'beside',
      'violation contains {"path": "a", "found": 1, "expected": 0, "message": "no"} if false',
    );
    const { wasm, errors } = await compiler.compile({ lib: [], policies: [...CASES.map(sourceOf), beside] });
    expect(errors).toEqual([]);
    evaluator = new ModuleEvaluator(new WebAssembly.Module(wasm ?? new Uint8Array()));
  }, 120_000);
  afterAll(() => compiler.close());

  it('are there with the answers of their own', () => {
    expect(CASES.length).toBeGreaterThanOrEqual(29);
    for (const { name, subjects, answers } of CASES) expect([name, answers.length]).toEqual([name, subjects.length]);
    expect(new Set(CASES.map(({ dialect }) => dialect))).toEqual(
      new Set(['gatekeeper', 'weave', 'conftest', 'conftest-warn']),
    );
  });

  it.each(CASES.map((one) => [one.name, one] as const))('answer as there, all in one module: %s', (_name, one) => {
    const ours = one.subjects.map((subject) => evaluator.evaluate(requestOf(one, subject))[0]);
    const theirs = one.answers.map((answers) => (answers.length > 0 ? 'fail' : 'pass'));
    expect(ours.map((verdict) => verdict?.verdict)).toEqual(theirs);
    expect(ours.map((verdict) => sorted((verdict?.findings ?? []).map((finding) => answerOf(one, finding))))).toEqual(
      one.answers.map(sorted),
    );
  });

  const asked = async (
    policy: Partial<PolicySource>,
    request: Partial<EvaluationRequest> = {},
  ): Promise<PolicyVerdict> => {
    const source: PolicySource = { slug: 'a-b', file: 'policy.rego', source: '', metadata: SAMPLE_METADATA, ...policy };
    const { wasm, errors } = await compiler.compile({ lib: [], policies: [source] });
    if (wasm === undefined) throw new Error(JSON.stringify(errors));
    const one = new ModuleEvaluator(new WebAssembly.Module(wasm));
    const [verdict] = one.evaluate({ ...sampleRequestOf({}, ['a-b']), ...request });
    return verdict ?? { policy: 'a-b', verdict: 'error', findings: [] };
  };

  it('are skipped where the inventory that they look at is not at hand, whatever they would say without', async () => {
    const source =
      'package a\n\nviolation[{"msg": "nothing like it"}] { count(data.inventory.cluster) == 0 }\n\nviolation[{"msg": "always"}] { true }\n';
    const policy: Partial<PolicySource> = { source, dialect: 'gatekeeper', rego_version: 'v0' };
    expect(await asked(policy)).toMatchObject({
      verdict: 'skipped',
      reason: expect.stringContaining('data.inventory'),
    });
    const related = { 'a-b': { inventory: [] } };
    expect(await asked(policy, { related })).toMatchObject({ verdict: 'fail', findings: [{}, {}] });
  });

  it('err where their own engine does: at messages that are none, and rules that contradict each other', async () => {
    const gatekeeper = { dialect: 'gatekeeper', rego_version: 'v0' } as const;
    const number = await asked({ ...gatekeeper, source: 'package a\n\nviolation[{"msg": 5}] { true }\n' });
    expect(number).toMatchObject({ verdict: 'error', reason: expect.stringContaining('message') });
    const source = 'package a\n\nx = 1 { input.review }\n\nx = 2 { input.review }\n\nviolation[{"msg": "x"}] { x }\n';
    expect(await asked({ ...gatekeeper, source })).toMatchObject({ verdict: 'error' });
    const missing = await asked({
      dialect: 'conftest',
      source: 'package a\n\ndeny contains {"message": "a"} if true\n',
    });
    expect(missing).toMatchObject({ verdict: 'error', reason: expect.stringContaining('message') });
  });

  it.each<[string, string, string[]]>([
    ['another package', 'data.other.x == 1', ['bylaw_reference_error', 'data.other.x is out of reach']],
    ['the shared library', 'data.lib.pods.names', ['bylaw_reference_error', 'data.lib.pods.names is out of reach']],
    ['another policy', 'data.policies.b.violation', ['bylaw_reference_error', 'data.policies.b.violation is out of']],
    ['what its neighbour is made of', 'data.foreign.b.code', ['bylaw_reference_error', 'data.foreign.b.code is out']],
    ['all data', 'some x; data[x]', ['bylaw_reference_error', 'data[']],
    ['the network', 'http.send({}, r)', ['rego_type_error', 'undefined function http.send']],
    ['external data', 'external_data({})', ['rego_type_error', 'undefined function external_data']],
    ['the clock', 'time.now_ns() > 0', ['rego_type_error', 'undefined function time.now_ns']],
    ['`with` on input', 'violation with input as {}', ['bylaw_reference_error', "`with` can't replace input"]],
  ])('can’t reach %s, said at the author’s place', async (_what, expression, [code, message = '']) => {
    const source = `package mine\n\nviolation[{"msg": "a"}] {\n  ${expression}\n}\n`;
    const policy: PolicySource = { slug: 'a', file: 'policy.rego', source, metadata: SAMPLE_METADATA };
    const { errors } = await compiler.check({
      lib: [{ file: 'lib/pods.rego', source: 'package lib.pods\n\nnames contains "a"\n' }],
      policies: [{ ...policy, dialect: 'gatekeeper', rego_version: 'v0' }],
    });
    expect(errors).toContainEqual(expect.objectContaining({ row: 4, code, message: expect.stringContaining(message) }));
  });

  it('hear of their own names, and in which of their files', async () => {
    const policy: PolicySource = {
      slug: 'one-two',
      file: 'policy.rego',
      source: 'package mine\n\nimport data.lib.a\n\nviolation[{"msg": "a"}] { a.f(1) }\n',
      libs: [{ file: 'libs[0]', source: 'package lib.a\n\nf(x) { f(x); input.parameters.y }\n' }],
      metadata: SAMPLE_METADATA,
      dialect: 'gatekeeper',
      rego_version: 'v0',
    };
    const { errors } = await compiler.check({ lib: [], policies: [policy] });
    expect(errors).toEqual([
      expect.objectContaining({
        slug: 'one-two',
        file: 'libs[0]',
        row: 3,
        message: 'rule data.lib.a.f is recursive: data.lib.a.f -> data.lib.a.f',
      }),
    ]);
  });

  it('don’t see each other in the same packages', async () => {
    const of = (slug: string, value: number): PolicySource => ({
      slug,
      file: 'policy.rego',
      source: `package main\n\nimport data.lib.a\n\ndeny contains sprintf("%d", [a.value]) if input.on == ${value}\n`,
      libs: [{ file: 'a.rego', source: `package lib.a\n\nvalue := ${value}\n` }],
      metadata: SAMPLE_METADATA,
      dialect: 'conftest',
    });
    const { wasm } = await compiler.compile({ lib: [], policies: [of('one', 1), of('two', 2)] });
    const both = new ModuleEvaluator(new WebAssembly.Module(wasm ?? new Uint8Array()));
    const verdicts = both.evaluate(sampleRequestOf({ on: 2 }, ['one', 'two']));
    expect(verdicts).toMatchObject([{ verdict: 'pass' }, { verdict: 'fail', findings: [{ message: '2' }] }]);
  });

  it.each<[string, Partial<PolicySource>, string]>([
    ['no rule that answers', { source: 'package a\n\nviolations[x] { x := 1 }\n' }, 'it could never fail'],
    ['an answer that is no set', { source: 'package a\n\nviolation = 1 { true }\n' }, 'violation is not a set'],
    ['an unknown dialect', { dialect: 'kyverno' as never, source: 'package a' }, 'dialect "kyverno" is unknown'],
    ['an unknown version', { rego_version: 'v7' as never, source: 'package a' }, 'Rego version "v7" is unknown'],
    ['nothing', { source: '' }, 'empty module'],
  ])('are refused with %s', async (_what, policy, message) => {
    const source: PolicySource = { slug: 'a', file: 'policy.rego', source: '', metadata: SAMPLE_METADATA };
    const whole = { ...source, dialect: 'gatekeeper', rego_version: 'v0', ...policy } as const;
    const { errors } = await compiler.check({ lib: [], policies: [whole] });
    expect(errors).toContainEqual(expect.objectContaining({ message: expect.stringContaining(message) }));
  });

  it('run their tests with the input of their own engine', async () => {
    const [one] = CASES.filter(({ name }) => name === 'namespace-of-inventory');
    if (one === undefined) throw new Error('the case is gone');
    const test = `package nsof

test_gone { violation[{"msg": "its namespace is not there"}] with input as {"review": {"object": {"metadata": {"namespace": "x"}}}} }

test_there { count(violation) == 0 with data.inventory as {"cluster": {"v1": {"Namespace": {"x": {"a": 1}}}}} with input as {"review": {"object": {"metadata": {"namespace": "x"}}}} }
`;
    const request = {
      lib: [],
      policies: [sourceOf(one)],
      tests: [{ slug: one.name, file: 'a_test.rego', source: test }],
    };
    const { tests, errors } = await compiler.test(request);
    expect(errors).toEqual([]);
    expect(tests.map(({ name, pass }) => [name, pass])).toEqual([
      ['test_gone', true],
      ['test_there', true],
    ]);
  });
});
