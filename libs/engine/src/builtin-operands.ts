import { EvaluationError } from './evaluation-error.js';
import { numberText, rational } from './rego-compare.js';
import { numberOf, RegoNumber, type RegoValue } from './rego-value.js';

/** An operand that a function does not take; the calling expression is undefined, as in OPA. */
export class OperandError extends Error {}

/** @throws OperandError unless it is a string */
export function text(value: RegoValue | undefined): string {
  if (typeof value === 'string') return value;
  throw new OperandError('not a string');
}

/**
 * @param value a text
 * @returns its bytes
 * @throws EvaluationError where it holds U+FFFD: what was decoded from bytes that are no text has lost them, and a hash of
 * others would be wrong
 */
export function bytesOf(value: string): Buffer {
  if (value.includes('\ufffd')) {
    throw new EvaluationError('a function such as crypto.sha256 or hex.encode is given bytes that are no text (UTF-8)');
  }
  return Buffer.from(value);
}

/** @throws OperandError unless it is an array */
export function array(value: RegoValue | undefined): RegoValue[] {
  if (Array.isArray(value)) return value;
  throw new OperandError('not an array');
}

/** @throws OperandError unless it is an object */
export function object(value: RegoValue | undefined): Map<RegoValue, RegoValue> {
  if (value instanceof Map) return value;
  throw new OperandError('not an object');
}

/** @throws OperandError unless it is an array or a set */
export function collection(value: RegoValue | undefined): RegoValue[] {
  if (value instanceof Set) return [...value];
  return array(value);
}

/** @throws OperandError unless it is a string, or an array or set of strings */
export function texts(value: RegoValue | undefined): string[] {
  return typeof value === 'string' ? [value] : collection(value).map(text);
}

/** @returns the number as it was written @throws OperandError unless it is a number */
export function number(value: RegoValue | undefined): string {
  if (typeof value === 'number' || value instanceof RegoNumber) return numberText(value);
  throw new OperandError('not a number');
}

/** @returns an int64 @throws OperandError unless it is written as one, zeros after the point allowed */
export function integer(value: RegoValue | undefined): bigint {
  const found = int64(number(value));
  if (found === undefined) throw new OperandError('not an integer');
  return found;
}

/** @returns a whole number of any size @throws OperandError unless it is one, exponents allowed */
export function bigInteger(value: RegoValue | undefined): bigint {
  const { numerator, denominator } = rational(number(value));
  if (numerator % denominator !== 0n) throw new OperandError('not an integer');
  return numerator / denominator;
}

/**
 * @param written a number's text
 * @returns its value where Go would take it for an int64
 */
export function int64(written: string): bigint | undefined {
  const found = /^-?(\d+)(?:\.0*)?$/.exec(written);
  if (!found || written.replace('-', '').length > 19) return undefined;
  const value = BigInt(`${written.startsWith('-') ? '-' : ''}${found[1]}`);
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

/** @returns a whole number as a Rego value */
export function whole(value: bigint): RegoValue {
  return numberOf(String(value));
}
