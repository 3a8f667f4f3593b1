import type { TextPosition } from '#kube';
import { type IgnoreComment, ignoresIn } from './ignore-comments.rules.js';

const SOURCE = /^# Source: (?<path>\S.*?)\s*$/;

/** A posted text beside what was read of it: what its comments say. */
export class SourceText {
  /** Comments that ask for something to be ignored, in their order. */
  readonly ignores: readonly IgnoreComment[];
  private readonly lines: readonly string[];

  /** @param text as it was posted */
  constructor(text: string) {
    const asks = text.includes('bylaw:ignore');
    this.lines = asks || text.includes('# Source: ') ? text.split(/\r\n|\r|\n/) : [];
    this.ignores = asks ? ignoresIn(this.lines) : [];
  }

  /**
   * @param line where a document's contents begin, from 1
   * @returns the file that a renderer made the document of, as Helm notes it, and the line that the document begins at
   */
  sourceOf(line: number): { path: string; firstLine: number } | undefined {
    for (let at = line - 2; at >= 0; at--) {
      const text = this.lines[at] ?? '';
      const path = SOURCE.exec(text)?.groups?.['path'];
      if (path !== undefined) return { path, firstLine: at + 2 };
      if (text.trim() !== '' && !text.startsWith('#')) return undefined;
    }
    return undefined;
  }
}

/** @returns where something is written, counted from a document's own first line */
export function within({ line, column }: TextPosition, firstLine: number): TextPosition {
  return { line: line - firstLine + 1, column };
}
