import type { HostBuiltin } from './builtin.js';
import { integer, number, OperandError, text, whole } from './builtin-operands.js';
import { civil, inRange, instant, parseDuration, parseRfc3339, type Civil } from './go-time.js';
import { rational } from './rego-compare.js';
import type { RegoValue } from './rego-value.js';

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** OPA's functions on times that need no clock and no layout. */
export const TIME_BUILTINS: [string, HostBuiltin][] = [
  [
    'time.add_date',
    (time, years, months, days) => addDate(exact(time), integer(years), integer(months), integer(days)),
  ],
  ['time.clock', (time) => fields(moment(time), ['hour', 'minute', 'second'])],
  ['time.date', (time) => fields(moment(time), ['year', 'month', 'day'])],
  ['time.diff', (a, b) => difference(moment(a), moment(b))],
  ['time.parse_duration_ns', (value) => whole(parseDuration(text(value)))],
  ['time.parse_rfc3339_ns', (value) => whole(parseRfc3339(text(value)))],
  ['time.weekday', (time) => weekday(moment(time))],
];

interface Moment {
  nanoseconds: bigint;
  zone: string;
}

/** A number of nanoseconds since 1970, or `[nanoseconds, time zone]`. */
function moment(value: RegoValue | undefined): Moment {
  const [time, zone = ''] = Array.isArray(value) ? value : [value];
  if (Array.isArray(value) && value.length > 2) text(value[2]);
  return { nanoseconds: exact(time), zone: text(zone) };
}

/** OPA reads the number with 64 bits of mantissa, which holds every int64. */
function exact(value: RegoValue | undefined): bigint {
  const { numerator, denominator } = rational(number(value));
  if (numerator % denominator !== 0n) throw new OperandError('not a whole number of nanoseconds');
  return inRange(numerator / denominator);
}

function fields({ nanoseconds, zone }: Moment, names: (keyof Civil)[]): number[] {
  const time = civil(nanoseconds, zone);
  return names.map((name) => time[name]);
}

function weekday({ nanoseconds, zone }: Moment): string {
  const { year, month, day } = civil(nanoseconds, zone);
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return WEEKDAYS[date.getUTCDay()] ?? '';
}

function addDate(nanoseconds: bigint, years: bigint, months: bigint, days: bigint): RegoValue {
  const time = civil(nanoseconds, '');
  const moved = {
    ...time,
    year: Number(BigInt(time.year) + years),
    month: Number(BigInt(time.month) + months),
    day: Number(BigInt(time.day) + days),
  };
  if (Math.abs(moved.year) > 100_000 || Math.abs(moved.month) > 1_000_000 || Math.abs(moved.day) > 10_000_000) {
    throw new OperandError('time outside of the valid range');
  }
  const rest = ((nanoseconds % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  return whole(inRange(instant(moved, rest)));
}

/** Years, months, days, hours, minutes and seconds between two times, by the calendar of the first's zone. */
function difference(a: Moment, b: Moment): number[] {
  const { zone } = a;
  const [from, to] = a.nanoseconds <= b.nanoseconds ? [a, b] : [b, a];
  const [start, end] = [civil(from.nanoseconds, zone), civil(to.nanoseconds, zone)];
  const daysInMonth = new Date(Date.UTC(2000, start.month, 0)).setUTCFullYear(start.year, start.month, 0);
  const units: [keyof Civil, number][] = [
    ['second', 60],
    ['minute', 60],
    ['hour', 24],
    ['day', new Date(daysInMonth).getUTCDate()],
    ['month', 12],
    ['year', 0],
  ];
  let borrowed = 0;
  const out: number[] = [];
  for (const [unit, size] of units) {
    const between = end[unit] - start[unit] - borrowed;
    borrowed = between < 0 && size > 0 ? 1 : 0;
    out.unshift(between + borrowed * size);
  }
  return out;
}
