import { canonicalJson, type JsonObject } from '#kernel';
import { applyPatch, PatchError } from './json-patch.js';
import type { EvaluationRequest, Finding, FixOperation, FixTrial, PolicyVerdict } from './verdict.js';

/** Judges one object; a ModuleEvaluator's `evaluate`. */
export type Evaluate = (request: EvaluationRequest) => PolicyVerdict[];

/** Of one policy's fixes on one object, so many are tried one by one; a further one is not shown. */
const TRIED_APART_MAX = 50;

/**
 * Joins patches of one object into one. Fixes that need the same missing parent each begin by adding it: the second
 * addition would wipe out what was written below the first, so that an operation that is there already is left out.
 * @param fixes in the order of their findings
 */
function joinFixes(fixes: readonly FixOperation[][]): FixOperation[] {
  const [only] = fixes;
  if (fixes.length === 1 && only !== undefined) return only;
  const joined = new Map<string, FixOperation>();
  for (const operation of fixes.flat()) {
    const key = canonicalJson(operation);
    if (!joined.has(key)) joined.set(key, operation);
  }
  return [...joined.values()];
}

/**
 * @param verdicts as policies gave them
 * @returns whether there is a fix to be tried
 */
export function haveFixes(verdicts: readonly PolicyVerdict[]): boolean {
  return verdicts.some(({ findings }) => findings.some(({ fix }) => fix !== undefined));
}

/**
 * Drops the fixes that don't work. Many are tried at once on a copy of the object: where a policy then passes, its fixes are
 * good. Only those of the others are tried one by one: a fix stays where its finding is then gone and the policy finds
 * nothing that it did not find before.
 * @param evaluate the same that gave the verdicts
 * @param request what was judged
 * @param verdicts the answer to it
 * @param trial `each`: all policies' fixes are tried at once; `whole`: each policy's together, which makes its patch
 * @returns the same verdicts, with the fixes that were verified
 */
export function verifyFixes(
  evaluate: Evaluate,
  request: EvaluationRequest,
  verdicts: readonly PolicyVerdict[],
  trial: FixTrial,
): PolicyVerdict[] {
  const fixable = verdicts.filter((verdict) => haveFixes([verdict]));
  const patches = trial === 'whole' ? wholePatches(evaluate, request, fixable) : new Map<string, FixOperation[]>();
  const settled = trial === 'whole' ? new Set(patches.keys()) : settledTogether(evaluate, request, fixable);
  return verdicts.map((verdict) => {
    const patch = patches.get(verdict.policy);
    if (patch !== undefined) return { ...verdict, patch };
    return settled.has(verdict.policy) || !fixable.includes(verdict)
      ? verdict
      : triedApart(evaluate, request, verdict, trial);
  });
}

/**
 * @param verdict as its policy gave it
 * @returns the same without what was not tried
 */
export function withoutFixes(verdict: PolicyVerdict): PolicyVerdict {
  return { ...verdict, findings: verdict.findings.map(withoutFix) };
}

/** By policy: the patch with which it passes. Two fixes that each work may not work one after the other. */
function wholePatches(
  evaluate: Evaluate,
  request: EvaluationRequest,
  fixable: readonly PolicyVerdict[],
): Map<string, FixOperation[]> {
  return new Map(
    fixable.flatMap((verdict): [string, FixOperation[]][] => {
      const patch = wholePatch(evaluate, request, verdict);
      return patch === undefined ? [] : [[verdict.policy, patch]];
    }),
  );
}

function wholePatch(
  evaluate: Evaluate,
  request: EvaluationRequest,
  { policy, findings }: PolicyVerdict,
): FixOperation[] | undefined {
  const fixes = findings.flatMap(({ fix }) => (fix === undefined ? [] : [fix]));
  if (fixes.length === 0 || fixes.length < findings.length) return undefined;
  const patch = joinFixes(fixes);
  const [after] = judgePatched(evaluate, request, patch, [policy]);
  return after?.verdict === 'pass' ? patch : undefined;
}

/** The policies that pass once every fix of all of them is applied. */
function settledTogether(
  evaluate: Evaluate,
  request: EvaluationRequest,
  fixable: readonly PolicyVerdict[],
): Set<string> {
  const fixes = fixable.flatMap(({ findings }) => findings.flatMap(({ fix }) => (fix === undefined ? [] : [fix])));
  if (fixes.length === 0) return new Set();
  const after = judgePatched(
    evaluate,
    request,
    joinFixes(fixes),
    fixable.map(({ policy }) => policy),
  );
  return new Set(after.filter(({ verdict }) => verdict === 'pass').map(({ policy }) => policy));
}

/** One by one, what did not work together. */
function triedApart(
  evaluate: Evaluate,
  request: EvaluationRequest,
  verdict: PolicyVerdict,
  trial: FixTrial,
): PolicyVerdict {
  // The only finding's fix was tried as the whole patch.
  if (trial === 'whole' && verdict.findings.length === 1) return withoutFixes(verdict);
  const findings = verdict.findings.map((finding, index) =>
    index < TRIED_APART_MAX && works(evaluate, request, verdict, finding) ? finding : withoutFix(finding),
  );
  return { ...verdict, findings };
}

function works(evaluate: Evaluate, request: EvaluationRequest, before: PolicyVerdict, finding: Finding): boolean {
  if (finding.fix === undefined) return false;
  const [after] = judgePatched(evaluate, request, finding.fix, [before.policy]);
  return after !== undefined && isBetter(before, after, finding);
}

/** Verdicts on the patched object; none where it can't be patched so. */
function judgePatched(
  evaluate: Evaluate,
  request: EvaluationRequest,
  patch: readonly FixOperation[],
  policies: readonly string[],
): PolicyVerdict[] {
  const object = patched(request.review.object, patch);
  if (object === undefined) return [];
  const params = Object.fromEntries(policies.map((policy) => [policy, request.params[policy] ?? {}]));
  return evaluate({ ...request, params, review: { ...request.review, object } });
}

function withoutFix(finding: Finding): Finding {
  if (finding.fix === undefined) return finding;
  const { fix: _untried, ...rest } = finding;
  return rest;
}

function patched(object: JsonObject, fix: readonly FixOperation[]): JsonObject | undefined {
  try {
    return applyPatch(object, fix);
  } catch (error) {
    if (error instanceof PatchError) return undefined;
    throw error;
  }
}

function isBetter(before: PolicyVerdict, after: PolicyVerdict, finding: Finding): boolean {
  if (after.verdict === 'pass') return true;
  if (after.verdict !== 'fail') return false;
  const known = new Set(before.findings.map(identity));
  known.delete(identity(finding));
  return after.findings.every((found) => known.has(identity(found)));
}

/** Findings are the same where they want the same at the same place, whatever they found there. */
function identity({ path, container, expected }: Finding): string {
  return canonicalJson([path, container ?? null, expected]);
}
