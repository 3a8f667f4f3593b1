import type { ValidationResult, ValidationViolation } from '#contracts';
import { SEVERITIES_FIRST, standingOf, type Standing } from './severity-levels.js';

/** What a result comes to, as far as its list of violations and its passes say. */
export interface Tally {
  violations: Record<Standing, ValidationViolation[]>;
  passed: number;
  objects: number;
  errors: number;
  skipped: number;
  invalid: number;
}

/** @returns the figures of a result */
export function tallyOf(result: ValidationResult): Tally {
  const violations: Tally['violations'] = { counts: [], existing: [], waived: [] };
  for (const violation of result.violations) violations[standingOf(violation)].push(violation);
  const { pass, objects } = result.summary;
  const errors = result.unresolved.filter(({ verdict }) => verdict === 'error').length;
  return {
    violations,
    passed: pass,
    objects,
    errors,
    skipped: result.unresolved.length - errors,
    invalid: result.documents.filter(({ status }) => status === 'invalid').length,
  };
}

/** @returns one line: `2 objects, 40 checks passed, 3 failed (1 critical, 2 low), 1 in the baseline` */
export function tallyText(result: ValidationResult): string {
  const { violations, passed, objects, errors, skipped, invalid } = tallyOf(result);
  const failed = violations.counts.length;
  const severities = failed === 0 ? '' : ` (${severitiesText(violations.counts)})`;
  const parts: [number, string][] = [
    [violations.existing.length, 'in the baseline'],
    [violations.waived.length, 'waived'],
    [errors, 'in error'],
    [skipped, 'skipped'],
    [invalid, invalid === 1 ? 'document invalid' : 'documents invalid'],
  ];
  return [
    counted(objects, 'object'),
    `${counted(passed, 'check')} passed`,
    `${failed} failed${severities}`,
    ...parts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`),
  ].join(', ');
}

/** @returns `1 critical, 2 low`, the most severe first */
export function severitiesText(violations: readonly Pick<ValidationViolation, 'severity'>[]): string {
  return SEVERITIES_FIRST.map((severity) => ({
    severity,
    count: violations.filter((violation) => violation.severity === severity).length,
  }))
    .filter(({ count }) => count > 0)
    .map(({ severity, count }) => `${count} ${severity}`)
    .join(', ');
}

/** @returns `1 object`, `2 objects` */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
