import type { Json } from '#kernel';
import type { ValidationResult, ValidationViolation } from '#contracts';
import { stringify } from 'yaml';
import { clipped, oneLine, visibleLines } from './escape-line.js';
import { foundText } from './finding-text.js';
import { checkName, marksOfViolation } from './marks.js';
import { objectText, placeText } from './place.js';
import { remarksOf, type Remark } from './remarks.js';
import type { ResultContext } from './result-context.js';
import { bySeverity, levelOf, standingOf } from './severity-levels.js';
import { tallyText } from './tally.js';

const TEXT_MAX = 4_000;

/** Quoted throughout, each text in one line: none can look like an end of the block. */
const QUOTED = {
  defaultStringType: 'QUOTE_DOUBLE',
  defaultKeyType: 'PLAIN',
  lineWidth: 0,
  doubleQuotedMinMultiLineLength: Infinity,
} as const;

interface TestPoint {
  ok: boolean;
  description: string;
  /** `TODO` does not count where it is not ok, `SKIP` nowhere. */
  directive?: { name: 'SKIP' | 'TODO'; reason: string };
  diagnostic?: Json;
}

/**
 * TAP 14: a test point a policy that fails on an object, erred or was skipped, and a document that is no object. What is
 * waived or of the baseline is `TODO`, which is no failure. What passes is counted in a comment.
 */
export function formatTap(result: ValidationResult, context: ResultContext): string {
  const violations = result.violations
    .map((violation) => ({ violation, standing: standingOf(violation), level: levelOf(violation, result.fail_on) }))
    .sort(bySeverity)
    .map(({ violation }) => violationPoint(violation, result, context));
  const points = [...violations, ...remarksOf(result, context).map(remarkPoint)];
  if (points.length === 0) points.push({ ok: true, description: 'all checks pass' });
  return [
    'TAP version 14',
    `1..${points.length}`,
    ...points.map((point, index) => pointText(point, index + 1)),
    `# ${result.decision}: ${tallyText(result)}`,
    ...(context.url === undefined ? [] : [`# ${oneLine(context.url)}`]),
    '',
  ].join('\n');
}

function violationPoint(violation: ValidationViolation, result: ValidationResult, context: ResultContext): TestPoint {
  const { severity, enforcement, waiver, remediation } = violation;
  const findings = marksOfViolation(violation, result.fail_on, context).map((mark) => ({
    message: shown(mark.message),
    at: oneLine(placeText(mark.place)),
    ...(mark.finding !== undefined && { field: oneLine(mark.finding.path), details: oneLine(foundText(mark)) }),
  }));
  const standing = standingOf(violation);
  const reason = standing === 'waived' ? `waived: ${waiver?.reason ?? ''}` : 'in the baseline';
  return {
    ok: false,
    description: `${objectText(violation.object)}: ${checkName(violation)}`,
    ...(standing !== 'counts' && { directive: { name: 'TODO' as const, reason } }),
    diagnostic: {
      message: shown(violation.message),
      severity,
      enforcement,
      findings,
      remediation: shown(remediation),
    },
  };
}

function remarkPoint({ kind, code, message, place }: Remark): TestPoint {
  const failed = kind === 'invalid' || kind === 'error';
  return {
    ok: !failed,
    description: `${placeText(place)}: ${code}`,
    ...(!failed && { directive: { name: 'SKIP' as const, reason: `${kind}: ${message}` } }),
    ...(failed && { diagnostic: { message: shown(message), kind, at: oneLine(placeText(place)) } }),
  };
}

function pointText({ ok, description, directive, diagnostic }: TestPoint, number: number): string {
  const told = directive === undefined ? '' : ` # ${directive.name} ${escaped(directive.reason)}`;
  const line = `${ok ? 'ok' : 'not ok'} ${number} - ${escaped(description)}${told}`;
  if (diagnostic === undefined) return line;
  const yaml = stringify(diagnostic, QUOTED);
  return [line, '---', ...yaml.trimEnd().split('\n'), '...'].join('\n  ');
}

/** A `#` begins a directive. */
function escaped(text: string): string {
  return oneLine(text).replaceAll('\\', '\\\\').replaceAll('#', '\\#');
}

function shown(text: string): string {
  return visibleLines(clipped(text, TEXT_MAX));
}
