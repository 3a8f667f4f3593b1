const BREAKS = /[\t\n\v\f\r\u0085\u2028\u2029]+/g;
const BREAK = /\r\n|[\n\v\f\r\u0085\u2028\u2029]/g;
/** Controls, halves of surrogate pairs, and what turns the direction of a text: none of them shows what it does. */
const HIDDEN = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]/gu;
/** What Azure's agent and GitHub's runner take for a command wherever it stands in a line of a log. */
const COMMAND_WITHIN = /##(?=(?:vso)?\[)/gi;
/** What GitHub's runner takes for a command where a line begins. */
const COMMAND_FIRST = /^(?=\s*::)/;
export const ZERO_WIDTH_SPACE = '\u200b';

/**
 * Text of others for one line of a terminal or a log: no breaks, nothing hidden, and nothing that a CI system would
 * carry out.
 * @param text any
 * @param most UTF-16 code units
 */
export function oneLine(text: string, most = 1_000): string {
  return clipped(text, most)
    .replace(BREAKS, ' ')
    .replace(HIDDEN, '\ufffd')
    .replace(COMMAND_WITHIN, `#${ZERO_WIDTH_SPACE}#`)
    .replace(COMMAND_FIRST, ZERO_WIDTH_SPACE);
}

/** @returns the text with its lines as they are, and nothing hidden in them */
export function visibleLines(text: string): string {
  return text
    .split(BREAK)
    .map((line) => line.replace(HIDDEN, (hidden) => (hidden === '\t' ? hidden : '\ufffd')))
    .join('\n');
}

/**
 * @param text any
 * @param most UTF-16 code units of what is returned
 * @returns the text, with `…` for what is too much
 */
export function clipped(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
