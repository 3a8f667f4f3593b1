/** A number whose text a double would not give back: beyond 2^53, many digits, or written like `1.0`. */
export class RegoNumber {
  constructor(readonly text: string) {}
}

/** A value as Rego has it: objects are maps with keys of any type, sets are sets (their members are distinct). */
export type RegoValue =
  null | boolean | number | RegoNumber | string | RegoValue[] | Map<RegoValue, RegoValue> | Set<RegoValue>;

/**
 * Reads what OPA's `opa_value_dump` writes: JSON, with sets as `{1, 2}` and `set()` and keys of any type.
 * @param text a value in Rego's notation
 * @throws SyntaxError where the text is none
 */
export function parseRegoValue(text: string): RegoValue {
  if (text.startsWith('"') && text.endsWith('"') && !text.includes('\\')) return text.slice(1, -1);
  const reader = new Reader(text);
  const value = reader.value();
  reader.end();
  return value;
}

const NUMBER = /-?\d+(\.\d+)?([eE][+-]?\d+)?/y;
const STRING = /"[^"\\]*(?:\\.[^"\\]*)*"/y;
const WORDS: [string, RegoValue][] = [
  ['null', null],
  ['true', true],
  ['false', false],
];

class Reader {
  private at = 0;

  constructor(private readonly text: string) {}

  value(): RegoValue {
    this.space();
    const char = this.text[this.at];
    if (char === '"') return this.string();
    if (char === '[') return this.array();
    if (char === '{') return this.objectOrSet();
    if (this.take('set(')) {
      this.expect(')');
      return new Set();
    }
    for (const [word, meaning] of WORDS) if (this.take(word)) return meaning;
    return numberOf(this.match(NUMBER));
  }

  end(): void {
    this.space();
    if (this.at < this.text.length) this.fail();
  }

  private string(): string {
    const written = this.match(STRING);
    return written.includes('\\') ? (JSON.parse(written) as string) : written.slice(1, -1);
  }

  private array(): RegoValue[] {
    const items: RegoValue[] = [];
    this.expect('[');
    if (this.closes(']')) return items;
    do items.push(this.value());
    while (this.more(']'));
    return items;
  }

  private objectOrSet(): RegoValue {
    this.expect('{');
    if (this.closes('}')) return new Map();
    const first = this.value();
    if (!this.closes(':')) return this.restOfSet(first);
    const members = new Map([[first, this.value()]]);
    while (this.more('}')) {
      const key = this.value();
      this.expect(':');
      members.set(key, this.value());
    }
    return members;
  }

  private restOfSet(first: RegoValue): Set<RegoValue> {
    const members = new Set([first]);
    while (this.more('}')) members.add(this.value());
    return members;
  }

  private more(end: string): boolean {
    if (this.closes(end)) return false;
    this.expect(',');
    return true;
  }

  private closes(token: string): boolean {
    this.space();
    return this.take(token);
  }

  private take(token: string): boolean {
    if (!this.text.startsWith(token, this.at)) return false;
    this.at += token.length;
    return true;
  }

  private expect(token: string): void {
    if (!this.closes(token)) this.fail();
  }

  private match(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found === null) this.fail();
    this.at = pattern.lastIndex;
    return found[0];
  }

  private space(): void {
    while (' \n\r\t'.includes(this.text[this.at] ?? 'end')) this.at += 1;
  }

  private fail(): never {
    throw new SyntaxError(`not a Rego value at ${this.at}`);
  }
}

/**
 * @param text a JSON number
 * @returns a JavaScript number where it gives the same text back
 */
export function numberOf(text: string): number | RegoNumber {
  const number = Number(text);
  return String(number) === text ? number : new RegoNumber(text);
}

/**
 * Writes a value so that OPA's `opa_value_parse` reads it.
 * @param value any Rego value
 */
export function formatRegoValue(value: RegoValue): string {
  if (value instanceof RegoNumber) return value.text;
  if (Array.isArray(value)) return `[${value.map(formatRegoValue).join(',')}]`;
  if (value instanceof Set) {
    return value.size === 0 ? 'set()' : `{${[...value].map(formatRegoValue).join(',')}}`;
  }
  if (value instanceof Map) {
    return `{${[...value].map(([key, member]) => `${formatRegoValue(key)}:${formatRegoValue(member)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}
