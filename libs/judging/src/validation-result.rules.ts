import { publicId, type Severity } from '#kernel';
import type { SourceLocation, ValidationResult, ValidationViolation } from '#contracts';
import type { EffectiveCheck } from '#decision';
import { violationFingerprint } from '#kube';
import { findingShapes, objectRef } from './answer-shapes.rules.js';
import type { Case, CheckVerdict } from './judge.js';
import type { PostedObject } from './posted-documents.js';
import { within } from './source-text.js';

/** One posted object with its verdicts. */
export interface JudgedDocument extends PostedObject {
  prepared: Case;
  verdicts: readonly CheckVerdict[];
}

/** What stands in for a file's name where the text came without one. */
const UNNAMED = '-';

/**
 * @param judged one posted object
 * @param remediation says what a policy advises
 * @returns its failing checks, as they are answered
 */
export function violationsOf(
  judged: JudgedDocument,
  remediation: (check: EffectiveCheck) => string,
): ValidationViolation[] {
  return judged.verdicts.flatMap((result): ValidationViolation[] => {
    const { check, verdict } = result;
    const first = verdict.findings[0];
    if (verdict.verdict !== 'fail' || first === undefined) return [];
    const { identity } = judged.prepared.subject;
    const { patch } = verdict;
    const more = verdict.findings.length - 1;
    return [
      {
        policy: {
          id: publicId('policy', check.policyId),
          slug: check.slug,
          title: check.title,
          version: check.version,
        },
        instance: check.instance,
        severity: check.severity,
        category: check.category as ValidationViolation['category'],
        enforcement: check.enforcement,
        object: refOf(judged),
        ...placed(judged, first.path),
        message: more === 0 ? first.message : `${first.message} (and ${more} more)`,
        findings: findingShapes(verdict.findings).map((finding) => ({ ...finding, ...placed(judged, finding.path) })),
        remediation: remediation(check),
        ...(patch && {
          fix: { patch: patch as NonNullable<ValidationViolation['fix']>['patch'], verified: true as const },
        }),
        fingerprint: violationFingerprint({ policy: check.slug, instance: check.instance, identity }).toString('hex'),
      },
    ];
  });
}

/** Where something is written, as far as that is known. */
function placed({ document, path, firstLine }: JudgedDocument, field: string): { location?: SourceLocation } {
  if (document.positions === undefined) return {};
  return { location: { path: path ?? UNNAMED, ...within(document.locate(field), firstLine) } };
}

/** @returns the checks of an object that gave no judgement, and why */
export function unresolvedOf(judged: JudgedDocument): ValidationResult['unresolved'] {
  return judged.verdicts.flatMap(({ check, verdict }) =>
    verdict.verdict === 'error' || verdict.verdict === 'skipped'
      ? [
          {
            policy: check.slug,
            instance: check.instance,
            verdict: verdict.verdict,
            reason: verdict.reason ?? '',
            enforcement: check.enforcement,
            object: refOf(judged),
          },
        ]
      : [],
  );
}

/**
 * @param judged all posted objects
 * @param violations what is answered of them
 */
export function summaryOf(
  judged: readonly JudgedDocument[],
  violations: readonly ValidationViolation[],
): ValidationResult['summary'] {
  const counts = { pass: 0, fail: 0, waived: 0, error: 0, skipped: 0 };
  for (const { verdicts } of judged) {
    for (const { verdict } of verdicts) if (verdict.verdict !== 'not_applicable') counts[verdict.verdict]++;
  }
  const bySeverity: Record<Severity, number> = { info: 0, low: 0, medium: 0, high: 0, critical: 0 };
  for (const { severity, waiver } of violations) {
    if (waiver === undefined) bySeverity[severity]++;
    else {
      counts.fail--;
      counts.waived++;
    }
  }
  return {
    objects: judged.length,
    evaluated: counts.pass + counts.fail + counts.waived,
    ...counts,
    by_severity: bySeverity,
  };
}

function refOf({ prepared }: Pick<JudgedDocument, 'prepared'>): ValidationViolation['object'] {
  return objectRef(prepared.subject.identity, prepared.subject.object);
}
