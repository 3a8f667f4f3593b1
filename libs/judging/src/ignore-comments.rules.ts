/** A comment, or an annotation, that asks for policies to be ignored. */
export interface Ignore {
  policies: readonly string[];
  /** Empty where none was given: such a one is told of, and not followed. */
  reason: string;
}

/** A comment with the lines that it is about. */
export interface IgnoreComment extends Ignore {
  /** Where it stands, from 1. */
  line: number;
  column: number;
  /** First and last line that it is about, from 1. */
  from: number;
  to: number;
}

/** A text without it has no such comment. */
export const IGNORE_WORD = 'bylaw:ignore';

const COMMENT = /(?<before>^|\s)#\s*bylaw:ignore(?:\s+(?<what>\S.*?))?\s*$/;
const SEPARATOR = /(?:^|\s+)--(?:\s+|$)/;
const DOCUMENT_END = /^(?:---|\.\.\.)(?:\s|$)/;

/**
 * @param text what stands behind `bylaw:ignore`: slugs, by commas or blanks, `--` and why
 */
export function parseIgnore(text: string): Ignore {
  const [slugs = '', ...reason] = text.split(SEPARATOR);
  return { policies: slugs.split(/[\s,]+/).filter((slug) => slug !== ''), reason: reason.join(' -- ').trim() };
}

/**
 * @param text of documents
 * @returns its comments that ask for something to be ignored. Behind a value one is about that value; on a line of its own
 *   about what follows it; before anything else in a document, about all of it
 */
export function ignoresIn(text: string): IgnoreComment[] {
  if (!text.includes(IGNORE_WORD)) return [];
  const lines = text.split(/\r\n|\r|\n/);
  const places = new LinePlaces(lines);
  return lines.flatMap((line, index): IgnoreComment[] => {
    const match = line.includes(IGNORE_WORD) ? COMMENT.exec(line) : null;
    if (match === null) return [];
    const [from, to] = places.meantBy(index, line.slice(0, match.index).trim() === '');
    return [
      {
        ...parseIgnore(match.groups?.['what'] ?? ''),
        line: index + 1,
        column: match.index + (match.groups?.['before'] ?? '').length + 1,
        from: from + 1,
        to: to + 1,
      },
    ];
  });
}

/** What lies where in a text, each line looked at once: a text may hold nothing but comments. */
class LinePlaces {
  /** By line: the next with content, itself included; the last line where there is none. */
  private readonly next: number[] = [];
  /** By line: the last of its document. */
  private readonly documentEnd: number[] = [];
  /** By line: whether its document has had no content above it. */
  private readonly isFirst: boolean[] = [];
  private readonly ends = new Map<number, number>();

  constructor(private readonly lines: readonly string[]) {
    let [next, end] = [lines.length - 1, lines.length - 1];
    for (let index = lines.length - 1; index >= 0; index--) {
      const line = lines[index] ?? '';
      if (hasContent(line)) next = index;
      this.next[index] = next;
      this.documentEnd[index] = end;
      if (DOCUMENT_END.test(line)) end = index - 1;
    }
    let first = true;
    for (const [index, line] of lines.entries()) {
      this.isFirst[index] = first;
      first = DOCUMENT_END.test(line) || (first && !hasContent(line));
    }
  }

  /** @returns first and last line, from 0, that a comment is about; `alone`: nothing stands before it on its line */
  meantBy(index: number, alone: boolean): [from: number, to: number] {
    if (alone && this.isFirst[index] === true) return [index, this.documentEnd[index] ?? index];
    const at = alone ? (this.next[index + 1] ?? index) : index;
    return [at, this.endOf(at)];
  }

  /** What is indented more belongs to it, and a list below a key that is not. */
  private endOf(at: number): number {
    const known = this.ends.get(at);
    if (known !== undefined) return known;
    const first = this.lines[at] ?? '';
    const indent = indentOf(first);
    const isKey = !first.trimStart().startsWith('- ');
    let last = at;
    for (let index = at + 1; index < this.lines.length; index++) {
      const line = this.lines[index] ?? '';
      if (!hasContent(line)) continue;
      const isItem = isKey && indentOf(line) === indent && line.trimStart().startsWith('-');
      if (DOCUMENT_END.test(line) || !(indentOf(line) > indent || isItem)) break;
      last = index;
    }
    this.ends.set(at, last);
    return last;
  }
}

function hasContent(line: string): boolean {
  const text = line.trim();
  return text !== '' && !text.startsWith('#');
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}
