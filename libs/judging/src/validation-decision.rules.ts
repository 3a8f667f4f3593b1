import type { Severity } from '#kernel';
import type { ValidationResult, ValidationViolation } from '#contracts';
import { decide, type Decision, type DecidingVerdict } from '#decision';

/** An answer that nobody has kept yet. */
export type UnkeptResult = Omit<ValidationResult, 'id'>;

/**
 * @param violations marked, where they were compared
 * @param unresolved checks that gave no judgement
 * @param failOn from which severity on a violation denies
 */
export function decisionOf(
  violations: readonly ValidationViolation[],
  unresolved: UnkeptResult['unresolved'],
  failOn: Severity,
): Decision {
  return decide([...violations.flatMap(deciding), ...unresolved.flatMap(withoutVerdict)], failOn);
}

/** What was there before, and what is waived, never counts (F5). */
function deciding({ baseline, waiver, enforcement, severity }: ValidationViolation): DecidingVerdict[] {
  return baseline === 'existing' || waiver !== undefined ? [] : [{ verdict: 'fail', enforcement, severity }];
}

/** An error warns, whatever the check enforces. */
function withoutVerdict({ verdict }: UnkeptResult['unresolved'][number]): DecidingVerdict[] {
  return verdict === 'error' ? [{ verdict, enforcement: 'audit', severity: 'info' }] : [];
}
