import { SEVERITIES, type Severity } from '#kernel';
import type { GitCheckSummary, ValidationViolation } from '#contracts';
import type { Annotation, ReportState } from './git-provider.js';

const DESCRIPTION_MAX = 140;
/** Of one comment; GitHub takes 65,536, the others more. */
const SUMMARY_MAX = 60_000;
const ROWS_MAX = 100;
const CELL_MAX = 300;
const MESSAGE_MAX = 1_000;

const HEADINGS: Record<ReportState, string> = {
  pending: 'Being checked',
  success: 'Allowed',
  warning: 'Allowed with a warning',
  failure: 'Denied',
  error: 'Not judged by all that may deny',
};

/** A check that has ended, as far as it is told of. */
export interface EndedCheck {
  status: 'done' | 'failed';
  decision: 'allow' | 'warn' | 'deny' | null;
  summary: GitCheckSummary | null;
  violations: readonly ValidationViolation[];
  error: string | null;
  link: string;
}

/**
 * @returns how it is told: a warning is no failure, and what went wrong here is neither, as where a check gave no judgement
 *   that would have denied
 */
export function stateOf({ status, decision, summary }: EndedCheck): ReportState {
  if (status === 'failed' || decision === null) return 'error';
  if (decision !== 'deny' && summary !== null && summary.denying_errors > 0) return 'error';
  return { allow: 'success', warn: 'warning', deny: 'failure' }[decision] as ReportState;
}

/** @returns one line, at most 140 characters */
export function descriptionOf(check: EndedCheck): string {
  const { summary, error } = check;
  if (summary === null || check.status === 'failed')
    return cut(`Not checked: ${error ?? 'no reason given'}`, DESCRIPTION_MAX);
  const word = { error: 'Not judged by all: ', warning: 'Warning: ' }[stateOf(check) as string] ?? '';
  return cut(`${word}${countsOf(summary)} in ${many(summary.files, 'manifest')}`, DESCRIPTION_MAX);
}

/** @returns Markdown, the most severe first; what is in it of the repository can't be taken for Markdown of ours */
export function summaryOf(check: EndedCheck): string {
  const { summary, violations, error, link } = check;
  if (summary === null || check.status === 'failed')
    return `**Not checked.** ${escaped(error ?? '')}\n\n[Details](${link})`;
  const fresh = violations.filter(({ baseline }) => baseline === 'new');
  const heading = HEADINGS[stateOf(check)];
  const rows = fresh.slice(0, ROWS_MAX).map(rowOf);
  const parts = [
    `**${heading}**: ${countsOf(summary)} in ${many(summary.files, 'manifest')}, ${many(summary.objects, 'object')}.`,
    ...(rows.length > 0
      ? [['| severity | policy | object | place | message |', '| --- | --- | --- | --- | --- |', ...rows].join('\n')]
      : []),
    ...(summary.new > rows.length ? [`… and ${summary.new - rows.length} more.`] : []),
    ...(summary.unreadable.length > 0
      ? [
          `Not judged:\n${summary.unreadable
            .slice(0, ROWS_MAX)
            .map(({ path, reason }) => `- ${code(path)}: ${escaped(reason)}`)
            .join('\n')}`,
        ]
      : []),
    `[Details](${link})`,
  ];
  return withinLimit(parts);
}

/** @returns the new violations at their places; those without one can't be shown in a file */
export function annotationsOf(violations: readonly ValidationViolation[]): Annotation[] {
  return violations
    .filter(({ baseline, location }) => baseline === 'new' && location !== undefined)
    .map(({ policy, severity, location, message, remediation, fingerprint }) => ({
      path: location?.path ?? '',
      line: location?.line ?? 1,
      severity,
      title: policy.title,
      message: cut(remediation === '' ? message : `${message}\n\n${remediation}`, MESSAGE_MAX),
      id: fingerprint.slice(0, 32),
    }));
}

function countsOf({ new: fresh, existing, by_severity: severities, errors, unreadable }: GitCheckSummary): string {
  const named = [...SEVERITIES]
    .reverse()
    .flatMap((severity: Severity) => ((severities[severity] ?? 0) > 0 ? [`${severities[severity]} ${severity}`] : []));
  const beside = [
    ...(existing > 0 ? [`${existing} known`] : []),
    ...(errors > 0 ? [many(errors, 'error')] : []),
    ...(unreadable.length > 0 ? [`${unreadable.length} not judged`] : []),
  ];
  const what = fresh === 0 ? 'no new violations' : `${many(fresh, 'new violation')} (${named.join(', ')})`;
  return [what, ...beside].join(', ');
}

function rowOf({ severity, policy, object, location, message }: ValidationViolation): string {
  const name = [object.namespace, object.name].filter((part) => part !== '').join('/');
  const place = location === undefined ? '' : `${location.path}:${location.line}`;
  return `| ${severity} | ${escaped(policy.title)} | ${code(`${object.kind} ${name}`)} | ${code(place)} | ${escaped(message)} |`;
}

function withinLimit(parts: readonly string[]): string {
  const text = parts.join('\n\n');
  if (text.length <= SUMMARY_MAX) return text;
  const [first = '', ...others] = parts;
  return `${first}\n\n${cut(others.slice(0, -1).join('\n\n'), SUMMARY_MAX - first.length - 1_000)}\n\n${others.at(-1) ?? ''}`;
}

function many(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** Nobody is mentioned, nothing linked, no table broken, whatever a manifest says. */
function escaped(text: string): string {
  return cut(text, CELL_MAX)
    .replaceAll(/\s+/g, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[\\`*_{}[\]()#+!|~]/g, (sign) => `&#${sign.charCodeAt(0)};`)
    .replaceAll('@', '&#64;')
    .replaceAll('://', '&#58;//');
}

function code(text: string): string {
  return text === '' ? '' : `<code>${escaped(text)}</code>`;
}
