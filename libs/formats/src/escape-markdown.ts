import { clipped, oneLine, ZERO_WIDTH_SPACE } from './escape-line.js';

/** What may mean something to Markdown: anywhere, or where a line begins. */
const PUNCTUATION = /[\\`*_[\]#|~>$]|^[-+=:]|(?<=^\d{1,9})[.)]/g;
/** What GitHub and GitLab turn into a link and a message to people, in the page that Markdown has become. */
const REFERENCE = /(?<=[@#!%~&$^])(?=[\w"])|(?<=GH)(?=-\d)/gi;
/** Readers of tables differ in what two backslashes before a bar are, so none stands right before one. */
const BEFORE_BAR = /(?<=\\)(?=\|)/g;
/** What becomes a link by itself. */
const ADDRESS = /(?<=:)(?=\/\/)|(?<=www)(?=\.)|(?<=mailto|xmpp)(?=:)/gi;

/**
 * Prose of others, in one line. Whatever stands in it is read as it was written: no formatting, no links, no images, no
 * HTML, and nobody is called.
 * @param text any
 * @param most UTF-16 code units of it
 */
export function prose(text: string, most = 1_000): string {
  return oneLine(text, most)
    .trim()
    .replace(REFERENCE, ZERO_WIDTH_SPACE)
    .replace(ADDRESS, ZERO_WIDTH_SPACE)
    .replace(BEFORE_BAR, ZERO_WIDTH_SPACE)
    .replace(PUNCTUATION, String.raw`\$&`)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;');
}

/** @returns the same, but with what stands between backticks as code */
export function proseWithCode(text: string, most = 1_000): string {
  return clipped(text, most)
    .split(/(`[^`\n]+`)/)
    .map((part, index) => (index % 2 === 1 ? code(part.slice(1, -1)) : spaced(part)))
    .join('');
}

/**
 * A name or a value of others, as code in a line.
 * @param text any
 * @param most UTF-16 code units of it
 */
export function code(text: string, most = 300): string {
  const line = oneLine(text, most).trim().replace(BEFORE_BAR, ZERO_WIDTH_SPACE);
  if (line === '') return '';
  const ticks = '`'.repeat(longestRun(line) + 1);
  const pad = line.startsWith('`') || line.endsWith('`') ? ' ' : '';
  return `${ticks}${pad}${line}${pad}${ticks}`;
}

/**
 * @param markdown one line of it, made here
 * @returns the same for a cell of a table, which a `|` would end
 */
export function cell(markdown: string): string {
  return markdown.replace(/(?<!\\)\|/g, String.raw`\|`);
}

/**
 * A block of code.
 * @param text any; its lines are kept
 * @param language of it
 */
export function fenced(text: string, language: string): string {
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1));
  const lines = text.split(/\r\n|[\r\n\u0085\u2028\u2029]/).map((line) => visible(line));
  return [`${fence}${language}`, ...lines, fence].join('\n');
}

/** Text of others within HTML. */
export function html(text: string, most = 300): string {
  return oneLine(text, most)
    .trim()
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** Indentation stays; what is hidden does not. */
function visible(line: string): string {
  const indentation = /^ */.exec(line)?.[0] ?? '';
  return indentation + oneLine(line.slice(indentation.length), Infinity);
}

/** Spaces around a part are between it and its neighbours. */
function spaced(part: string): string {
  const escaped = prose(part, Infinity);
  if (escaped === '') return part === '' ? '' : ' ';
  return `${/^\s/.test(part) ? ' ' : ''}${escaped}${/\s$/.test(part) ? ' ' : ''}`;
}

function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map(({ length }) => length));
}
