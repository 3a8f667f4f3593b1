/** The flags, width and precision of one verb, and the padding that follows from them. */
export class FormatState {
  sharp = false;
  zero = false;
  plus = false;
  minus = false;
  space = false;
  /** `%#v` and `%+v`: the flags mean something else there. */
  sharpV = false;
  plusV = false;
  width: number | undefined;
  precision: number | undefined;

  /** @returns whether the character is a flag */
  takeFlag(character: string): boolean {
    switch (character) {
      case '#':
        this.sharp = true;
        return true;
      case '0':
        this.zero = true;
        return true;
      case '+':
        this.plus = true;
        return true;
      case '-':
        this.minus = true;
        return true;
      case ' ':
        this.space = true;
        return true;
      default:
        return false;
    }
  }

  /** A negative width from an argument pads on the right. */
  setWidth(width: number): void {
    this.width = Math.abs(width);
    if (width >= 0) return;
    this.minus = true;
    this.zero = false;
  }

  /** The sign that precedes a number. */
  sign(negative: boolean): string {
    if (negative) return '-';
    if (this.plus) return '+';
    return this.space ? ' ' : '';
  }

  /**
   * @param text counted in code points
   * @param zeros pads with zeros on the left where the flag asks for it
   */
  pad(text: string, zeros = this.zero): string {
    const missing = Math.max((this.width ?? 0) - [...text].length, 0);
    if (this.minus) return text + ' '.repeat(missing);
    return (zeros ? '0' : ' ').repeat(missing) + text;
  }

  /** The first `precision` code points. */
  truncate(text: string): string {
    return this.precision === undefined ? text : [...text].slice(0, this.precision).join('');
  }
}
