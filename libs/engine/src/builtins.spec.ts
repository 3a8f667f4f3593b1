import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { HOST_BUILTINS } from './builtins.js';
import { RegoCompiler } from './compiler.js';
import { ModuleEvaluator } from './module-evaluator.js';
import type { PolicySource } from './policy.js';
import { CASE_OBJECT, readBuiltinCases } from './testdata/builtin-cases.js';
import { verdictOf, type EvaluationRequest, type PolicyVerdict } from './verdict.js';

const { host, native, known } = readBuiltinCases();
const AGREEING = [...host, ...native];
const CASES = [...AGREEING, ...known];

/** One policy a case: its finding carries the value, no finding means that the value is undefined. */
function policyOf(expression: string, index: number): PolicySource {
  const source = `# METADATA
# title: Case ${index}
# custom:
#   category: reliability
#   severity: info
#   kinds: ["*"]
package bylaw.case_${index}

violation contains {"path": "case", "found": value, "expected": null, "message": "value"} if {
	o := input.review.object
	value := ${expression}
	o
}
`;
  return { slug: `case-${index}`, file: 'policy.rego', source };
}

function outcome(verdict: PolicyVerdict | undefined): unknown {
  if (verdict?.verdict === 'fail') return { value: verdict.findings[0]?.found };
  return verdict?.verdict === 'pass' ? 'undefined' : verdict?.reason;
}

describe('functions of the WASM host', () => {
  const compiler = new RegoCompiler();
  const policies = CASES.map(policyOf);
  const request: EvaluationRequest = {
    review: { kind: { group: '', version: 'v1', kind: 'Case' }, name: 'case', object: CASE_OBJECT },
    params: Object.fromEntries(policies.map(({ slug }) => [slug, {}])),
  };
  let ours: Map<string, PolicyVerdict>;
  let theirs: Record<string, unknown>;

  beforeAll(async () => {
    const compiled = await compiler.compile({ lib: [], policies });
    expect(compiled.errors).toEqual([]);
    const evaluator = new ModuleEvaluator(new WebAssembly.Module(compiled.wasm ?? new Uint8Array()));
    ours = new Map(evaluator.evaluate(request).map((verdict) => [verdict.policy, verdict]));
    const input = { review: request.review, params: request.params, related: {}, context: {} };
    const answer = await compiler.evaluate({ lib: [], policies, input });
    expect(answer.errors).toEqual([]);
    theirs = answer.result as Record<string, unknown>;
  }, 60_000);

  afterAll(() => compiler.close());

  it.each(AGREEING.map((expression, index) => [expression, index] as const))(
    '%s answers as in Go',
    (_expression, index) => {
      const slug = `case-${index}`;
      expect(outcome(ours.get(slug))).toEqual(outcome(verdictOf(slug, theirs[slug])));
    },
  );

  it('differ from Go only where it is known', () => {
    const differing = CASES.filter((_expression, index) => {
      const slug = `case-${index}`;
      return !isDeepStrictEqual(outcome(ours.get(slug)), outcome(verdictOf(slug, theirs[slug])));
    });
    expect(differing).toEqual(known);
  });

  it('are exactly those that the compiler lets policies call', async () => {
    const { host_builtins } = await compiler.versions();
    expect(host_builtins).toEqual([...HOST_BUILTINS.keys()].sort());
  });

  it('each have a case', () => {
    const untried = [...HOST_BUILTINS.keys()].filter((name) => !AGREEING.some((text) => text.includes(`${name}(`)));
    expect(untried).toEqual([]);
  });
});
