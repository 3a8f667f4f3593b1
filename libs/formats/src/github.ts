import type { ValidationResult } from '#contracts';
import { clipped, visibleLines, oneLine } from './escape-line.js';
import { checkName, countingMarks } from './marks.js';
import type { Place } from './place.js';
import { remarksOf } from './remarks.js';
import type { ResultContext } from './result-context.js';
import { LEVELS, type Level } from './severity-levels.js';
import { counted, tallyText } from './tally.js';

/** GitHub shows no more of a level a step, and drops the others without a word. */
const SHOWN_MAX = 10;
const MESSAGE_MAX = 4_000;
const COMMAND: Record<Level, string> = { error: 'error', warning: 'warning', note: 'notice' };

interface Annotation {
  level: Level;
  title: string;
  message: string;
  place: Place;
}

/**
 * Workflow commands of GitHub Actions: at most ten errors, warnings and notices each, the most severe first, then what
 * the result comes to, in plain words.
 */
export function formatGithub(result: ValidationResult, context: ResultContext): string {
  const annotations = annotationsOf(result, context);
  const left = LEVELS.map((level) => ({
    level,
    count: Math.max(0, annotations.filter((one) => one.level === level).length - SHOWN_MAX),
  })).filter(({ count }) => count > 0);
  const shown = LEVELS.flatMap((level) => annotations.filter((one) => one.level === level).slice(0, SHOWN_MAX));
  const more = left.map(({ level, count }) => counted(count, COMMAND[level])).join(', ');
  const where = context.url === undefined ? '' : ` ${oneLine(context.url)}`;
  return [
    ...shown.map(commandOf),
    `Bylaw: ${result.decision}. ${tallyText(result)}.${more === '' ? '' : ` Not shown: ${more}.`}${where}`,
  ]
    .map((line) => `${line}\n`)
    .join('');
}

function annotationsOf(result: ValidationResult, context: ResultContext): Annotation[] {
  // What can't be read comes first: nothing in it was judged.
  const remarks = remarksOf(result, context).filter(({ kind }) => kind !== 'not-considered');
  const told = remarks.map(({ kind, level, code, message, place }) => ({
    level,
    title: `${kind}: ${code}`,
    message,
    place,
  }));
  const violations = countingMarks(result, context).map(({ level, violation, message, place }) => ({
    level,
    title: `${checkName(violation)} (${violation.severity}): ${violation.policy.title}`,
    message,
    place,
  }));
  const invalid = told.filter(({ level }) => level === 'error');
  return [...invalid, ...violations, ...told.filter(({ level }) => level !== 'error')];
}

function commandOf({ level, title, message, place }: Annotation): string {
  const { path, line, column, object } = place;
  const properties: [string, string | number | undefined][] = [
    ['file', path],
    ['line', path === undefined ? undefined : line],
    ['col', path === undefined ? undefined : column],
    ['title', clipped(title, 250)],
  ];
  const told = properties
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${property(String(value))}`);
  return `::${COMMAND[level]} ${told.join(',')}::${data(`${object}: ${clipped(message, MESSAGE_MAX)}`)}`;
}

/** As the runner reads it back: `%`, and what ends a line. */
function data(text: string): string {
  return visibleLines(text).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** What ends a property, too. */
function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
