import type { HostBuiltin } from './builtin.js';
import { bigInteger, collection, number, OperandError, whole } from './builtin-operands.js';
import {
  addBigFloats,
  bigFloatOf,
  bigFloatText,
  compareBigFloats,
  divideBigFloats,
  multiplyBigFloats,
  parseBigFloat,
  wholePart,
  type BigFloat,
} from './go-big-float.js';
import { refuseBulk } from './host-limits.js';
import { compareRego, hasMember } from './rego-compare.js';
import { numberOf, RegoNumber, type RegoValue } from './rego-value.js';

/**
 * Rego's arithmetic. OPA's WASM runtime reckons in decimal with 18 digits, its Go evaluator in binary with 64 bits:
 * there `1 - 0.9 == 0.1` is false, as it is in most languages.
 */
export const ARITHMETIC_BUILTINS: [string, HostBuiltin][] = [
  ['plus', (a, b) => safe(a, b, (x, y) => x + y) ?? reckon(a, b, (x, y) => x + y, addBigFloats)],
  ['minus', minus],
  ['mul', (a, b) => safe(a, b, (x, y) => x * y) ?? reckon(a, b, (x, y) => x * y, multiplyBigFloats)],
  [
    'div',
    (a, b) =>
      (a === 0 ? undefined : safe(a, b, (x, y) => x / y)) ?? divide(parseBigFloat(number(a)), parseBigFloat(number(b))),
  ],
  ['abs', (value) => float({ ...parseBigFloat(number(value)), negative: false })],
  ['ceil', (value) => already(value) ?? float(ceiling(parseBigFloat(number(value))))],
  ['floor', (value) => already(value) ?? float(floor(parseBigFloat(number(value))))],
  ['round', (value) => already(value) ?? float(rounded(parseBigFloat(number(value))))],
  ['sum', (values) => fold(values, 0n, (x, y) => x + y, addBigFloats)],
  ['product', (values) => fold(values, 1n, (x, y) => x * y, multiplyDoubles)],
  ['max', (values) => extreme(collection(values), (order) => order >= 0)],
  ['min', (values) => extreme(collection(values), (order) => order <= 0)],
  ['bits.and', (a, b) => whole(bigInteger(a) & bigInteger(b))],
  ['bits.or', (a, b) => whole(bigInteger(a) | bigInteger(b))],
  ['bits.xor', (a, b) => whole(bigInteger(a) ^ bigInteger(b))],
  ['bits.negate', (value) => whole(~bigInteger(value))],
  ['bits.lsh', (value, by) => whole(bigInteger(value) << places(by))],
  ['bits.rsh', (value, by) => whole(bigInteger(value) >> places(by))],
  ['to_number', toNumber],
];

type Exact = (x: bigint, y: bigint) => bigint;
type Float = (x: BigFloat, y: BigFloat) => BigFloat;

/** What JavaScript's numbers hold exactly, most of what is reckoned with; none of them is -0, whose text is another. */
function safe(
  a: RegoValue | undefined,
  b: RegoValue | undefined,
  operation: (x: number, y: number) => number,
): number | undefined {
  if (!Number.isSafeInteger(a) || !Number.isSafeInteger(b)) return undefined;
  const result = operation(a as number, b as number);
  if (!Number.isSafeInteger(result)) return undefined;
  return result === 0 ? 0 : result;
}

function already(value: RegoValue | undefined): RegoValue | undefined {
  return Number.isSafeInteger(value) ? value : undefined;
}

/** Whole numbers of any size are exact. */
function reckon(a: RegoValue | undefined, b: RegoValue | undefined, exact: Exact, inexact: Float): RegoValue {
  const [left, right] = [number(a), number(b)];
  const [x, y] = [wholeNumber(left), wholeNumber(right)];
  if (x !== undefined && y !== undefined) return whole(exact(x, y));
  return float(inexact(parseBigFloat(left), parseBigFloat(right)));
}

function wholeNumber(written: string): bigint | undefined {
  if (/^-?\d+$/.test(written)) return BigInt(written);
  try {
    return bigInteger(numberOf(written));
  } catch (error) {
    if (error instanceof OperandError) return undefined;
    throw error;
  }
}

function float(value: BigFloat): RegoValue {
  return numberOf(bigFloatText(value));
}

/** Of numbers the difference, of sets what is in the first only. */
function minus(a: RegoValue | undefined, b: RegoValue | undefined): RegoValue {
  if (a instanceof Set && b instanceof Set) return new Set([...a].filter((member) => !hasMember(b, member)));
  const negated = (y: BigFloat): BigFloat => ({ ...y, negative: !y.negative });
  const difference = (x: BigFloat, y: BigFloat): BigFloat => addBigFloats(x, negated(y));
  return safe(a, b, (x, y) => x - y) ?? reckon(a, b, (x, y) => x - y, difference);
}

function divide(a: BigFloat, b: BigFloat): RegoValue {
  if (b.mantissa === 0n) throw new OperandError('divide by zero');
  return float(divideBigFloats(a, b));
}

