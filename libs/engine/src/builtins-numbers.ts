import type { HostBuiltin } from './builtin.js';
import { bigInteger, number, OperandError, text, whole } from './builtin-operands.js';
import { bigFloatOf, multiplyBigFloats, parseBigFloat, wholePart } from './go-big-float.js';
import { refuseBulk } from './host-limits.js';
import { rational, type Rational } from './rego-compare.js';
import { numberOf, type RegoValue } from './rego-value.js';

/** OPA's functions on numbers, quantities and versions that its WASM runtime lacks. */
export const NUMBER_BUILTINS: [string, HostBuiltin][] = [
  ['format_int', (value, base) => formatInt(rational(number(value)), number(base))],
  ['numbers.range_step', (from, to, step) => rangeStep(bigInteger(from), bigInteger(to), bigInteger(step))],
  ['semver.compare', (a, b) => compareVersions(version(text(a)), version(text(b)))],
  ['semver.is_valid', (value) => isVersion(value)],
  ['units.parse', (value) => parseUnits(text(value).replaceAll('"', ''))],
  ['units.parse_bytes', (value) => parseBytes(text(value).toLowerCase().replaceAll('"', ''))],
];

/** Fractions are cut off towards zero. */
function formatInt({ numerator, denominator }: Rational, base: string): string {
  if (!['2', '8', '10', '16'].includes(base)) throw new OperandError('not a base');
  return (numerator / denominator).toString(Number(base));
}

function rangeStep(from: bigint, to: bigint, step: bigint): RegoValue[] {
  if (step <= 0n) throw new OperandError('step is not positive');
  refuseBulk(Number((from <= to ? to - from : from - to) / step));
  const out: RegoValue[] = [];
  if (from <= to) for (let at = from; at <= to; at += step) out.push(whole(at));
  else for (let at = from; at >= to; at -= step) out.push(whole(at));
  return out;
}

interface Version {
  core: [bigint, bigint, bigint];
  preRelease: string;
}

const NUMERIC = /^(?:0|[1-9]\d*)$/;
const IDENTIFIERS = /^[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*$/;
const INT64_MAX = 2n ** 63n - 1n;

/** SemVer 2.0.0, with an optional leading `v` as OPA allows. */
function version(value: string): Version {
  const [withoutMetadata = '', metadata] = cut(value.replace(/^v/, ''), '+');
  const [core = '', preRelease] = cut(withoutMetadata, '-');
  const numbers = core.split('.');
  const valid =
    numbers.length === 3 &&
    numbers.every((part) => NUMERIC.test(part) && BigInt(part) <= INT64_MAX) &&
    (metadata === undefined || IDENTIFIERS.test(metadata)) &&
    (preRelease === undefined || isPreRelease(preRelease));
  if (!valid) throw new OperandError('not a version');
  const [major = '0', minor = '0', patch = '0'] = numbers;
  return { core: [BigInt(major), BigInt(minor), BigInt(patch)], preRelease: preRelease ?? '' };
}

function cut(value: string, separator: string): [string, string?] {
  const at = value.indexOf(separator);
  return at < 0 ? [value] : [value.slice(0, at), value.slice(at + 1)];
}

function isPreRelease(value: string): boolean {
  return IDENTIFIERS.test(value) && value.split('.').every((part) => !/^0\d+$/.test(part));
}

function isVersion(value: RegoValue | undefined): boolean {
  try {
    version(text(value));
    return true;
  } catch (error) {
    if (error instanceof OperandError) return false;
    throw error;
  }
}

function compareVersions(a: Version, b: Version): number {
  for (const [index, part] of a.core.entries()) {
    const other = b.core[index] ?? 0n;
    if (part !== other) return part > other ? 1 : -1;
  }
  if (a.preRelease === b.preRelease) return 0;
  if (a.preRelease === '' || b.preRelease === '') return a.preRelease === '' ? 1 : -1;
  return comparePreReleases(a.preRelease.split('.'), b.preRelease.split('.'));
}

function comparePreReleases(a: string[], b: string[]): number {
  for (const [index, part] of a.entries()) {
    const other = b[index];
    if (other === undefined) return 1;
    const [numeric, otherNumeric] = [/^\d+$/.test(part), /^\d+$/.test(other)];
    if (numeric !== otherNumeric) return numeric ? -1 : 1;
    const order = numeric ? compare(clampInt64(part), clampInt64(other)) : compare(part, other);
    if (order !== 0) return order;
  }
  return a.length < b.length ? -1 : 0;
}

/** Go's Atoi gives the largest int64 for what is larger. */
function clampInt64(digits: string): bigint {
  const value = BigInt(digits);
  return value > INT64_MAX ? INT64_MAX : value;
}

function compare<T extends bigint | string>(a: T, b: T): number {
  if (a === b) return 0;
  return a > b ? 1 : -1;
}

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** Where the number ends and its unit begins; `e` belongs to the number where an exponent follows. */
function quantity(value: string): { amount: string; unit: string } {
  if (value.includes(' ')) throw new OperandError('spaces');
  const amount = /^(?:[eE][+-]|[eE](?=\d)|[0-9.+-])*/.exec(value)?.[0] ?? '';
  if ([...amount.matchAll(/[eE][+-]?(\d*)/g)].some(([, exponent]) => (exponent ?? '').length > 6)) {
    throw new OperandError('exponent too large');
  }
  if (!DECIMAL.test(amount)) throw new OperandError('not an amount');
  return { amount, unit: value.slice(amount.length) };
}

const DECIMAL_UNITS = 'kmgtpe';

function unitFactor(unit: string): bigint {
  const power = BigInt(DECIMAL_UNITS.indexOf(unit.charAt(0)) + 1);
  if (unit === '') return 1n;
  if (power > 0n && unit.length === 1) return 1000n ** power;
  if (power > 0n && unit.slice(1) === 'i') return 1024n ** power;
  throw new OperandError('unknown unit');
}

/** `b` may follow: `MB`, `MiB`. */
function parseBytes(value: string): RegoValue {
  const { amount, unit } = quantity(value);
  const factor = unitFactor(unit.length > 1 && unit.endsWith('b') ? unit.slice(0, -1) : unit);
  return whole(wholePart(multiplyBigFloats(parseBigFloat(amount), bigFloatOf(factor))));
}

/** The double nearest to 0.001, which Go multiplies with: `1000m` is therefore not written as a whole number. */
const MILLI: Rational = { numerator: 1_152_921_504_606_847n, denominator: 2n ** 60n };

/** The case of the first letter tells `m` (milli) from `M` (mega). */
function parseUnits(value: string): RegoValue {
  const { amount, unit } = quantity(value);
  const exact = rational(amount);
  const factor = unit === 'm' ? MILLI : { numerator: unitFactor(siUnit(unit)), denominator: 1n };
  const numerator = exact.numerator * factor.numerator;
  const denominator = exact.denominator * factor.denominator;
  if (numerator % denominator === 0n) return whole(numerator / denominator);
  return numberOf(fractionText(numerator, denominator));
}

function siUnit(unit: string): string {
  return unit === '' ? unit : unit.charAt(0).toLowerCase() + unit.slice(1).toLowerCase();
}

/** Ten digits after the point, halves away from zero, as Go's Rat.FloatString. */
function fractionText(numerator: bigint, denominator: bigint): string {
  const size = numerator < 0n ? -numerator : numerator;
  const scaled = (2n * size * 10n ** 10n + denominator) / (2n * denominator);
  const digits = String(scaled).padStart(11, '0');
  return `${numerator < 0n ? '-' : ''}${digits.slice(0, -10)}.${digits.slice(-10)}`;
}
