import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../compiler-artefact.js';
import type { PolicySource } from '../policy.js';
import type { EvaluationRequest } from '../verdict.js';

/** What the cases may refer to as `o`: values whose types the compiler can't see, so that errors come at run time. */
const CASE_OBJECT = {
  text: 'Grüße, 世界 🚀',
  ascii: 'hello world',
  empty: '',
  number: 42,
  negative: -7,
  fraction: 2.5,
  nothing: null,
  yes: true,
  list: ['b', 'a', 'c'],
  mixed: ['a', 1, null],
  object: { b: [1, 2], a: { c: 'd' } },
  patterned: 'a-b_c.d',
  quantity: '128Mi',
};

/** A Rego expression and what it is. */
export interface BuiltinCase {
  expression: string;
  /** As OPA's Go evaluator writes it in Rego; `undefined` where it has no value; absent where nobody has asked yet. */
  expected?: string;
  /** What the shipped engine says instead, where that is known and can't be mended. */
  known?: string;
}

/** A file of cases. */
export interface BuiltinCaseGroup {
  name: string;
  /** Its lines as they are: comments stay where they are when expected values are written. */
  lines: string[];
  cases: BuiltinCase[];
}

/** Where the cases are: `<group>.cases`. */
export const BUILTIN_CASES = join(packageRoot(), 'libs', 'engine', 'src', 'testdata', 'builtin-cases');

const EXPECTED = '  ';
const KNOWN = '! ';

/**
 * A case is one line of Rego; what it is follows, two spaces in. A line that begins with `!` says what the engine answers
 * where it is known to differ; lines that begin with `# ` are comments.
 */
export function readBuiltinCases(): BuiltinCaseGroup[] {
  const files = readdirSync(BUILTIN_CASES).filter((file) => file.endsWith('.cases'));
  return files.sort().map((file) => {
    const lines = readFileSync(join(BUILTIN_CASES, file), 'utf8').split('\n');
    return { name: file.replace('.cases', ''), lines, cases: casesIn(lines) };
  });
}

function casesIn(lines: readonly string[]): BuiltinCase[] {
  const cases: BuiltinCase[] = [];
  for (const line of lines) {
    const last = cases.at(-1);
    if (line.startsWith(EXPECTED) && last !== undefined) last.expected = line.slice(EXPECTED.length);
    else if (line.startsWith(KNOWN) && last !== undefined) last.known = line.slice(KNOWN.length);
    else if (!isAside(line)) cases.push({ expression: line });
  }
  return cases;
}

function isAside(line: string): boolean {
  return line === '' || line === '#' || line.startsWith('# ');
}

/**
 * @param group as it was read
 * @param values what each of its cases is, in order
 * @returns the file's new text
 */
export function writtenCases({ lines }: BuiltinCaseGroup, values: readonly string[]): string {
  let next = 0;
  const written = lines.flatMap((line) => {
    if (line.startsWith(EXPECTED)) return [];
    return !isAside(line) && !line.startsWith(KNOWN) ? [line, `${EXPECTED}${values[next++]}`] : [line];
  });
  return written.join('\n');
}

/** So many cases share a policy: thousands of policies would take long to compile. */
const SHARED = 20;

/**
 * @param cases any
 * @returns policies, each of which finds what some of the cases are: the place is the case's index, the message its value
 */
export function policiesOf(cases: readonly BuiltinCase[]): PolicySource[] {
  const policies: PolicySource[] = [];
  for (let from = 0; from < cases.length; from += SHARED) {
    const slug = `cases-${from}`;
    const rules = cases.slice(from, from + SHARED).map(({ expression }, index) => ruleOf(expression, from + index));
    policies.push({ slug, file: 'policy.rego', source: HEADER.replaceAll('SLUG', `cases_${from}`) + rules.join('') });
  }
  return policies;
}

const HEADER = `# METADATA
# title: SLUG
# custom:
#   category: reliability
#   severity: info
#   kinds: ["*"]
package bylaw.SLUG
`;

/** In a list even a text is written in Rego, numbers as they were written, sets and objects in order. */
function ruleOf(expression: string, index: number): string {
  return `
violation contains {"path": "${index}", "found": null, "expected": null, "message": sprintf("%v", [[value]])} if {
	o := input.review.object
	value := ${expression}
	o
}
`;
}

/** @returns what judges the object of the cases by these policies */
export function requestOf(policies: readonly PolicySource[]): EvaluationRequest {
  return {
    review: { kind: { group: '', version: 'v1', kind: 'Case' }, name: 'case', object: CASE_OBJECT },
    params: Object.fromEntries(policies.map(({ slug }) => [slug, {}])),
    related: {},
    context: {},
  };
}

/**
 * @param count of the cases
 * @param findings of their policies
 * @returns what each case is
 */
export function valuesOf(count: number, findings: readonly { path: string; message: string }[]): string[] {
  const values = Array.from({ length: count }, () => 'undefined');
  for (const { path, message } of findings) values[Number(path)] = message.slice(1, -1);
  return values;
}

/**
 * @param result what OPA's Go evaluator answers to the policies of the cases
 * @returns its findings
 */
export function findingsOf(result: unknown): { path: string; message: string }[] {
  return Object.values(result as Record<string, { violation: { path: string; message: string }[] }>).flatMap(
    ({ violation }) => violation,
  );
}