/** Bits of a double's mantissa. */
const DOUBLE = 53;

/** OPA multiplies lists into a number of its own size, unlike all else. */
function multiplyDoubles(a: BigFloat, b: BigFloat): BigFloat {
  return multiplyBigFloats(a, b, DOUBLE);
}

/** As Go has it: what is cut off at zero is not told from zero, so that of -0.5 it is 1. */
function ceiling(value: BigFloat): BigFloat {
  const cut = bigFloatOf(wholePart(value));
  if (cut.negative || compareBigFloats(value, cut) === 0) return cut;
  return addBigFloats(cut, bigFloatOf(1n));
}

/** As Go has it: of -0.5 it is 0. */
function floor(value: BigFloat): BigFloat {
  const cut = bigFloatOf(wholePart(value));
  if (!cut.negative || compareBigFloats(value, cut) === 0) return cut;
  return addBigFloats(cut, bigFloatOf(-1n));
}

/** Halves away from zero. */
function rounded(value: BigFloat): BigFloat {
  const half: BigFloat = { negative: value.negative, mantissa: 1n, exponent: -1, precision: DOUBLE };
  return bigFloatOf(wholePart(addBigFloats(value, half)));
}

function fold(values: RegoValue | undefined, start: bigint, exact: Exact, inexact: Float): RegoValue {
  const numbers = collection(values).map(number);
  const wholes = numbers.map(wholeNumber);
  if (wholes.every((value) => value !== undefined)) return whole(wholes.reduce(exact, start));
  return float(numbers.map(parseBigFloat).reduce(inexact, bigFloatOf(start)));
}

/** Of equal ones, such as 1 and 1.0, the last. */
function extreme(values: RegoValue[], better: (order: number) => boolean): RegoValue | undefined {
  return values.reduce<RegoValue | undefined>(
    (best, value) => (best === undefined || better(compareRego(value, best)) ? value : best),
    undefined,
  );
}

function places(by: RegoValue | undefined): bigint {
  const shift = bigInteger(by);
  if (shift < 0n) throw new OperandError('negative shift');
  refuseBulk(Number(shift) / 4);
  return shift;
}

/** What Go's strconv.ParseFloat reads, but for infinities; underscores between digits. */
const DECIMAL = /^([+-]?)(?=\.?\d)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/i;
const HEXADECIMAL = /^([+-]?)0x(?=\.?[\da-f])([\da-f]*)(?:\.([\da-f]*))?p([+-]?\d+)$/i;
const MISPLACED_UNDERSCORE = /(?<!\d)_|_(?!\d)/;
const MISPLACED_IN_HEXADECIMAL = /(?<![\da-f]|^[+-]?0x)_|_(?![\da-f])/i;
/** Beyond it OPA takes no number from a text, in powers of ten. */
const MAX_EXPONENT = 30_102;
/** Of a double, in powers of two. */
const MAX_BINARY_EXPONENT = 1024;

/** The number is written as JSON writes it: Go keeps `+1`, `.5` or `0x1p4`, and then can't write its answer. */
function toNumber(value: RegoValue | undefined): RegoValue {
  if (value === null) return 0;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'number' || value instanceof RegoNumber) return value;
  if (typeof value !== 'string') throw new OperandError('not a number');
  const misplaced = /0x/i.test(value) ? MISPLACED_IN_HEXADECIMAL : MISPLACED_UNDERSCORE;
  if (misplaced.test(value)) throw new OperandError('an underscore between no digits');
  const digits = value.replaceAll('_', '');
  const hexadecimal = HEXADECIMAL.exec(digits);
  return hexadecimal === null ? decimal(digits) : binary(hexadecimal);
}

function decimal(written: string): RegoValue {
  const [found, sign = '', integer = '', fraction, exponent] = DECIMAL.exec(written) ?? [];
  if (found === undefined) throw new OperandError('not a number');
  if (!Number.isFinite(Number(written))) throw new OperandError('beyond a double');
  if (Math.abs(Number(exponent ?? 0)) > MAX_EXPONENT) throw new OperandError('exponent too large');
  const point = fraction === undefined ? '' : `.${fraction || '0'}`;
  const power = exponent === undefined ? '' : written.slice(written.search(/e/i));
  return numberOf(`${sign === '-' ? '-' : ''}${integer.replace(/^0+(?=\d)/, '') || '0'}${point}${power}`);
}

function binary([, sign, integer = '', fraction = '', exponent = '0']: RegExpExecArray): RegoValue {
  const power = Number(exponent) - 4 * fraction.length;
  const mantissa = BigInt(`0x${integer}${fraction}`);
  if (mantissa.toString(2).length + power > MAX_BINARY_EXPONENT || power < -MAX_EXPONENT)
    throw new OperandError('exponent too large');
  return float(
    multiplyBigFloats({ negative: sign === '-', mantissa, exponent: power, precision: DOUBLE }, bigFloatOf(1n)),
  );
}
