import pc from 'picocolors';
import { severityRank } from '#kernel';
import type { ValidationResult } from '#contracts';
import { clipped, oneLine } from './escape-line.js';
import { foundText } from './finding-text.js';
import { remarkLine } from './log-line.js';
import { checkName, groupedBy, marksOf, type Mark } from './marks.js';
import { byPlace, placeText } from './place.js';
import { gatheredRemarks } from './remarks.js';
import type { ResultContext } from './result-context.js';
import type { Level } from './severity-levels.js';
import { tallyText } from './tally.js';

type Colours = ReturnType<typeof pc.createColors>;

const REMEDY_MAX = 2_000;
/** More would push what was found out of sight. */
const REMEDIES_MOST = 3;

/**
 * For people at a terminal: findings by file, then how they are put right, what does not count and why, what was not
 * judged, and what it comes to.
 */
export function formatText(result: ValidationResult, context: ResultContext): string {
  const colours = pc.createColors(context.colour === true);
  const marks = marksOf(result, context).sort((a, b) => byPlace(a.place, b.place));
  const counting = marks.filter(({ standing }) => standing === 'counts');
  const apart = (standing: Mark['standing']): string[] =>
    marks.filter((mark) => mark.standing === standing).map(apartLine);
  const sections = [
    ...[...groupedBy(counting, headingOf)].map(([heading, of]) => section(heading, findingLines(of, colours), colours)),
    section('How to put it right', remedyLines(counting, context), colours),
    section('In the baseline, so it does not count', apart('existing'), colours),
    section('Waived', apart('waived'), colours),
    section(
      'Not judged, or read otherwise than it was meant',
      gatheredRemarks(result, context).map(remarkLine),
      colours,
    ),
    `${tallyText(result)}\n${decisionLine(result, colours)}\n`,
    context.url === undefined ? '' : `${oneLine(context.url)}\n`,
  ];
  return sections.filter((text) => text !== '').join('\n');
}

function headingOf({ place }: Mark): string {
  if (place.path !== undefined) return place.path;
  return place.line === undefined ? 'Without a file' : 'The text that was given';
}

function section(heading: string, lines: readonly string[], { bold }: Colours): string {
  if (lines.length === 0) return '';
  return `${bold(oneLine(heading))}\n${lines.map((line) => `${`  ${line}`.trimEnd()}\n`).join('')}`;
}

function findingLines(marks: readonly Mark[], colours: Colours): string[] {
  return marks.flatMap((mark) => {
    const { violation, finding, message, place, level } = mark;
    const { line, column } = place;
    const where = line === undefined ? '' : `${line}:${column ?? 1} `;
    const field = finding === undefined || finding.path === '' ? '' : ` ${finding.path}`;
    const found = foundText(mark);
    return [
      `${colours.dim(where)}${ofLevel(level, `${level} ${violation.severity}`, colours)} ${oneLine(checkName(violation))}: ${oneLine(message)}`,
      colours.dim(`  ${oneLine(`${place.object}${field}${found === '' ? '' : `: ${found}`}`)}`),
    ];
  });
}

function apartLine(mark: Mark): string {
  const { violation, message, place } = mark;
  const reason = violation.waiver === undefined ? '' : ` (${violation.waiver.reason})`;
  return oneLine(`${placeText(place)}: ${checkName(violation)}: ${message}${reason}`);
}

/** Once a policy, of the most severe ones. */
function remedyLines(marks: readonly Mark[], { policies }: ResultContext): string[] {
  const bySlug = new Map(marks.map(({ violation }) => [violation.policy.slug, violation]));
  const worst = [...bySlug].sort(([, a], [, b]) => severityRank(b.severity) - severityRank(a.severity));
  const lines = worst.slice(0, REMEDIES_MOST).flatMap(([slug, { remediation }]) => {
    const text = clipped((policies?.get(slug)?.remediation ?? remediation).trim(), REMEDY_MAX);
    if (text === '') return [];
    return [`${oneLine(slug)}:`, ...text.split(/\r\n|[\r\n]/).map((line) => `  ${lineOf(line)}`)];
  });
  const left = worst.length - REMEDIES_MOST;
  return left > 0 ? [...lines, `… and ${left} more: the formats markdown and json have all of them`] : lines;
}

function decisionLine({ decision, fail_on: failOn }: ValidationResult, colours: Colours): string {
  const colour = { deny: colours.red, warn: colours.yellow, allow: colours.green }[decision];
  return `Decision: ${colours.bold(colour(decision))} (fails from ${failOn} on, or where it is enforced)`;
}

function ofLevel(level: Level, text: string, { red, yellow, cyan }: Colours): string {
  return { error: red, warning: yellow, note: cyan }[level](text);
}

/** Indentation stays. */
function lineOf(line: string): string {
  const indentation = /^ */.exec(line)?.[0] ?? '';
  return indentation + oneLine(line.slice(indentation.length));
}
