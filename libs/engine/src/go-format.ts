import { FormatState } from './go-format-state.js';
import { printArgument, typeName, type Argument } from './go-format-verbs.js';
import { refuseBulk } from './host-limits.js';

/** Wider fields and longer precisions are refused by Go's fmt. */
const LARGEST_NUMBER = 1_000_000;

/**
 * Formats as Go's fmt.Sprintf does, for the types that OPA's sprintf hands to it: int64 and big integers, float64 and
 * strings (https://pkg.go.dev/fmt).
 * @param format with Go's verbs
 * @param args in order
 * @returns the text; wrong verbs and counts are told inside it, as Go does
 */
export function goSprintf(format: string, args: readonly Argument[]): string {
  return new Printer([...format], args).print();
}

class Printer {
  private at = 0;
  private argument = 0;
  private reordered = false;
  private goodIndex = true;
  private afterIndex = false;
  private out = '';

  constructor(
    private readonly format: readonly string[],
    private readonly args: readonly Argument[],
  ) {}

  print(): string {
    while (this.at < this.format.length) {
      const character = this.format[this.at] ?? '';
      this.at += 1;
      if (character === '%') this.directive();
      else this.out += character;
      refuseBulk(this.out.length);
    }
    if (!this.reordered && this.argument < this.args.length) this.out += this.extra();
    return this.out;
  }

  private directive(): void {
    const state = new FormatState();
    this.goodIndex = true;
    this.afterIndex = false;
    while (state.takeFlag(this.format[this.at] ?? '')) this.at += 1;
    this.index();
    this.width(state);
    if (this.format[this.at] === '.' && this.at + 1 < this.format.length) this.precision(state);
    if (!this.afterIndex) this.index();
    const verb = this.format[this.at];
    this.at += 1;
    if (verb === undefined) this.out += '%!(NOVERB)';
    else this.out += this.verb(verb, state);
  }

  private verb(verb: string, state: FormatState): string {
    if (verb === '%') return '%';
    if (!this.goodIndex) return `%!${verb}(BADINDEX)`;
    const argument = this.args[this.argument];
    if (argument === undefined) return `%!${verb}(MISSING)`;
    this.argument += 1;
    return printArgument(argument, verb, state);
  }

  private width(state: FormatState): void {
    if (this.format[this.at] === '*') {
      this.at += 1;
      const width = this.numberArgument();
      if (width === undefined) this.out += '%!(BADWIDTH)';
      else state.setWidth(width);
      this.afterIndex = false;
      return;
    }
    const width = this.number();
    if (width === undefined) return;
    state.setWidth(width);
    if (this.afterIndex) this.goodIndex = false;
  }

  private precision(state: FormatState): void {
    this.at += 1;
    if (this.afterIndex) this.goodIndex = false;
    this.index();
    if (this.format[this.at] !== '*') {
      state.precision = this.number() ?? 0;
      return;
    }
    this.at += 1;
    const precision = this.numberArgument();
    if (precision === undefined || precision < 0) this.out += '%!(BADPREC)';
    else state.precision = precision;
    this.afterIndex = false;
  }

  /** Digits at the present place; a number too large for Go swallows the rest of the format. */
  private number(): number | undefined {
    const from = this.at;
    while (/^[0-9]$/.test(this.format[this.at] ?? '')) this.at += 1;
    if (this.at === from) return undefined;
    const value = Number(this.format.slice(from, this.at).join(''));
    if (value <= LARGEST_NUMBER) return value;
    this.at = this.format.length;
    return undefined;
  }

  private numberArgument(): number | undefined {
    const argument = this.args[this.argument];
    if (argument === undefined) return undefined;
    this.argument += 1;
    const value = argument.type === 'int64' ? Number(argument.value) : Number.NaN;
    return Math.abs(value) <= LARGEST_NUMBER ? value : undefined;
  }

  /** `[n]` chooses the argument, counted from 1. */
  private index(): void {
    this.afterIndex = false;
    if (this.format[this.at] !== '[') return;
    this.reordered = true;
    const close = this.format.indexOf(']', this.at);
    if (close < 0) {
      this.goodIndex = false;
      this.at += 1;
      return;
    }
    const text = this.format.slice(this.at + 1, close).join('');
    this.at = close + 1;
    this.afterIndex = /^[0-9]+$/.test(text) && Number(text) <= LARGEST_NUMBER;
    if (this.afterIndex && Number(text) >= 1 && Number(text) <= this.args.length) this.argument = Number(text) - 1;
    else this.goodIndex = false;
  }

  private extra(): string {
    const rest = this.args.slice(this.argument);
    const shown = rest.map((argument) => `${typeName(argument)}=${printArgument(argument, 'v', new FormatState())}`);
    return `%!(EXTRA ${shown.join(', ')})`;
  }
}
