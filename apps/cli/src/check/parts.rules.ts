import type { ValidateEnvelope, ValidationResult } from '#contracts';
import type { UnnamedText } from './source-texts.js';

/** Of one part; far below what the platform takes, so that escaping in JSON has its room. */
export const PART_MAX = { files: 2_000, characters: 4 * 1024 * 1024 };

/** @returns the texts in parts that one validation takes, each in their order */
export function partsOf(texts: readonly UnnamedText[], most = PART_MAX): UnnamedText[][] {
  const parts: UnnamedText[][] = [];
  let characters = 0;
  for (const text of texts) {
    const part = parts.at(-1);
    const fits = part !== undefined && part.length < most.files && characters + text.content.length <= most.characters;
    if (fits) part.push(text);
    else parts.push([text]);
    characters = (fits ? characters : 0) + text.content.length;
  }
  return parts;
}

/** @returns a part as it is posted: the sections of standard input as the one stream that they are cut from */
export function envelopeOf(part: readonly UnnamedText[]): Pick<ValidateEnvelope, 'files' | 'manifest'> {
  const files = part.flatMap(({ path, content }) => (path === null ? [] : [{ path, content }]));
  const sections = part.flatMap(({ path, content }) => (path === null ? [content] : []));
  return { ...(files.length > 0 && { files }), ...(sections.length > 0 && { manifest: sections.join('') }) };
}

const DECISIONS: readonly ValidationResult['decision'][] = ['allow', 'warn', 'deny'];

/**
 * Makes one result of those of several parts: the strictest decision is the decision.
 * @param results in the order of their parts; at least one
 */
export function mergedResult(results: readonly [ValidationResult, ...ValidationResult[]]): ValidationResult {
  const [first] = results;
  const summary = structuredClone(first.summary);
  for (const { summary: further } of results.slice(1)) {
    for (const count of ['objects', 'evaluated', 'pass', 'fail', 'waived', 'error', 'skipped'] as const)
      summary[count] += further[count];
    for (const severity of Object.keys(summary.by_severity) as (keyof typeof summary.by_severity)[])
      summary.by_severity[severity] += further.by_severity[severity];
  }
  const strictest = Math.max(...results.map(({ decision }) => DECISIONS.indexOf(decision)));
  const reasons = results.flatMap((result) => result.not_considered);
  return {
    ...first,
    decision: DECISIONS[strictest] ?? first.decision,
    summary,
    not_considered: [...new Map(reasons.map((one) => [`${one.binding}\n${one.reason}`, one])).values()],
    violations: results.flatMap(({ violations }) => violations),
    unresolved: results.flatMap(({ unresolved }) => unresolved),
    documents: results.flatMap(({ documents }) => documents).map((document, index) => ({ ...document, index })),
  };
}

/** @returns a result of documents that hold nothing to be judged */
export function emptyResult(
  documents: ValidationResult['documents'],
  failOn: ValidationResult['fail_on'],
): ValidationResult {
  return {
    id: '',
    decision: 'allow',
    fail_on: failOn,
    not_considered: [],
    summary: {
      objects: 0,
      evaluated: 0,
      pass: 0,
      fail: 0,
      waived: 0,
      error: 0,
      skipped: 0,
      by_severity: { info: 0, low: 0, medium: 0, high: 0, critical: 0 },
    },
    violations: [],
    unresolved: [],
    documents,
  };
}
