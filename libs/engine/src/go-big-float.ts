import { refuseBulk } from './host-limits.js';
import { rational } from './rego-compare.js';

/** Bits of the mantissa that Go's math/big.Float has where nothing else is said. */
const PRECISION = 64;

/** A number as Go's math/big.Float holds it: `mantissa × 2^exponent`; zero has a sign. */
export interface BigFloat {
  negative: boolean;
  mantissa: bigint;
  exponent: number;
  /** Bits that the mantissa may have. */
  precision: number;
}

/**
 * @param text a decimal number
 * @returns the nearest, half to even
 */
export function parseBigFloat(text: string): BigFloat {
  const { numerator, denominator } = rational(text);
  return nearest(text.startsWith('-'), absolute(numerator), denominator, 0, PRECISION);
}

/** @returns `a + b`, rounded */
export function addBigFloats(a: BigFloat, b: BigFloat): BigFloat {
  const precision = Math.max(a.precision, b.precision);
  if (a.mantissa === 0n && b.mantissa === 0n) return { ...a, negative: a.negative && b.negative, precision };
  const exponent = Math.min(a.exponent, b.exponent);
  const sum = aligned(a, exponent) + aligned(b, exponent);
  return nearest(sum < 0n, absolute(sum), 1n, exponent, precision);
}

/** @returns `a × b`, rounded to the bits that are given */
export function multiplyBigFloats(
  a: BigFloat,
  b: BigFloat,
  precision: number = Math.max(a.precision, b.precision),
): BigFloat {
  return nearest(a.negative !== b.negative, a.mantissa * b.mantissa, 1n, a.exponent + b.exponent, precision);
}

/** @returns `a ÷ b`, rounded; b is not zero */
export function divideBigFloats(a: BigFloat, b: BigFloat): BigFloat {
  return nearest(a.negative !== b.negative, a.mantissa, b.mantissa, a.exponent - b.exponent, PRECISION);
}

/** @returns the number without its fraction */
export function wholePart({ negative, mantissa, exponent }: BigFloat): bigint {
  const size = exponent >= 0 ? shifted(mantissa, exponent) : mantissa >> BigInt(-exponent);
  return negative ? -size : size;
}

/** @returns a whole number, exact: it has as many bits as that needs */
export function bigFloatOf(whole: bigint): BigFloat {
  const mantissa = absolute(whole);
  return { negative: whole < 0n, mantissa, exponent: 0, precision: Math.max(bitLength(mantissa), PRECISION) };
}

/** @returns below 0, 0 or above 0 */
export function compareBigFloats(a: BigFloat, b: BigFloat): number {
  const exponent = Math.min(a.exponent, b.exponent);
  const difference = aligned(a, exponent) - aligned(b, exponent);
  if (difference === 0n) return 0;
  return difference < 0n ? -1 : 1;
}

function aligned({ negative, mantissa, exponent }: BigFloat, to: number): bigint {
  const size = shifted(mantissa, exponent - to);
  return negative ? -size : size;
}

function shifted(mantissa: bigint, by: number): bigint {
  refuseBulk(by / 4);
  return mantissa << BigInt(by);
}

function absolute(value: bigint): bigint {
  return value < 0n ? -value : value;
}

/** `top / bottom × 2^exponent`, rounded to so many bits, half to even. */
function nearest(negative: boolean, top: bigint, bottom: bigint, exponent: number, precision: number): BigFloat {
  if (top === 0n) return { negative, mantissa: 0n, exponent: 0, precision };
  let shift = bitLength(top) - bitLength(bottom) - precision;
  if (quotientOf(top, bottom, shift) >= 1n << BigInt(precision)) shift += 1;
  const [numerator, denominator] = scaled(top, bottom, shift);
  return { negative, mantissa: roundHalfEven(numerator, denominator), exponent: exponent + shift, precision };
}

function quotientOf(top: bigint, bottom: bigint, shift: number): bigint {
  const [numerator, denominator] = scaled(top, bottom, shift);
  return numerator / denominator;
}

