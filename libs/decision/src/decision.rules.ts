import { severityRank, type Enforcement, type Severity } from '#kernel';

export type Decision = 'allow' | 'warn' | 'deny';

/** A verdict, as far as the decision looks at it. */
export interface DecidingVerdict {
  verdict: 'pass' | 'fail' | 'waived' | 'error' | 'skipped';
  enforcement: Enforcement;
  severity: Severity;
}

/**
 * The overall decision (F5): `deny` if a failing check is enforced so or is at or over `failOn`; else `warn` if one
 * fails with `warn` or any check is `error`; else `allow`. Waived findings never count.
 * @param verdicts of all checks on all objects
 * @param failOn only adds to what the bindings enforce
 */
export function decide(verdicts: Iterable<DecidingVerdict>, failOn: Severity): Decision {
  let decision: Decision = 'allow';
  for (const { verdict, enforcement, severity } of verdicts) {
    if (verdict === 'fail' && (enforcement === 'deny' || severityRank(severity) >= severityRank(failOn))) return 'deny';
    if (verdict === 'error' || (verdict === 'fail' && enforcement === 'warn')) decision = 'warn';
  }
  return decision;
}
