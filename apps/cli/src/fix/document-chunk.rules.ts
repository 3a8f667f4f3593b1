/** Such a line ends a document wherever it stands at the beginning of a line, also within quotes. */
const MARKER = /(?:^|[\r\n])(?:---|\.\.\.)(?=[ \t\r\n]|$)/g;

/** The part of a text that holds one document. */
export interface DocumentChunk {
  from: number;
  to: number;
}

/**
 * @param text of a file, without byte order mark
 * @param line where the document's contents begin, from 1
 * @param column from 1
 */
export function chunkAt(text: string, line: number, column: number): DocumentChunk {
  let offset = 0;
  for (let passed = 1; passed < line; passed++) {
    const end = text.indexOf('\n', offset);
    if (end < 0) break;
    offset = end + 1;
  }
  offset += column - 1;
  let from = 0;
  for (const match of text.matchAll(MARKER)) {
    const marker = match.index + match[0].length - 3;
    if (marker > offset) return { from, to: marker };
    from = marker + 3;
  }
  return { from, to: text.length };
}
