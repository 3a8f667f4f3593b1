/** A document's text as it is parsed, and how its offsets lead back to the text as it was written. */
export class ParsedSource {
  private constructor(
    readonly text: string,
    private readonly base: number,
    private readonly insertions: readonly { at: number; length: number }[],
  ) {}

  /**
   * @param text the document's text
   * @param base its offset in the whole text
   */
  static of(text: string, base: number): ParsedSource {
    return new ParsedSource(text, base, []);
  }

  /**
   * @param offset in the parsed text
   * @returns the offset in the whole text as it was written
   */
  original(offset: number): number {
    let inserted = 0;
    for (const { at, length } of this.insertions) {
      if (at >= offset) break;
      inserted += Math.min(length, offset - at);
    }
    return this.base + offset - inserted;
  }

  /**
   * Kubernetes lets a quoted scalar go on at any column, the parser wants it indented: this indents the further lines,
   * which changes nothing in what they mean.
   * @param quote offset of the opening quote in the parsed text
   * @returns undefined where the scalar isn't closed at all, or has no further lines
   */
  withIndentedQuote(quote: number): ParsedSource | undefined {
    const end = closingQuote(this.text, quote);
    const lines = [...this.text.slice(quote, end < 0 ? quote : end).matchAll(/\n/g)].map(
      ({ index }) => quote + index + 1,
    );
    if (lines.length === 0) return undefined;
    const column = quote - (this.text.lastIndexOf('\n', quote) + 1);
    const indent = ' '.repeat(column + 1);
    const insertions = lines.map((at, index) => ({ at: at + index * indent.length, length: indent.length }));
    const [first = quote] = lines;
    const text =
      this.text.slice(0, first) +
      indent +
      this.text.slice(first, end).replaceAll('\n', `\n${indent}`) +
      this.text.slice(end);
    return new ParsedSource(text, this.base, [...this.insertions, ...insertions]);
  }
}

/**
 * @param text any text
 * @param open offset of a quote in it
 * @returns offset of the quote that closes it, -1 where none does
 */
export function closingQuote(text: string, open: number): number {
  const quote = text[open];
  for (let i = open + 1; i < text.length; i++) {
    if (quote === '"' && text[i] === '\\') i++;
    else if (quote === "'" && text[i] === "'" && text[i + 1] === "'") i++;
    else if (text[i] === quote) return i;
  }
  return -1;
}
