/** A place in a text: both count from 1; columns are UTF-16 code units. */
export interface TextPosition {
  line: number;
  column: number;
}

/** Turns offsets of a text into lines and columns; breaks are `\n`, `\r\n` and a lone `\r`. */
export class LineIndex {
  private readonly starts: number[] = [0];

  /** @param text the whole text, without byte order mark */
  constructor(text: string) {
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code === 13 && text.charCodeAt(i + 1) === 10) continue;
      if (code === 10 || code === 13) this.starts.push(i + 1);
    }
  }

  /** @param offset in UTF-16 code units from the text's beginning */
  at(offset: number): TextPosition {
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.starts[low] ?? 0) + 1 };
  }
}
