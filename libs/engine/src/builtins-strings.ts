import type { HostBuiltin } from './builtin.js';
import { array, int64, integer, OperandError, text, texts } from './builtin-operands.js';
import type { Argument } from './go-format-verbs.js';
import { goSprintf } from './go-format.js';
import { goQuote } from './go-quote.js';
import { refuseBulk } from './host-limits.js';
import { numberText, sortedEntries, sortedMembers } from './rego-compare.js';
import { RegoNumber, type RegoValue } from './rego-value.js';

/** OPA's functions on strings that its WASM runtime lacks, or that differ there: `replace` of nothing never ended. */
export const STRING_BUILTINS: [string, HostBuiltin][] = [
  ['indexof', (search, part) => indexes([...text(search)], [...text(part)]).at(0) ?? -1],
  ['substring', (value, offset, length) => substring(text(value), Number(integer(offset)), Number(integer(length)))],
  ['bylaw.replace', (value, old, by) => replace(text(value), text(old), text(by))],
  ['sprintf', (format, args) => goSprintf(text(format), array(args).map(argument))],
  ['concat', (delimiter, parts) => concat(text(delimiter), ordered(parts).map(text))],
  ['strings.any_prefix_match', (search, base) => anyMatch(search, base, (a, b) => a.startsWith(b))],
  ['strings.any_suffix_match', (search, base) => anyMatch(search, base, (a, b) => a.endsWith(b))],
  ['strings.count', (search, part) => count(text(search), text(part))],
  ['strings.split_n', (search, delimiter, n) => splitN(text(search), text(delimiter), Number(integer(n)))],
  ['indexof_n', (search, part) => indexes([...text(search)], [...text(part)])],
  ['glob.quote_meta', (pattern) => text(pattern).replace(/[*?\\[\]{}]/g, '\\$&')],
];

/**
 * @param value any value
 * @returns as OPA writes it in Rego: what sprintf shows of booleans, null and collections
 */
export function regoText(value: RegoValue): string {
  if (typeof value === 'string') return goQuote(value);
  if (Array.isArray(value)) return `[${value.map(regoText).join(', ')}]`;
  if (value instanceof Set) return value.size === 0 ? 'set()' : `{${sortedMembers(value).map(regoText).join(', ')}}`;
  if (value instanceof Map) {
    return `{${sortedEntries(value)
      .map(([key, member]) => `${regoText(key)}: ${regoText(member)}`)
      .join(', ')}}`;
  }
  return numberText(value);
}

/** In code points; a negative length takes the rest. */
function substring(value: string, offset: number, length: number): string {
  if (offset < 0) throw new OperandError('negative offset');
  const characters = [...value];
  return characters.slice(offset, length < 0 ? undefined : offset + length).join('');
}

/** What `replace` becomes where the compiler can't see that `old` is not empty: then it is between all characters. */
function replace(value: string, old: string, by: string): string {
  const pieces = old === '' ? ['', ...value, ''] : value.split(old);
  refuseBulk(value.length + pieces.length * by.length);
  return pieces.join(by);
}

/** A set's members in OPA's order. */
function ordered(parts: RegoValue | undefined): RegoValue[] {
  return parts instanceof Set ? sortedMembers(parts) : array(parts);
}

function concat(delimiter: string, parts: readonly string[]): string {
  refuseBulk(parts.reduce((sum, part) => sum + part.length + delimiter.length, 0));
  return parts.join(delimiter);
}

/** A number with a fraction or an exponent is a float64, whatever its value. */
function argument(value: RegoValue): Argument {
  if (typeof value === 'string') return { type: 'string', value };
  if (typeof value !== 'number' && !(value instanceof RegoNumber)) return { type: 'string', value: regoText(value) };
  const written = numberText(value);
  if (/[.eE]/.test(written)) {
    const float = Number(written);
    return Number.isFinite(float) ? { type: 'float64', value: float } : { type: 'string', value: written };
  }
  const small = int64(written);
  return small === undefined ? { type: 'big', value: BigInt(written) } : { type: 'int64', value: small };
}

function anyMatch(
  search: RegoValue | undefined,
  base: RegoValue | undefined,
  match: (text: string, part: string) => boolean,
): boolean {
  const parts = texts(base);
  return texts(search).some((candidate) => parts.some((part) => match(candidate, part)));
}

function count(search: string, part: string): number {
  return part === '' ? [...search].length + 1 : search.split(part).length - 1;
}

/** The first n parts, or with a negative n the last ones; the rest is dropped. */
function splitN(search: string, delimiter: string, n: number): string[] {
  const parts = delimiter === '' ? [...search] : search.split(delimiter);
  return n >= 0 ? parts.slice(0, n) : parts.slice(n);
}

/** Positions are counted in code points; overlapping ones count. */
function indexes(search: string[], part: string[]): number[] {
  if (part.length === 0) throw new OperandError('empty search');
  const found: number[] = [];
  for (let at = 0; at + part.length <= search.length; at += 1) {
    if (part.every((character, offset) => search[at + offset] === character)) found.push(at);
  }
  return found;
}
