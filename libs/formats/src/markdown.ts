import type { ValidationResult } from '#contracts';
import { cell, code, html, prose, proseWithCode } from './escape-markdown.js';
import { linkTarget } from './link-target.js';
import { Room } from './markdown-room.js';
import { fixPieces, remedyPieces } from './markdown-remedies.js';
import { checkName, groupedBy, marksOf, type Mark } from './marks.js';
import { gatheredRemarks, type GatheredRemark } from './remarks.js';
import type { ResultContext } from './result-context.js';
import { LEVELS } from './severity-levels.js';
import { counted, tallyText } from './tally.js';

/** GitHub refuses a comment of 65,536 characters; some are left for whoever writes around it. */
const LENGTH_MAX = 64_000;
/** What each part may take of the room that those before it left. */
const SHARE = { tables: 0.6, remedies: 0.4, fixes: 0.4, lists: 0.3 };
const HEADINGS: Record<ValidationResult['decision'], string> = {
  deny: '❌ Bylaw denies this',
  warn: '⚠️ Bylaw warns of this',
  allow: '✅ Bylaw allows this',
};
const HEAD = '| Severity | Line | Policy | Object | What is wrong |\n| --- | --- | --- | --- | --- |\n';
const TABLE_END = '\n</details>\n';
const MESSAGE_MAX = 400;

/**
 * A comment for a pull request: folded, the most severe first, a table a file, and always shorter than GitHub takes.
 * Text of others is shown as it is: it formats nothing, links nowhere and calls nobody.
 */
export function formatMarkdown(result: ValidationResult, context: ResultContext): string {
  const room = new Room(LENGTH_MAX);
  const marks = marksOf(result, context);
  const counting = marks.filter(({ standing }) => standing === 'counts');
  const url = context.url === undefined ? '' : `\n[The whole result](<${linkTarget(context.url)}>)\n`;
  const head = `<!-- bylaw -->\n### ${HEADINGS[result.decision]}\n\n${tallyText(result)}. Fails from ${result.fail_on} on.\n${url}`;
  const parts = [
    ...room.fitting([head], 1),
    ...tables(counting, room),
    ...folded('How it is put right', remedyPieces(counting, context), room, SHARE.remedies),
    ...folded('Fixes that were tried', fixPieces(counting), room, SHARE.fixes),
    ...folded(
      'In the baseline',
      marks.filter(({ standing }) => standing === 'existing').map(listed),
      room,
      SHARE.lists,
    ),
    ...folded('Waived', marks.filter(({ standing }) => standing === 'waived').map(listed), room, SHARE.lists),
    ...folded('Not judged', gatheredRemarks(result, context).map(remarkListed), room, SHARE.lists),
  ];
  return parts.join('');
}

/**
 * The files by the most severe finding in each. Where not all fit, the least severe are left out, whatever file they
 * are in, and counted.
 */
function tables(marks: readonly Mark[], room: Room): string[] {
  const files = groupedBy(marks, pathOf);
  const begun = new Set<string | undefined>();
  const pieces = marks.map((mark) => {
    const path = pathOf(mark);
    if (begun.has(path)) return row(mark);
    begun.add(path);
    return `${tableBegin(path, files.get(path) ?? [])}${row(mark)}${TABLE_END}`;
  });
  const kept = marks.slice(0, room.fitting(pieces, SHARE.tables).length);
  const left = marks.length - kept.length;
  return [
    ...[...groupedBy(kept, pathOf)].map(
      ([path, rows]) => `${tableBegin(path, files.get(path) ?? [])}${rows.map(row).join('')}${TABLE_END}`,
    ),
    ...(left > 0 ? [`\n${counted(left, 'more finding')} did not fit here.\n`] : []),
  ];
}

function tableBegin(path: string | undefined, marks: readonly Mark[]): string {
  const name = path === undefined ? 'Without a file' : `<code>${html(path)}</code>`;
  return `\n<details><summary>${name}: ${levelsText(marks)}</summary>\n\n${HEAD}`;
}

function pathOf({ place }: Mark): string | undefined {
  return place.path;
}

function levelsText(marks: readonly Mark[]): string {
  return LEVELS.map((level) => ({ level, count: marks.filter((mark) => mark.level === level).length }))
    .filter(({ count }) => count > 0)
    .map(({ level, count }) => counted(count, level))
    .join(', ');
}

function row({ violation, message, place }: Mark): string {
  const cells = [
    violation.severity,
    String(place.line ?? ''),
    code(checkName(violation)),
    code(place.object),
    proseWithCode(message, MESSAGE_MAX),
  ];
  return `| ${cells.map(cell).join(' | ')} |\n`;
}

function listed({ violation, message, place }: Mark): string {
  const where = place.path === undefined ? '' : ` in ${code(`${place.path}:${place.line ?? 1}`)}`;
  const reason = violation.waiver === undefined ? '' : ` (waived: ${prose(violation.waiver.reason, MESSAGE_MAX)})`;
  return `- ${code(checkName(violation))} ${code(place.object)}${where}: ${proseWithCode(message, MESSAGE_MAX)}${reason}\n`;
}

function remarkListed({ kind, code: what, message, place, places }: GatheredRemark): string {
  const line = place.line === undefined ? '' : `:${place.line}`;
  const where = code(place.path === undefined ? place.object : `${place.path}${line}`);
  const others = places.length > 1 ? ` and ${places.length - 1} more` : '';
  return `- ${kind.replace('-', ' ')}: ${where}${others}: ${code(what)}: ${proseWithCode(message, MESSAGE_MAX)}\n`;
}

function folded(title: string, pieces: readonly string[], room: Room, share: number): string[] {
  if (pieces.length === 0) return [];
  const fit = room.fitting(pieces, share);
  const left = pieces.length - fit.length;
  return [
    `\n<details><summary>${title}: ${pieces.length}</summary>\n\n`,
    ...fit,
    ...(left > 0 ? [`\n${left} more did not fit here.\n`] : []),
    '\n</details>\n',
  ];
}
