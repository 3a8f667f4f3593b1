import type { PolicyCase, PolicyTestShape } from '#contracts';
import {
  claimedVerdict,
  type EvaluationRequest,
  type FileCoverage,
  FIXTURE_VERDICTS,
  type FixtureKind,
  type PolicyInfo,
  type PolicySource,
  type PolicyVerdict,
  sampleRequest,
  verdictProblems,
} from '#engine';

export const TESTS_FILE = 'policy_test.rego';
export const CASES_FILE = 'cases_test.rego';

const PACKAGE = /^\s*package\s+([^\s#;]+)/m;

type CaseRequest = EvaluationRequest | { refused: { path: string; message: string }[] };

/** @returns what is evaluated for a case, or the places for which its object is refused */
export function caseRequest(
  policy: PolicyInfo,
  { object, parameters = {}, related = {}, context = {} }: PolicyCase,
): CaseRequest {
  return sampleRequest(policy, { object, parameters, related, context });
}

/**
 * @param request what was evaluated
 * @param verdict what came of it
 * @returns how that compares with what the case expects
 */
export function caseResult(
  policy: PolicyInfo,
  { name, expect, findings = [], reason }: PolicyCase,
  request: CaseRequest | undefined,
  verdict: PolicyVerdict | undefined,
): PolicyTestShape['cases'][number] {
  if (request === undefined || 'refused' in request || verdict === undefined) {
    const places = request !== undefined && 'refused' in request ? request.refused : [];
    const problems = places.map(({ path, message }) => `the object is refused: ${path} ${message}`.trim());
    return { name, ok: false, verdict: null, problems };
  }
  const judged = claimedVerdict(policy, request.review.object, verdict);
  const expected = { kind: kindOf(expect), findings, ...(reason !== undefined && { reason }) };
  const problems = verdictProblems(expected, judged);
  return { name, ok: problems.length === 0, verdict: judged.verdict, problems };
}

function kindOf(expect: PolicyCase['expect']): FixtureKind {
  const found = Object.entries(FIXTURE_VERDICTS).find(([, verdict]) => verdict === expect);
  return (found?.[0] ?? 'pass') as FixtureKind;
}

/**
 * Rego tests that evaluate every case, so that it is seen which rows of the policy they reach; in a dialect, with the
 * input of its own engine. They are read as Rego of either version.
 * @param policy compiled
 * @param source the same, in whatever package its author wrote it
 */
export function casesAsTests(policy: PolicyInfo, from: PolicySource, cases: readonly PolicyCase[]): string {
  const { source, dialect = 'native' } = from;
  const written = PACKAGE.exec(source)?.[1] ?? `bylaw.${policy.slug.replaceAll('-', '_')}`;
  const tests = cases.flatMap((one, index) => {
    const request = caseRequest(policy, one);
    if ('refused' in request) return [];
    const { review, params, related, context } = request;
    const parameters = params[policy.slug];
    const own = { review, parameters, related: related?.[policy.slug], context };
    const input = dialect.startsWith('conftest') ? review.object : dialect === 'native' ? own : { review, parameters };
    const rules = dialect === 'native' ? policy.rules.map((rule) => `policy.${rule}`) : ['policy'];
    const body = rules.map((rule) => `\tcount(${rule}) >= 0 with input as ${JSON.stringify(input)}`);
    return [`test_case_${index + 1} if {\n${body.join('\n')}\n}`];
  });
  return `package ${written}_test\n\nimport rego.v1\nimport data.${written} as policy\n\n${tests.join('\n\n')}\n`;
}

/** @returns how much of the policy's own file tests and cases reach; null where nothing was run */
export function coverageOf(coverage: readonly FileCoverage[], slug: string): PolicyTestShape['coverage'] {
  const own = coverage.find((file) => file.slug === slug);
  return own === undefined ? null : { share: own.covered_share, not_covered: own.not_covered };
}
