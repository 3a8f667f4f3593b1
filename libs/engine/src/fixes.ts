import { canonicalJson, type JsonObject } from '#kernel';
import { applyPatch, PatchError } from './json-patch.js';
import type { EvaluationRequest, Finding, PolicyVerdict } from './verdict.js';

/** Judges one object; an EvaluationPool's or a ModuleEvaluator's `evaluate`. */
export type Evaluate = (request: EvaluationRequest) => PolicyVerdict[] | Promise<PolicyVerdict[]>;

/**
 * Drops the fixes that don't work: each is applied to a copy of the object alone, which is judged again by its policy.
 * A fix stays only where its finding is then gone and the policy finds nothing that it did not find before.
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
  return Promise.all(
    verdicts.map(async (verdict) => {
      if (!verdict.findings.some(({ fix }) => fix !== undefined)) return verdict;
      const findings = verdict.findings.map((finding) => verified(evaluate, request, verdict, finding));
      return { ...verdict, findings: await Promise.all(findings) };
    }),
  );
}

async function verified(
  evaluate: Evaluate,
  request: EvaluationRequest,
  before: PolicyVerdict,
  finding: Finding,
): Promise<Finding> {
  const { fix, ...bare } = finding;
  if (fix === undefined) return finding;
  const object = patched(request.review.object, fix);
  if (object === undefined) return bare;
  const params = { [before.policy]: request.params[before.policy] ?? {} };
  const [after] = await evaluate({ ...request, params, review: { ...request.review, object } });
  return after !== undefined && isBetter(before, after, finding) ? finding : bare;
}

function patched(object: JsonObject, fix: NonNullable<Finding['fix']>): JsonObject | undefined {
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
