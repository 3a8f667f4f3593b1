/** From the least harm to the most. */
export const SEVERITIES = ['info', 'low', 'medium', 'high', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** @returns 0 for info … 4 for critical, so that "at or over" is a comparison */
export function severityRank(severity: Severity): number {
  return SEVERITIES.indexOf(severity);
}

/** @returns the severity of a rank as `severityRank` gives it */
export function severityOfRank(rank: number): Severity {
  const severity = SEVERITIES[rank];
  if (severity === undefined) throw new RangeError(`no severity has the rank ${rank}`);
  return severity;
}

export const ENFORCEMENTS = ['audit', 'warn', 'deny'] as const;
export type Enforcement = (typeof ENFORCEMENTS)[number];

export const VERDICTS = ['pass', 'fail', 'waived', 'error', 'skipped'] as const;
export type Verdict = (typeof VERDICTS)[number];
