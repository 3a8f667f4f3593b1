import { mendText, type Severity } from '#kernel';
import type { ValidationResult } from '#contracts';
import { oneLine } from './escape-line.js';
import { digestOf, fingerprintOf, Occurrences } from './fingerprints.js';
import { checkName, countingMarks } from './marks.js';
import type { Place } from './place.js';
import { remarksOf, type RemarkKind } from './remarks.js';
import type { ResultContext } from './result-context.js';

type GitlabSeverity = 'info' | 'minor' | 'major' | 'critical' | 'blocker';

/** One entry of GitLab's Code Quality report: those of Code Climate's fields that it reads. */
interface CodeQualityEntry {
  description: string;
  check_name: string;
  fingerprint: string;
  severity: GitlabSeverity;
  location: { path: string; lines: { begin: number } };
}

const SEVERITY: Record<Severity, GitlabSeverity> = {
  info: 'info',
  low: 'minor',
  medium: 'major',
  high: 'critical',
  critical: 'blocker',
};
/** What else is worth an entry: what could not be judged. */
const OF_REMARK: Partial<Record<RemarkKind, GitlabSeverity>> = { invalid: 'critical', error: 'minor' };

/** GitLab's Code Quality report. What is waived or of the baseline is no entry, for an entry is a failure there. */
export function formatGitlab(result: ValidationResult, context: ResultContext): string {
  const occurrences = new Occurrences();
  const unique = (fingerprint: string, { path }: Place): string =>
    digestOf(fingerprint, path ?? null, occurrences.of(JSON.stringify([fingerprint, path])));
  const violations = countingMarks(result, context).map((mark): CodeQualityEntry => ({
    description: oneLine(mark.message),
    check_name: checkName(mark.violation),
    fingerprint: unique(fingerprintOf(mark), mark.place),
    severity: SEVERITY[mark.violation.severity],
    location: locationOf(mark.place),
  }));
  const remarks = remarksOf(result, context).flatMap(({ kind, code, message, place }): CodeQualityEntry[] => {
    const severity = OF_REMARK[kind];
    if (severity === undefined) return [];
    const fingerprint = unique(digestOf(kind, code, place.object), place);
    const description = oneLine(`${kind === 'error' ? 'Not judged' : 'Invalid document'}: ${message}`);
    return [{ description, check_name: code, fingerprint, severity, location: locationOf(place) }];
  });
  return `${JSON.stringify([...violations, ...remarks], null, 2)}\n`;
}

function locationOf({ path, line, object }: Place): CodeQualityEntry['location'] {
  return { path: mendText(path ?? object), lines: { begin: line ?? 1 } };
}
