import { OperandError } from './builtin-operands.js';

const DAY_SECONDS = 86_400n;
const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);
const BILLION = 1_000_000_000n;

/** A moment in a time zone as a calendar and a clock show it. */
export interface Civil {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
}

/**
 * @param nanoseconds since 1970 UTC
 * @throws OperandError outside of int64, where Go's conversion ends
 */
export function inRange(nanoseconds: bigint): bigint {
  if (nanoseconds > INT64_MAX || nanoseconds < INT64_MIN) throw new OperandError('time outside of the valid range');
  return nanoseconds;
}

/**
 * @param nanoseconds since 1970 UTC
 * @param zone IANA name; UTC where empty
 */
export function civil(nanoseconds: bigint, zone: string): Civil {
  const seconds = floorDivide(nanoseconds, BILLION);
  const date = new Date(Number(seconds + zoneOffset(seconds, zone)) * 1000);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
  };
}

/**
 * Go's time.Date in UTC: fields out of range carry over.
 * @returns nanoseconds since 1970 UTC
 */
export function instant(time: Civil, nanosecond: bigint): bigint {
  let months = BigInt(time.month) - 1n;
  const year = BigInt(time.year) + floorDivide(months, 12n);
  months -= floorDivide(months, 12n) * 12n;
  const days = daysBefore(year, Number(months)) + BigInt(time.day) - 1n;
  const seconds = days * DAY_SECONDS + BigInt(time.hour) * 3600n + BigInt(time.minute) * 60n + BigInt(time.second);
  return seconds * BILLION + nanosecond;
}

/** Days from 1970-01-01 to the first of a month (0 to 11), in the proleptic Gregorian calendar. */
function daysBefore(year: bigint, month: number): bigint {
  const date = new Date(0);
  date.setUTCFullYear(Number(year), month, 1);
  return BigInt(date.getTime()) / 86_400_000n;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Seconds east of UTC. */
function zoneOffset(seconds: bigint, zone: string): bigint {
  if (zone === '' || zone === 'UTC' || zone === 'Local') return 0n;
  const parts = new Map(
    formatOf(zone)
      .formatToParts(new Date(Number(seconds) * 1000))
      .map(({ type, value }) => [type, Number(value)]),
  );
  const field = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? 0;
  const shown = Date.UTC(
    field('year'),
    field('month') - 1,
    field('day'),
    field('hour'),
    field('minute'),
    field('second'),
  );
  return BigInt(shown / 1000) - seconds;
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const format = newFormat(zone);
  formats.set(zone, format);
  return format;
}

/** Go knows zones by their exact names only. */
function newFormat(zone: string): Intl.DateTimeFormat {
  if (!/^[A-Z][A-Za-z0-9_+-]*(\/[A-Z][A-Za-z0-9_+-]*)*$/.test(zone)) throw new OperandError('unknown time zone');
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    const { timeZone } = format.resolvedOptions();
    if (timeZone !== zone && timeZone.toLowerCase() === zone.toLowerCase()) throw new RangeError(zone);
    return format;
  } catch (error) {
    if (error instanceof RangeError) throw new OperandError('unknown time zone');
    throw error;
  }
}

/** Rounds towards the past, also before 1970. */
export function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value % by < 0n ? quotient - 1n : quotient;
}

const RFC3339 = /^(\d{4})-(\d{2})-(\d{2})T(\d{1,2}):(\d{2}):(\d{2})(?:[.,](\d+))?(?:Z|([+-])(\d{2}):(\d{2}))$/;

/**
 * As Go's time.Parse reads RFC 3339: one digit of the hour is enough, more than nine of a second are cut off.
 * @returns nanoseconds since 1970 UTC
 * @throws OperandError where it is none, or beyond int64
 */
