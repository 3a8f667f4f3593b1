import { refuseBulk } from './host-limits.js';
import { RegoNumber, type RegoValue } from './rego-value.js';

/** OPA's order of types: null < boolean < number < string < array < object < set. */
function rank(value: RegoValue): number {
  if (value === null) return 0;
  if (typeof value === 'boolean') return 1;
  if (typeof value === 'number' || value instanceof RegoNumber) return 2;
  if (typeof value === 'string') return 3;
  if (Array.isArray(value)) return 4;
  return value instanceof Map ? 5 : 6;
}

/**
 * @returns below 0, 0 or above 0, in OPA's order of values (ast.Compare); strings by their UTF-8 bytes
 */
export function compareRego(a: RegoValue, b: RegoValue): number {
  const types = rank(a) - rank(b);
  if (types !== 0) return types;
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b));
  if (Array.isArray(a) && Array.isArray(b)) return compareLists(a, b);
  if (a instanceof Set && b instanceof Set) return compareLists(sortedMembers(a), sortedMembers(b));
  if (a instanceof Map && b instanceof Map) return compareLists(sortedEntries(a).flat(), sortedEntries(b).flat());
  if (rank(a) === 2) return compareNumbers(numberText(a), numberText(b));
  return Number(a) - Number(b);
}

/** @returns whether OPA takes the two for the same value: `1` and `1.0` are */
export function equalRego(a: RegoValue, b: RegoValue): boolean {
  return compareRego(a, b) === 0;
}

/** @returns a set's members in OPA's order */
export function sortedMembers(set: Set<RegoValue>): RegoValue[] {
  return [...set].sort(compareRego);
}

/** @returns an object's members in OPA's order of keys */
export function sortedEntries(object: Map<RegoValue, RegoValue>): [RegoValue, RegoValue][] {
  return [...object].sort(([a], [b]) => compareRego(a, b));
}

/**
 * @param object searched by Rego's equality, not by identity
 * @returns the member, undefined where there is none
 */
export function memberOf(object: Map<RegoValue, RegoValue>, key: RegoValue): RegoValue | undefined {
  if (typeof key === 'string') return object.get(key);
  return [...object].find(([other]) => equalRego(other, key))?.[1];
}

/** @returns whether the set has the value by Rego's equality */
export function hasMember(set: Set<RegoValue>, value: RegoValue): boolean {
  if (set.has(value)) return true;
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return false;
  return [...set].some((member) => equalRego(member, value));
}

/** @returns the number as it was written */
export function numberText(value: RegoValue): string {
  return value instanceof RegoNumber ? value.text : String(value);
}

function compareLists(a: RegoValue[], b: RegoValue[]): number {
  for (const [index, item] of a.entries()) {
    const other = b[index];
    if (other === undefined) return 1;
    const order = compareRego(item, other);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareNumbers(a: string, b: string): number {
  const [left, right] = [rational(a), rational(b)];
  const difference = left.numerator * right.denominator - right.numerator * left.denominator;
  if (difference === 0n) return 0;
  return difference < 0n ? -1 : 1;
}

/** An exact fraction; the denominator is positive. */
export interface Rational {
  numerator: bigint;
  denominator: bigint;
}

/**
 * @param text a decimal number with optional fraction and exponent
 * @returns its exact value
 */
export function rational(text: string): Rational {
  const [mantissa = '0', exponent = '0'] = text.toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const digits = BigInt(`${whole.replace(/^[+-]/, '')}${fraction}` || '0');
  const power = Number(exponent) - fraction.length;
  refuseBulk(Math.abs(power));
  return {
    numerator: (whole.startsWith('-') ? -digits : digits) * 10n ** BigInt(Math.max(power, 0)),
    denominator: 10n ** BigInt(Math.max(-power, 0)),
  };
}
