import { mendText, VERSION } from '#kernel';
import type { ValidationResult } from '#contracts';
import type { Invocation, Log, Result, Suppression } from 'sarif';
import { clipped } from './escape-line.js';
import { fingerprintOf, Occurrences } from './fingerprints.js';
import { checkName, marksOf, type Mark } from './marks.js';
import type { ResultContext } from './result-context.js';
import { sarifLocation } from './sarif-location.js';
import { sarifNotifications } from './sarif-notifications.js';
import { SarifRules } from './sarif-rules.js';

/** GitHub refuses a run that has more. */
const RESULTS_MAX = 25_000;
const MESSAGE_MAX = 4_000;
const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

/**
 * SARIF 2.1.0 (OASIS, errata 01), within the limits of GitHub's code scanning: of more results than it takes, the most
 * severe are kept, and a notification says how many are not there.
 */
export function formatSarif(result: ValidationResult, context: ResultContext): string {
  const marks = marksOf(result, context);
  const kept = marks.slice(0, RESULTS_MAX);
  const rules = new SarifRules(kept, context);
  const log: Log = {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'Bylaw', version: VERSION, semanticVersion: VERSION, rules: rules.all } },
        automationDetails: { id: `bylaw/${mendText(result.id)}` },
        columnKind: 'utf16CodeUnits',
        originalUriBaseIds: { '%SRCROOT%': { description: { text: 'The folder that paths start from.' } } },
        invocations: [invocationOf(result, context, marks.length - kept.length)],
        results: resultsOf(kept, rules),
        properties: { decision: result.decision, fail_on: result.fail_on, summary: result.summary },
      },
    ],
  };
  return `${JSON.stringify(log)}\n`;
}

function invocationOf(result: ValidationResult, context: ResultContext, leftOut: number): Invocation {
  const toolExecutionNotifications = sarifNotifications(result, context, leftOut);
  return {
    executionSuccessful: toolExecutionNotifications.every(({ level }) => level !== 'error'),
    toolExecutionNotifications,
  };
}

function resultsOf(marks: readonly Mark[], rules: SarifRules): Result[] {
  const occurrences = new Occurrences();
  return marks.map((mark) => {
    const { violation, finding, level } = mark;
    const fingerprint = fingerprintOf(mark);
    const occurrence = occurrences.of(JSON.stringify([fingerprint, mark.place.path]));
    return {
      ruleId: violation.policy.slug,
      ruleIndex: rules.indexOf(violation.policy.slug),
      level,
      message: { text: messageText(mark) },
      locations: [sarifLocation(mark.place, finding?.path)],
      // GitHub looks at the first alone; the other keeps its meaning for whoever else compares two runs.
      partialFingerprints: {
        primaryLocationLineHash: `${fingerprint}:${occurrence}`,
        'bylawFinding/v1': `${fingerprint}:${occurrence}`,
      },
      ...(violation.baseline !== undefined && {
        baselineState: violation.baseline === 'existing' ? ('unchanged' as const) : ('new' as const),
      }),
      ...suppressionsOf(mark),
      properties: propertiesOf(mark),
    };
  });
}

function propertiesOf({ violation, finding }: Mark): Record<string, unknown> {
  const { severity, enforcement, category, policy, instance, fix } = violation;
  return {
    severity,
    enforcement,
    category,
    policyVersion: policy.version,
    ...(instance !== '' && { instance }),
    ...(finding !== undefined && { field: finding.path, found: finding.found, expected: finding.expected }),
    ...(fix !== undefined && { patch: fix.patch }),
  };
}

/** What a waiver or the baseline covers is not open, and not hidden either. */
function suppressionsOf({ violation, standing }: Mark): { suppressions?: Suppression[] } {
  if (standing === 'waived') {
    const justification = mendText(violation.waiver?.reason ?? '');
    return { suppressions: [{ kind: 'inSource', status: 'accepted', justification }] };
  }
  if (standing === 'counts') return {};
  return {
    suppressions: [{ kind: 'external', status: 'accepted', justification: 'It was there before: in the baseline.' }],
  };
}

/** `[text](target)` is a link in a SARIF message: in those of others there are none. */
function messageText(mark: Mark): string {
  const text = mendText(clipped(mark.message, MESSAGE_MAX)).replaceAll('](', '] (');
  return text.trim() === '' ? checkName(mark.violation) : text;
}
