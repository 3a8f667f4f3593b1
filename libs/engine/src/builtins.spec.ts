import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { HOST_BUILTINS } from './builtins.js';
import type { CompilerVersions } from './compiler-protocol.js';
import { RegoCompiler } from './compiler.js';
import { ModuleEvaluator } from './module-evaluator.js';
import {
  findingsOf,
  policiesOf,
  readBuiltinCases,
  requestOf,
  valuesOf,
  type BuiltinCase,
} from './testdata/builtin-cases.js';

const groups = readBuiltinCases();
const all = groups.flatMap(({ cases }) => cases);

/** What the shipped engine says: compiled to WASM and judged as any policy is. */
async function valuesOfEngine(compiler: RegoCompiler, cases: readonly BuiltinCase[]): Promise<string[]> {
  const policies = policiesOf(cases);
  const { errors, wasm } = await compiler.compile({ lib: [], policies });
  expect(errors).toEqual([]);
  const verdicts = new ModuleEvaluator(new WebAssembly.Module(wasm ?? new Uint8Array())).evaluate(requestOf(policies));
  const failed = verdicts.filter(({ verdict }) => verdict === 'error');
  if (cases.length === 1 && failed.length === 1) return [`error: ${failed[0]?.reason}`];
  expect(failed).toEqual([]);
  return valuesOf(
    cases.length,
    verdicts.flatMap(({ findings }) => findings),
  );
}

function asWritten(cases: readonly BuiltinCase[], values: readonly (string | undefined)[]): string[] {
  return cases.map(({ expression }, index) => `${expression}\n  ${values[index]}`);
}

describe('functions of OPA', () => {
  const compiler = new RegoCompiler();
  let versions: CompilerVersions;

  beforeAll(async () => {
    versions = await compiler.versions();
  }, 60_000);

  afterAll(() => compiler.close());

  it.each(groups.filter(({ cases }) => cases.some(({ known }) => known === undefined)))(
    'answer in the shipped engine as Go does: $name',
    async ({ cases }) => {
      const values = await valuesOfEngine(compiler, cases);
      const wanted = cases.map(({ expected }) => expected);
      expect(asWritten(cases, values)).toEqual(asWritten(cases, wanted));
    },
    60_000,
  );

  it('differ from Go only where it is known, and as it is known', async () => {
    for (const one of all.filter(({ known }) => known !== undefined)) {
      const [value] = await valuesOfEngine(compiler, [one]);
      expect([one.expression, value]).toEqual([one.expression, one.known]);
      expect([one.expression, value]).not.toEqual([one.expression, one.expected]);
    }
  }, 120_000);

  it('are in Go what the cases say', async () => {
    const policies = policiesOf(all);
    const answer = await compiler.evaluate({ lib: [], policies, input: requestOf(policies) });
    expect(answer.errors).toEqual([]);
    const values = valuesOf(all.length, findingsOf(answer.result));
    expect(
      asWritten(all, values),
      // After a change: node tools/builtin-cases.mjs
    ).toEqual(
      asWritten(
        all,
        all.map(({ expected }) => expected),
      ),
    );
  }, 60_000);

  it('are tried in at least four hundred cases, those of the host in at least one each', () => {
    expect(all.length).toBeGreaterThan(400);
    const untried = [...HOST_BUILTINS.keys()].filter(
      (name) => !OPERATORS.has(name) && !all.some(({ expression }) => expression.includes(`${callable(name)}(`)),
    );
    expect(untried).toEqual([]);
  });

  it('are each brought by WASM, supplied by the host, erased, or refused: one of these', () => {
    const { host_builtins, native_builtins, erased_builtins, all_builtins } = versions;
    const allowed = [...host_builtins, ...native_builtins, ...erased_builtins];
    expect(allowed.filter((name, index) => allowed.indexOf(name) !== index)).toEqual([]);
    expect(allowed.filter((name) => all_builtins[name] === undefined)).toEqual([]);
    const supplied = [...HOST_BUILTINS.keys()].filter((name) => !name.startsWith('bylaw.'));
    expect(host_builtins.toSorted()).toEqual(supplied.toSorted());
  });

  it('that are refused are named at their place', async () => {
    const { host_builtins, native_builtins, erased_builtins, all_builtins } = versions;
    const allowed = new Set([...host_builtins, ...native_builtins, ...erased_builtins]);
    const refused = Object.keys(all_builtins).filter((name) => !allowed.has(name));
    expect(refused).toEqual(expect.arrayContaining(['http.send', 'time.now_ns', 'rand.intn', 'opa.runtime']));
    for (const name of refused) {
      const { errors } = await compiler.check({ lib: [], policies: [calling(name, all_builtins[name] ?? 0)] });
      const [first] = errors;
      expect({ name, row: first?.row, col: first?.col }).toEqual({ name, row: ROW, col: COLUMN });
      expect(first?.message).toContain(name);
    }
  }, 60_000);

  it('that are allowed reach an evaluation that lacks none of them', async () => {
    const { host_builtins, native_builtins, all_builtins } = versions;
    const names = [...host_builtins, ...native_builtins].filter((name) => !WRITTEN_OTHERWISE.has(name));
    for (const name of names) {
      const policy = calling(name, all_builtins[name] ?? 0);
      const { errors, wasm } = await compiler.compile({ lib: [], policies: [policy] });
      expect({ name, errors }).toEqual({ name, errors: [] });
      const evaluator = new ModuleEvaluator(new WebAssembly.Module(wasm ?? new Uint8Array()));
      const [verdict] = evaluator.evaluate(requestOf([policy]));
      expect([name, verdict?.verdict]).not.toEqual([name, 'error']);
    }
  }, 240_000);
});

/** Functions that are written as operators. */
const OPERATORS = new Map([
  ['plus', '+'],
  ['minus', '-'],
  ['mul', '*'],
  ['div', '/'],
]);

/** What Rego v1 refuses to be called, or has a notation of its own for, and the language is made of. */
const WRITTEN_OTHERWISE = new Set([
  'all',
  'any',
  'assign',
  'eq',
  'internal.member_2',
  'internal.member_3',
  'internal.template_string',
  'set_diff',
]);

function callable(name: string): string {
  return name === 'bylaw.replace' ? 'replace' : name;
}

const ROW = 10;
const COLUMN = 11;

/** A policy that calls a function with what the compiler knows nothing of, at the row and column above. */
function calling(name: string, args: number): { slug: string; file: string; source: string } {
  const given = Array.from({ length: args }, () => 'input.review.object.missing').join(', ');
  const source = `# METADATA
# title: Calls one
# custom:
#   category: reliability
#   severity: info
#   kinds: ["*"]
package bylaw.calling

violation contains {"path": "x", "found": value, "expected": null, "message": "value"} if {
	value := ${name}(${given})
}
`;
  return { slug: 'calling', file: 'policy.rego', source };
}
