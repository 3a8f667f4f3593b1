import type { ValidationResult } from '#contracts';
import { clipped, visibleLines, oneLine } from './escape-line.js';
import { markLine, remarkLine } from './log-line.js';
import { checkName, countingMarks, type Mark } from './marks.js';
import type { Place } from './place.js';
import { gatheredRemarks, type GatheredRemark } from './remarks.js';
import type { ResultContext } from './result-context.js';
import { tallyText } from './tally.js';

const MESSAGE_MAX = 4_000;

/**
 * Logging commands of Azure Pipelines. It knows errors and warnings alone: what is neither stands in the log as plain
 * lines, and what the result comes to is the last one.
 */
export function formatAzure(result: ValidationResult, context: ResultContext): string {
  const remarks = gatheredRemarks(result, context);
  const lines = [
    ...remarks.filter(({ level }) => level === 'error').map(remarkIssue),
    ...countingMarks(result, context).map((mark) => (mark.level === 'note' ? markLine(mark) : markIssue(mark))),
    ...remarks.filter(({ level }) => level === 'warning').map(remarkIssue),
    ...remarks.filter(({ level }) => level === 'note').map(remarkLine),
    `Bylaw: ${result.decision}. ${tallyText(result)}.${context.url === undefined ? '' : ` ${oneLine(context.url)}`}`,
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function markIssue({ level, violation, message, place }: Mark): string {
  return issue(level, checkName(violation), `${place.object}: ${clipped(message, MESSAGE_MAX)}`, place);
}

function remarkIssue({ level, kind, code, message, place, places }: GatheredRemark): string {
  const others = places.length > 1 ? ` (and ${places.length - 1} more)` : '';
  return issue(level, code, `${kind}: ${place.object}${others}: ${clipped(message, MESSAGE_MAX)}`, place);
}

function issue(type: string, code: string, message: string, { path, line, column }: Place): string {
  const properties: [string, string | number | undefined][] = [
    ['type', type],
    ['sourcepath', path],
    ['linenumber', path === undefined ? undefined : line],
    ['columnnumber', path === undefined ? undefined : column],
    ['code', code],
  ];
  const told = properties
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${property(String(value))}`);
  return `##vso[task.logissue ${told.join(';')}]${data(message)}`;
}

/** As the agent reads it back: its own `%` first. */
function data(text: string): string {
  return visibleLines(text).replaceAll('%', '%AZP25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** What ends a property, or all of them. */
function property(text: string): string {
  return data(text).replaceAll(']', '%5D').replaceAll(';', '%3B');
}
