import { RE2JS } from 're2js';
import { OperandError } from './builtin-operands.js';

/**
 * Reads a glob as the library of OPA's Go evaluator does (github.com/gobwas/glob), and makes of it a regular expression,
 * which matches in linear time: `*` and `?` stop at separators, `**` does not, `[…]` is a list or one range, `{…,…}` holds
 * alternatives, a backslash takes the meaning away.
 * @param pattern the glob
 * @param separators one character each
 * @throws OperandError where the glob is malformed
 */
export function compileGlob(pattern: string, separators: readonly string[]): RE2JS {
  return RE2JS.compile(new GlobReader([...pattern], separators).expression(), RE2JS.DOTALL);
}

class GlobReader {
  private at = 0;
  private depth = 0;
  private readonly one: string;

  constructor(
    private readonly characters: readonly string[],
    separators: readonly string[],
  ) {
    this.one = separators.length === 0 ? '.' : classOf(separators, true);
  }

  expression(): string {
    let out = '';
    while (this.at < this.characters.length) out += this.term();
    if (this.depth > 0) throw new OperandError('unclosed {');
    return `\\A(?:${out})\\z`;
  }

  private term(): string {
    const character = this.next();
    switch (character) {
      case '*':
        if (this.characters[this.at] !== '*') return `${this.one}*`;
        this.at += 1;
        return '.*';
      case '?':
        return this.one;
      case '[':
        return this.range();
      case '{':
        this.depth += 1;
        return '(?:';
      case ',':
        return this.depth > 0 ? '|' : ',';
      case '}':
        if (this.depth === 0) return '\\}';
        this.depth -= 1;
        return ')';
      case '\\':
        return RE2JS.quote(this.next());
      default:
        return RE2JS.quote(character);
    }
  }

  /** `[abc]` or `[a-c]`, either with `!` for what is not in it. */
  private range(): string {
    const negated = this.characters[this.at] === '!';
    if (negated) this.at += 1;
    if (this.characters[this.at + 1] === '-') return this.oneRange(negated);
    const listed: string[] = [];
    for (let character = this.next(); character !== ']'; character = this.next()) {
      listed.push(character === '\\' ? this.next() : character);
    }
    if (listed.length === 0) throw new OperandError('an empty class');
    return classOf(listed, negated);
  }

  private oneRange(negated: boolean): string {
    const low = this.next();
    this.at += 1;
    const high = this.next();
    if (this.next() !== ']') throw new OperandError('a class holds one range');
    if ((low.codePointAt(0) ?? 0) > (high.codePointAt(0) ?? 0)) throw new OperandError('a range backwards');
    return `[${negated ? '^' : ''}${inClass(low)}-${inClass(high)}]`;
  }

  private next(): string {
    const character = this.characters[this.at];
    if (character === undefined) throw new OperandError('unexpected end of the pattern');
    this.at += 1;
    return character;
  }
}

function classOf(characters: readonly string[], negated: boolean): string {
  return `[${negated ? '^' : ''}${characters.map(inClass).join('')}]`;
}

function inClass(character: string): string {
  return `\\x{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
