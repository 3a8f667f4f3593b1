import type { TextPosition } from '#kube';

/** What Helm writes before what it made of a file. */
const HEADING = /(?:^|(?<=[\r\n]))---[ \t]*(?:\r\n|\r|\n)# Source: [ \t]*(?<path>\S[^\r\n]*)(?:\r\n|\r|\n|$)/g;
const LINE_END = /\r\n|\r|\n/g;

/** The part of a rendered stream that comes from one file. */
export interface RenderedSection {
  /** The file, as its renderer notes it. */
  path: string;
  /** Where it begins, with its heading: offset, and line from 1. */
  from: number;
  line: number;
  /** The line behind the heading, from which the places in it are counted. */
  firstLine: number;
}

/**
 * The one reader of `# Source:` comments.
 * @param text any stream of documents
 * @returns what comes from which file, in order. A section goes as far as the next: definitions of resources, which Helm passes on as
 *   they are, may be several documents of one file
 */
export function renderedSections(text: string): RenderedSection[] {
  if (!text.includes('# Source: ')) return [];
  let [line, counted] = [1, 0];
  const lineAt = (offset: number): number => {
    line += text.slice(counted, offset).match(LINE_END)?.length ?? 0;
    counted = offset;
    return line;
  };
  return Array.from(text.matchAll(HEADING), ({ 0: heading, index, groups }) => ({
    path: (groups?.['path'] ?? '').trimEnd(),
    from: index,
    line: lineAt(index),
    firstLine: lineAt(index + heading.length),
  }));
}

/**
 * @param sections of a stream, in order
 * @param line of the stream, from 1
 * @returns the section that the line is in; undefined before the first
 */
export function sectionAt(sections: readonly RenderedSection[], line: number): RenderedSection | undefined {
  let [low, high] = [0, sections.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sections[middle]?.firstLine ?? 0) <= line) low = middle + 1;
    else high = middle;
  }
  return sections[low - 1];
}

/** @returns where something is written, counted from the first line of the file that it comes from */
export function within({ line, column }: TextPosition, firstLine: number): TextPosition {
  return { line: line - firstLine + 1, column };
}
