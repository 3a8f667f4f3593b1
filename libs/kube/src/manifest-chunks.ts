/** The part of a text that holds one document, as offsets of the whole text. */
export interface ManifestChunk {
  /** Of the line that opens it: its `---`, or its first character. */
  offset: number;
  /** Where its contents begin, after `---`. */
  start: number;
  end: number;
  /** Whether a `---` announced it, so that it counts as a document even when nothing is in it. */
  announced: boolean;
}

const MARKER = /(?:^|[\r\n])(?:---|\.\.\.)(?=[ \t\r\n]|$)/g;
const MARKER_LENGTH = 3;

/** What leaves no trace in a document: blank lines, comments, and directives, which Kubernetes doesn't honour. */
const NO_CONTENT = /^(?:[ \t]*(?:#[^\r\n]*)?(?:\r\n|\r|\n|$)|%[^\r\n]*(?:\r\n|\r|\n|$))*$/;

function isEmpty(text: string): boolean {
  let at = 0;
  while (at < text.length) {
    const next = text.slice(at).search(/[\r\n]/);
    const end = next < 0 ? text.length : at + next;
    if (!NO_CONTENT.test(text.slice(at, end))) return false;
    at = end + 1;
  }
  return true;
}

/**
 * Cuts a text at its `---` and `...` lines, before any of it is parsed: what is broken in one document can't reach the
 * next. In YAML such a line ends a document wherever it stands at the beginning of a line, also within quotes, while one
 * that is indented belongs to the block scalar around it.
 * @param text without byte order mark
 * @returns the documents in order, the empty ones that a `---` announced among them
 */
export function splitDocuments(text: string): (ManifestChunk & { empty: boolean })[] {
  const chunks: (ManifestChunk & { empty: boolean })[] = [];
  let open: Omit<ManifestChunk, 'end'> = { offset: 0, start: 0, announced: false };
  const close = (end: number): void => {
    const empty = isEmpty(text.slice(open.start, end));
    if (open.announced || !empty) chunks.push({ ...open, end, empty });
  };
  for (const match of text.matchAll(MARKER)) {
    const offset = match.index + match[0].length - MARKER_LENGTH;
    close(offset);
    open = { offset, start: offset + MARKER_LENGTH, announced: match[0].endsWith('---') };
  }
  close(text.length);
  return chunks;
}