export function parseRfc3339(value: string): bigint {
  const found = RFC3339.exec(value);
  if (!found) throw new OperandError('not a time');
  const [year, month, day, hour, minute, second] = found.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const [offsetHours, offsetMinutes] = [Number(found[9] ?? 0), Number(found[10] ?? 0)];
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const exists = month >= 1 && month <= 12 && day >= 1 && date.getUTCDate() === day;
  if (!exists || hour > 23 || minute > 59 || second > 59 || offsetHours > 24 || offsetMinutes > 60) {
    throw new OperandError('a field is out of range');
  }
  const fraction = BigInt((found[7] ?? '').slice(0, 9).padEnd(9, '0'));
  const offset = BigInt(offsetHours * 3600 + offsetMinutes * 60) * (found[8] === '-' ? -1n : 1n);
  return inRange(instant({ year, month, day, hour, minute, second }, fraction) - offset * BILLION);
}

const UNIT_NANOSECONDS: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1000n],
  ['µs', 1000n],
  ['μs', 1000n],
  ['ms', 1_000_000n],
  ['s', BILLION],
  ['m', 60n * BILLION],
  ['h', 3600n * BILLION],
]);

/** OPA's own units, in hours. */
const LONG_UNIT_HOURS: ReadonlyMap<string, number> = new Map([
  ['d', 24],
  ['w', 168],
  ['y', 8760],
]);

/**
 * As Go's time.ParseDuration, with OPA's days, weeks and years (of 365 days).
 * @returns nanoseconds
 * @throws OperandError where it is none, or beyond int64
 */
export function parseDuration(value: string): bigint {
  const found = /^([+-]?)(.*)$/su.exec(/[dwy]/.test(value) ? inHours(value) : value);
  const [sign, rest] = [found?.[1], found?.[2] ?? ''];
  if (rest === '0') return 0n;
  if (!/^(?:(?:\d+\.?\d*|\.\d+)[^\d.]+)+$/u.test(rest)) throw new OperandError('not a duration');
  let total = 0n;
  for (const [, number = '', unit = ''] of rest.matchAll(/([\d.]+)([^\d.]+)/gu)) total += segment(number, unit);
  if (total > INT64_MAX + (sign === '-' ? 1n : 0n)) throw new OperandError('duration is too long');
  return sign === '-' ? -total : total;
}

function segment(number: string, unit: string): bigint {
  const nanoseconds = UNIT_NANOSECONDS.get(unit);
  if (nanoseconds === undefined) throw new OperandError('unknown unit');
  const [whole = '', fraction = ''] = number.split('.');
  const count = BigInt(whole || '0') * nanoseconds;
  if (count > INT64_MAX + 1n) throw new OperandError('duration is too long');
  if (fraction === '') return count;
  const { value, scale } = leadingFraction(fraction);
  return value === 0n ? count : count + BigInt(Math.trunc(Number(value) * (Number(nanoseconds) / scale)));
}

/** Digits that would overflow an int64 are dropped. */
function leadingFraction(digits: string): { value: bigint; scale: number } {
  let [value, scale] = [0n, 1];
  for (const digit of digits) {
    if (value > INT64_MAX / 10n || value * 10n + BigInt(digit) > INT64_MAX + 1n) break;
    value = value * 10n + BigInt(digit);
    scale *= 10;
  }
  return { value, scale };
}

function inHours(value: string): string {
  const found = /^([+-]?)((?:[0-9.]+(?:ms|us|µs|ns|[a-z]))+)$/u.exec(value);
  if (!found) throw new OperandError('not a duration');
  const segments = (found[2] ?? '').matchAll(/([0-9.]+)(ms|us|µs|ns|[a-z])/gu);
  return (found[1] ?? '') + [...segments].map(([whole, digits = '', unit = '']) => hours(whole, digits, unit)).join('');
}

function hours(whole: string, digits: string, unit: string): string {
  const factor = LONG_UNIT_HOURS.get(unit);
  if (factor === undefined) return whole;
  if (!/^(?:\d+\.?\d*|\.\d+)$/.test(digits)) throw new OperandError('not a duration');
  const count = Number(digits) * factor;
  return `${Number.isInteger(count) ? BigInt(count) : String(count)}h`;
}