function scaled(top: bigint, bottom: bigint, shift: number): [bigint, bigint] {
  return shift > 0 ? [top, bottom << BigInt(shift)] : [top << BigInt(-shift), bottom];
}

function roundHalfEven(numerator: bigint, denominator: bigint): bigint {
  const quotient = numerator / denominator;
  const twice = 2n * (numerator % denominator);
  return twice > denominator || (twice === denominator && quotient % 2n === 1n) ? quotient + 1n : quotient;
}

function bitLength(value: bigint): number {
  const hex = value.toString(16);
  return hex.length * 4 - Math.clz32(Number.parseInt(hex.charAt(0), 16)) + 28;
}

/** From this power of ten on, Go's shortest `%g` is in scientific notation. */
const SHORTEST_LIMIT = 6;

/**
 * As OPA writes it: whole numbers in full, others as Go's `%g`, with the fewest digits that give the same number back.
 */
export function bigFloatText(value: BigFloat): string {
  const { negative, mantissa, exponent } = value;
  const sign = negative ? '-' : '';
  if (mantissa === 0n) return `${sign}0`;
  const { digits, point } = shortestDigits(value);
  if (exponent >= 0 || mantissa % (1n << BigInt(-exponent)) === 0n) return sign + digits.padEnd(point, '0');
  const power = point - 1;
  if (power < -4 || power >= SHORTEST_LIMIT) return sign + scientific(digits, power);
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}

function scientific(digits: string, power: number): string {
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : '';
  return `${digits.charAt(0)}${fraction}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

/** A decimal expansion: `0.digits × 10^point`. */
interface Decimal {
  digits: string;
  point: number;
}

function decimalOf(mantissa: bigint, exponent: number): Decimal {
  const scale = Math.max(-exponent, 0);
  const whole = exponent >= 0 ? shifted(mantissa, exponent) : mantissa * 5n ** BigInt(scale);
  const written = String(whole);
  return { digits: written.replace(/0+$/, ''), point: written.length - scale };
}

/** Go's roundShortest: walks along the digits until the number is told apart from its neighbours' halves. */
function shortestDigits({ mantissa, exponent, precision }: BigFloat): Decimal {
  const shift = precision + 1 - bitLength(mantissa);
  const doubled = shift >= 0 ? mantissa << BigInt(shift) : mantissa >> BigInt(-shift);
  const exact = decimalOf(mantissa, exponent);
  const [lower, upper] = [decimalOf(doubled - 1n, exponent - shift), decimalOf(doubled + 1n, exponent - shift)];
  const inclusive = (doubled & 2n) === 0n;
  const at = ({ digits }: Decimal, index: number): string => digits.charAt(index) || '0';
  for (const [index, digit] of [...exact.digits].entries()) {
    const [below, above] = [at(lower, index), at(upper, index)];
    const down = below !== digit || (inclusive && index + 1 === lower.digits.length);
    const next = String.fromCharCode(digit.charCodeAt(0) + 1);
    const up = digit !== above && (inclusive || next < above || index + 1 < upper.digits.length);
    if (down && up) return roundedAt(exact, index + 1);
    if (down) return { ...exact, digits: exact.digits.slice(0, index + 1).replace(/0+$/, '') };
    if (up) return roundedUp(exact, index + 1);
  }
  return exact;
}

function roundedAt(decimal: Decimal, count: number): Decimal {
  const { digits } = decimal;
  if (count >= digits.length) return decimal;
  const halfway = digits.charAt(count) === '5' && count + 1 === digits.length;
  const odd = count > 0 && Number(digits.charAt(count - 1)) % 2 === 1;
  const up = halfway ? odd : digits.charAt(count) >= '5';
  return up ? roundedUp(decimal, count) : { ...decimal, digits: digits.slice(0, count).replace(/0+$/, '') };
}

function roundedUp({ digits, point }: Decimal, count: number): Decimal {
  if (count >= digits.length) return { digits, point };
  const kept = String(BigInt(digits.slice(0, count)) + 1n);
  const carried = kept.length > count ? 1 : 0;
  return { digits: kept.padStart(count, '0').replace(/0+$/, ''), point: point + carried };
}
