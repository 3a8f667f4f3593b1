import type { SourceText } from './source-texts.js';

const DOCUMENT_END = /^(?:---|\.\.\.)(?:\s|$)/;
/** A key of the document itself: in YAML at the beginning of a line, in JSON anywhere. */
const OWN_KEY = { yaml: /^["']?(?:apiVersion|kind)["']?[ \t]*:/, json: /"(?:apiVersion|kind)"\s*:/ };
const CODES: ReadonlySet<string | undefined> = new Set(['not_an_object', 'not_kubernetes']);

/** Tells documents that are no objects somebody got wrong, but something else: they say neither `apiVersion` nor `kind`. */
export class Strangers {
  private readonly lines = new Map<string, readonly string[]>();
  private readonly texts = new Map<string, SourceText | undefined>();

  /** @param texts that the documents stand in; of several under one path none can be told apart, and none is a stranger */
  constructor(texts: readonly SourceText[]) {
    for (const text of texts) this.texts.set(text.path, this.texts.has(text.path) ? undefined : text);
  }

  /**
   * @param code why a document is no object
   * @param path of its text
   * @param line where it begins, or what is wrong with it is, from 1
   */
  has(code: string | undefined, path: string | null, line: number): boolean {
    if (!CODES.has(code) || path === null) return false;
    const lines = this.linesOf(path);
    if (lines === undefined) return false;
    const from = Math.max(0, line - 1);
    const isJson = /^\s*[{[]/.test(lines[from] ?? '');
    for (let at = from; at < lines.length && (at === from || !DOCUMENT_END.test(lines[at] ?? '')); at++)
      if ((isJson ? OWN_KEY.json : OWN_KEY.yaml).test(lines[at] ?? '')) return false;
    return true;
  }

  private linesOf(path: string): readonly string[] | undefined {
    const text = this.texts.get(path);
    if (text === undefined) return undefined;
    const known = this.lines.get(path);
    if (known !== undefined) return known;
    const lines = Buffer.from(text.content)
      .toString('utf8')
      .split('\n')
      .slice(text.firstLine - 1);
    this.lines.set(path, lines);
    return lines;
  }
}
