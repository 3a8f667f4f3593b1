/** A change of a text: what stands from one offset to another becomes something else. */
export interface Edit {
  from: number;
  to: number;
  text: string;
}

/** A patch that can't be written into a text without touching more than it says. */
export class EditRefusal extends Error {}

/** @returns the text with the change made */
export function edited(text: string, { from, to, text: inserted }: Edit): string {
  return text.slice(0, from) + inserted + text.slice(to);
}

/** @returns how many characters stand before an offset in its line */
export function columnOf(text: string, offset: number): number {
  return offset - lineStart(text, offset);
}

/** @returns the offset of the first character of a line */
export function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

/** @returns the offset after the end of a line, or of the text; a block scalar's end is one already */
export function lineEnd(text: string, offset: number): number {
  if (offset > 0 && text[offset - 1] === '\n') return offset;
  const end = text.indexOf('\n', offset);
  return end < 0 ? text.length : end + 1;
}

/** @returns how lines end in a text: as the first one does */
export function endOfLine(text: string): '\r\n' | '\n' {
  return /\r?\n/.exec(text)?.[0] === '\r\n' ? '\r\n' : '\n';
}
