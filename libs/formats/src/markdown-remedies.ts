import { clipped } from './escape-line.js';
import { code, fenced, prose, proseWithCode } from './escape-markdown.js';
import { checkName, type Mark } from './marks.js';
import type { ResultContext } from './result-context.js';

const REMEDY_MAX = 2_000;
/** A longer one is better read in the result itself. */
const PATCH_MAX = 4_000;
const ITEM = /^\s*(?:[-*+]|\d{1,3}\.) (?=\S)/;
const FENCE = /^ {0,3}(`{3,}|~{3,})\s*([\w-]*)/;
/** What turns the direction of a text; JSON can write it otherwise, and stays the same. */
const TURNING = /[\u0085\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** @returns a piece a policy that failed: what can be done about it, its blocks of code as such */
export function remedyPieces(marks: readonly Mark[], { policies }: ResultContext): string[] {
  const bySlug = new Map(marks.map(({ violation }) => [violation.policy.slug, violation]));
  return [...bySlug].flatMap(([slug, { policy, remediation }]) => {
    const text = (policies?.get(slug)?.remediation ?? remediation).trim();
    return text === ''
      ? []
      : [`**${prose(policy.title, 200)}** (${code(slug)})\n\n${remedy(clipped(text, REMEDY_MAX))}\n\n`];
  });
}

/** @returns a piece a violation with a fix: the patch (RFC 6902) of the object */
export function fixPieces(marks: readonly Mark[]): string[] {
  const violations = new Map(marks.map(({ violation, place }) => [violation, place]));
  return [...violations].flatMap(([violation, { object }]) => {
    if (violation.fix === undefined) return [];
    const patch = JSON.stringify(violation.fix.patch, null, 2).replace(TURNING, escaped);
    const title = `${code(object)} ${code(checkName(violation))}:\n\n`;
    if (patch.length > PATCH_MAX) return [`${title}${violation.fix.patch.length} operations, in the result itself\n\n`];
    return [`${title}${fenced(patch, 'json')}\n\n`];
  });
}

/** Paragraphs and lists as such, blocks of code as blocks of code; what else Markdown has is shown as it was written. */
function remedy(text: string): string {
  const parts: string[] = [];
  let block: { fence: string; language: string; lines: string[] } | undefined;
  for (const line of text.split(/\r\n|[\r\n]/)) {
    const [, fence, language = ''] = FENCE.exec(line) ?? [];
    if (block === undefined) {
      if (fence === undefined) parts.push(paragraphLine(line));
      else block = { fence, language, lines: [] };
    } else if (fence?.startsWith(block.fence) && language === '') {
      parts.push(fenced(block.lines.join('\n'), block.language));
      block = undefined;
    } else block.lines.push(line);
  }
  if (block !== undefined) parts.push(fenced(block.lines.join('\n'), block.language));
  return parts.join('\n');
}

function paragraphLine(line: string): string {
  const [item = ''] = ITEM.exec(line) ?? [];
  return item.trimStart() + proseWithCode(line.slice(item.length));
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
