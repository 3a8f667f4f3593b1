import { SEVERITIES, severityRank, type Severity } from '#kernel';
import type { ValidationResult, ValidationViolation } from '#contracts';
import { decide, type Decision } from '#decision';

/** How loudly a consumer is told: what denies, what warns, and all else. */
export type Level = 'error' | 'warning' | 'note';
export const LEVELS: readonly Level[] = ['error', 'warning', 'note'];

/** Whether a violation counts: what is waived or was there before is told apart, and is never a failure. */
export type Standing = 'counts' | 'existing' | 'waived';
const STANDINGS: readonly Standing[] = ['counts', 'existing', 'waived'];

const LEVEL_OF: Record<Decision, Level> = { deny: 'error', warn: 'warning', allow: 'note' };

/** From the most harm to the least. */
export const SEVERITIES_FIRST: readonly Severity[] = SEVERITIES.toReversed();

/** @returns why a violation does not count, or that it does */
export function standingOf({ waiver, baseline }: ValidationViolation): Standing {
  if (waiver !== undefined) return 'waived';
  return baseline === 'existing' ? 'existing' : 'counts';
}

/**
 * @param violation of a result
 * @param failOn the result's threshold
 * @returns what the violation alone would decide (F5)
 */
export function levelOf(violation: ValidationViolation, failOn: ValidationResult['fail_on']): Level {
  if (standingOf(violation) !== 'counts') return 'note';
  const { enforcement, severity } = violation;
  return LEVEL_OF[decide([{ verdict: 'fail', enforcement, severity }], failOn)];
}

/** What is put in an order: by what counts, what it decides, and its severity. */
export interface Ranked {
  standing: Standing;
  level: Level;
  violation: Pick<ValidationViolation, 'severity'>;
}

/** Sorts the most severe first. */
export function bySeverity(a: Ranked, b: Ranked): number {
  return (
    STANDINGS.indexOf(a.standing) - STANDINGS.indexOf(b.standing) ||
    LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level) ||
    severityRank(b.violation.severity) - severityRank(a.violation.severity)
  );
}
