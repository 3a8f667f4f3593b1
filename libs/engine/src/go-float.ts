/** How Go writes a float64 (strconv.FormatFloat): rounding is exact and half to even, unlike Number's own methods. */
export type FloatVerb = 'e' | 'f' | 'g';

interface Decimal {
  /** Significant digits, the first one not 0 (unless the value is 0). */
  digits: string;
  /** Power of ten of the first digit. */
  exponent: number;
}

/**
 * @param value a finite number
 * @param verb as Go's `%e`, `%f`, `%g`
 * @param precision digits after the point (`e`, `f`) or significant ones (`g`); -1 for the fewest that are unique
 * @returns the text, with a sign only where it is negative
 */
export function formatFloat(value: number, verb: FloatVerb, precision: number): string {
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const size = Math.abs(value);
  if (precision < 0) return sign + shortest(size, verb);
  if (verb === 'f') return sign + fixed(size, precision);
  if (verb === 'e') return sign + scientific(rounded(size, precision + 1), precision);
  return sign + general(rounded(size, Math.max(precision, 1)), Math.max(precision, 1));
}

/** From this power of ten on, Go's shortest `%g` is in scientific notation. */
const SHORTEST_LIMIT = 6;

function shortest(size: number, verb: FloatVerb): string {
  const [mantissa = '0', exponent = '0'] = size.toExponential().split('e');
  const decimal = { digits: mantissa.replace('.', ''), exponent: Number(exponent) };
  if (verb === 'e') return scientific(decimal, decimal.digits.length - 1);
  if (verb === 'f') return plain(decimal, Math.max(decimal.digits.length - 1 - decimal.exponent, 0));
  return useExponent(decimal.exponent, SHORTEST_LIMIT)
    ? scientific(decimal, decimal.digits.length - 1)
    : plain(decimal, Math.max(decimal.digits.length - 1 - decimal.exponent, 0));
}

/** Trailing zeros are dropped; an exponent that does not fit the precision asks for scientific notation. */
function general(decimal: Decimal, precision: number): string {
  const digits = decimal.digits.replace(/0+$/, '') || '0';
  const limit = precision > digits.length && digits.length >= decimal.exponent + 1 ? digits.length : precision;
  const trimmed = { digits, exponent: decimal.exponent };
  if (useExponent(decimal.exponent, limit)) return scientific(trimmed, digits.length - 1);
  return plain(trimmed, Math.max(digits.length - 1 - decimal.exponent, 0));
}

function useExponent(exponent: number, limit: number): boolean {
  return exponent < -4 || exponent >= limit;
}

function scientific({ digits, exponent }: Decimal, precision: number): string {
  const fraction = digits.slice(1).padEnd(precision, '0').slice(0, precision);
  const power = String(Math.abs(exponent)).padStart(2, '0');
  return `${digits[0]}${fraction && `.${fraction}`}e${exponent < 0 ? '-' : '+'}${power}`;
}

function plain({ digits, exponent }: Decimal, fractionDigits: number): string {
  const whole = exponent < 0 ? '0' : digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  const rest = exponent < 0 ? '0'.repeat(-exponent - 1) + digits : digits.slice(exponent + 1);
  return fractionDigits === 0 ? whole : `${whole}.${rest.padEnd(fractionDigits, '0').slice(0, fractionDigits)}`;
}

function fixed(size: number, precision: number): string {
  const digits = String(scaled(size, precision)).padStart(precision + 1, '0');
  return precision === 0 ? digits : `${digits.slice(0, -precision)}.${digits.slice(-precision)}`;
}

function rounded(size: number, count: number): Decimal {
  if (size === 0) return { digits: '0'.repeat(count), exponent: 0 };
  const guess = Number(size.toExponential().split('e')[1]);
  const digits = String(scaled(size, count - 1 - guess));
  return { digits: digits.slice(0, count), exponent: guess + digits.length - count };
}

/** `size × 10^power`, rounded half to even on the exact binary value. */
function scaled(size: number, power: number): bigint {
  const { mantissa, exponent } = binary(size);
  let numerator = mantissa * 10n ** BigInt(Math.max(power, 0));
  let denominator = 10n ** BigInt(Math.max(-power, 0));
  if (exponent >= 0) numerator <<= BigInt(exponent);
  else denominator <<= BigInt(-exponent);
  const quotient = numerator / denominator;
  const twice = 2n * (numerator % denominator);
  const up = twice > denominator || (twice === denominator && quotient % 2n === 1n);
  return up ? quotient + 1n : quotient;
}

/** IEEE 754 binary64: 52 bits of fraction, exponent biased by 1023. */
function binary(size: number): { mantissa: bigint; exponent: number } {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, size);
  const bits = view.getBigUint64(0);
  const biased = Number(bits >> 52n) & 0x7ff;
  const fraction = bits & 0xf_ffff_ffff_ffffn;
  return biased === 0
    ? { mantissa: fraction, exponent: -1074 }
    : { mantissa: fraction | (1n << 52n), exponent: biased - 1075 };
}
