import { canonicalJson, type JsonObject } from '#kernel';
import { gvkOf, kindMatches, normalise } from '#kube';
import { FIXTURE_VERDICTS, type Fixture } from './fixtures.js';
import { mergeParameters } from './parameters.js';
import type { PolicyInfo } from './policy.js';
import { reviewOf } from './review.js';
import { errorVerdict, type EvaluationRequest, type Finding, type PolicyVerdict } from './verdict.js';

/** Judges one object in the calling thread; a ModuleEvaluator's `evaluate`. */
export type EvaluateNow = (request: EvaluationRequest) => PolicyVerdict[];

/** What is judged in a fixture; a proof changes parts of it. */
export type Sample = Pick<Fixture, 'object' | 'parameters' | 'related' | 'context'>;

/** What a fixture promises. */
export type Expectation = Pick<Fixture, 'kind' | 'findings' | 'reason' | 'invalid'>;

export interface FixtureResult {
  file: string;
  ok: boolean;
  /** What differs from what the fixture promises, one sentence each. */
  problems: string[];
  /** Absent where the object was refused before any policy saw it. */
  verdict?: PolicyVerdict;
}

/**
 * Judges a sample as the platform would: normalised, its kind matched against the policy's, defaults filled in.
 * @param evaluate on a module that holds the policy
 * @returns the verdict, or the places for which the object is refused
 */
export function judgeSample(
  evaluate: EvaluateNow,
  policy: PolicyInfo,
  sample: Sample,
): { verdict: PolicyVerdict } | { refused: { path: string; message: string }[] } {
  const request = sampleRequest(policy, sample);
  if ('refused' in request) return request;
  const [verdict] = evaluate(request);
  if (verdict === undefined) return { verdict: errorVerdict(policy.slug, 'the policy gave no answer') };
  return { verdict: claimedVerdict(policy, request.review.object, verdict) };
}

/** @returns the verdict as the platform has it: it judges nothing of other kinds; a policy may say so itself, and why */
export function claimedVerdict(policy: PolicyInfo, object: JsonObject, verdict: PolicyVerdict): PolicyVerdict {
  const gvk = gvkOf(object) ?? { group: '', version: '', kind: '' };
  const judged = policy.metadata.kinds.some((kind) => kindMatches(kind, gvk, object));
  if (judged || (verdict.verdict !== 'pass' && verdict.verdict !== 'fail')) return verdict;
  const reason = `${gvk.kind} is none of the kinds that it judges`;
  return { policy: policy.slug, verdict: 'not_applicable', reason, findings: [] };
}

/**
 * @returns what is evaluated for a sample, or the places for which its object is refused
 */
export function sampleRequest(
  policy: PolicyInfo,
  sample: Sample,
): EvaluationRequest | { refused: { path: string; message: string }[] } {
  const normalised = normalise(sample.object);
  if (!normalised.ok) return { refused: normalised.problems };
  return {
    review: reviewOf(normalised.object),
    params: { [policy.slug]: mergeParameters(policy.metadata.parameters, sample.parameters) },
    related: { [policy.slug]: sample.related },
    context: sample.context,
  };
}

/**
 * Compares what a policy says of a fixture with what the fixture promises.
 * @param evaluate on a module that holds the policy
 */
export function judgeFixture(evaluate: EvaluateNow, policy: PolicyInfo, fixture: Fixture): FixtureResult {
  const { file } = fixture;
  const judged = judgeSample(evaluate, policy, fixture);
  if ('refused' in judged) {
    const problems = refusalProblems(fixture, judged.refused);
    return { file, ok: problems.length === 0, problems };
  }
  const problems = verdictProblems(fixture, judged.verdict);
  return { file, ok: problems.length === 0, problems, verdict: judged.verdict };
}

function refusalProblems(fixture: Fixture, refused: { path: string; message: string }[]): string[] {
  const places = refused.map(({ path, message }) => `${path} ${message}`).join('; ');
  if (fixture.kind !== 'invalid') return [`the object is refused: ${places}`];
  if (refused.some(({ path }) => path === fixture.invalid)) return [];
  return [`refused, but not for ${fixture.invalid}: ${places}`];
}

/**
 * @param fixture what is expected
 * @param verdict what the policy says of it
 * @returns what differs, one sentence each
 */
export function verdictProblems(fixture: Expectation, verdict: PolicyVerdict): string[] {
  if (fixture.kind === 'invalid') return [`not refused for ${fixture.invalid}: the verdict is ${verdict.verdict}`];
  const wanted = FIXTURE_VERDICTS[fixture.kind];
  if (verdict.verdict !== wanted) {
    const why = verdict.reason ?? verdict.findings.map(({ path, message }) => `${path}: ${message}`).join('; ');
    return [`the verdict is ${verdict.verdict}, not ${wanted}${why === '' ? '' : ` (${why})`}`];
  }
  if (fixture.reason !== undefined && fixture.reason !== verdict.reason) {
    return [`the reason is "${verdict.reason}", not "${fixture.reason}"`];
  }
  if (fixture.kind === 'fail' && fixture.findings.length === 0) return [];
  return findingProblems(fixture.findings, verdict.findings);
}

/** Each expected finding takes one that has its keys; what is left over on either side is a problem. */
function findingProblems(expected: readonly JsonObject[], found: readonly Finding[]): string[] {
  const left = [...found];
  const missing = expected.filter((wanted) => {
    const at = left.findIndex((finding) => fits(wanted, finding));
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  return [
    ...missing.map((wanted) => `not found: ${canonicalJson(wanted)}`),
    ...left.map((finding) => `not expected: ${canonicalJson({ ...finding, fix: undefined })}`),
  ];
}

function fits(wanted: JsonObject, finding: Finding): boolean {
  const members: Record<string, unknown> = { ...finding };
  return Object.entries(wanted).every(([key, value]) => canonicalJson(members[key]) === canonicalJson(value));
}
