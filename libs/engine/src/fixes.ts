import { canonicalJson, type JsonObject } from '#kernel';
import { applyPatch, PatchError } from './json-patch.js';
import type { EvaluationRequest, Finding, FixOperation, PolicyVerdict } from './verdict.js';

/** Judges one object; an EvaluationPool's or a ModuleEvaluator's `evaluate`. */
export type Evaluate = (request: EvaluationRequest) => PolicyVerdict[] | Promise<PolicyVerdict[]>;

/** Of one policy's fixes on one object, so many are tried one by one; a further one is not shown. */
const TRIED_APART_MAX = 50;

/**
 * Joins patches of one object into one. Fixes that need the same missing parent each begin by adding it: the second
 * addition would wipe out what was written below the first, so that an operation that is there already is left out.
 * @param fixes in the order of their findings
 */
export function joinFixes(fixes: readonly FixOperation[][]): FixOperation[] {
  const joined = new Map<string, FixOperation>();
  for (const operation of fixes.flat()) {
    const key = canonicalJson(operation);
    if (!joined.has(key)) joined.set(key, operation);
  }
  return [...joined.values()];
}

/**
 * Drops the fixes that don't work. All of them are applied to a copy of the object first, which is judged once: where a
 * policy then passes, its fixes are good. Only those of the others are tried one by one: a fix stays where its finding is
 * then gone and the policy finds nothing that it did not find before.
 * @param evaluate the same that gave the verdicts
 * @param request what was judged
 * @param verdicts the answer to it
 * @returns the same verdicts, with the fixes that were verified
 */
export async function verifyFixes(
  evaluate: Evaluate,
  request: EvaluationRequest,
  verdicts: readonly PolicyVerdict[],
): Promise<PolicyVerdict[]> {
  const fixable = verdicts.filter(({ findings }) => findings.some(({ fix }) => fix !== undefined));
  if (fixable.length === 0) return [...verdicts];
  const settled = await settledTogether(evaluate, request, fixable);
  return Promise.all(
    verdicts.map(async (verdict) => {
      if (settled.has(verdict.policy) || !fixable.includes(verdict)) return verdict;
      const tried = verdict.findings.slice(0, TRIED_APART_MAX);
      const findings = tried.map((finding) => verified(evaluate, request, verdict, finding));
      const others = verdict.findings.slice(TRIED_APART_MAX).map(withoutFix);
      return { ...verdict, findings: [...(await Promise.all(findings)), ...others] };
    }),
  );
}

/** The policies that pass once every fix of all of them is applied. */
async function settledTogether(
  evaluate: Evaluate,
  request: EvaluationRequest,
  fixable: readonly PolicyVerdict[],
): Promise<Set<string>> {
  const fixes = fixable.flatMap(({ findings }) => findings.flatMap(({ fix }) => (fix === undefined ? [] : [fix])));
  const after = await judgePatched(
    evaluate,
    request,
    joinFixes(fixes),
    fixable.map(({ policy }) => policy),
  );
  return new Set((after ?? []).filter(({ verdict }) => verdict === 'pass').map(({ policy }) => policy));
}

async function judgePatched(
  evaluate: Evaluate,
  request: EvaluationRequest,
  patch: readonly FixOperation[],
  policies: readonly string[],
): Promise<PolicyVerdict[] | undefined> {
  const object = patched(request.review.object, patch);
  if (object === undefined) return undefined;
  const params = Object.fromEntries(policies.map((policy) => [policy, request.params[policy] ?? {}]));
  return evaluate({ ...request, params, review: { ...request.review, object } });
}

async function verified(
  evaluate: Evaluate,
  request: EvaluationRequest,
  before: PolicyVerdict,
  finding: Finding,
): Promise<Finding> {
  if (finding.fix === undefined) return finding;
  const after = await judgePatched(evaluate, request, finding.fix, [before.policy]);
  return after?.[0] !== undefined && isBetter(before, after[0], finding) ? finding : withoutFix(finding);
}

function withoutFix({ fix: _untried, ...finding }: Finding): Finding {
  return finding;
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
