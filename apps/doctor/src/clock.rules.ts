import { failed, ok, warning, type Finding } from './finding.js';

/** A difference that only a clock makes that nobody sets. */
const WARNS_MS = 1_000;
/**
 * From here on what reads this machine's clock goes wrong: ids are made out of their order, limits end early or late, a
 * credential of minutes is taken for expired. Leases and history don't mind: Postgres gives their time.
 */
const FAILS_MS = 30_000;
const ADVICE = 'Set both clocks by NTP (chrony, systemd-timesyncd, or what the hypervisor offers).';

/** One look at another clock. */
export interface Reading {
  /** This machine's clock before it was asked and after it answered, milliseconds since 1970. */
  before: number;
  after: number;
  /** What the other one said. */
  theirs: number;
  /** In steps of what it tells, milliseconds: 1000 where it leaves the fraction away. */
  stepMs: number;
}

/**
 * @returns milliseconds that the other clock is ahead of ours (negative: behind) at the least, however long the question
 *   and the answer took on their way
 */
export function skewOf({ before, after, theirs, stepMs }: Reading): number {
  const least = theirs - after;
  const most = theirs + stepMs - before;
  if (least > 0) return least;
  return most < 0 ? most : 0;
}

/**
 * @param subject whose clock
 * @param reading one look at it
 */
export function judgeClock(subject: string, reading: Reading): Finding {
  const skew = skewOf(reading);
  const size = Math.abs(skew);
  if (size <= WARNS_MS)
    return ok(subject, size < 1 ? 'as this machine’s' : `${Math.round(size)} ms from this machine’s`);
  const found = `${(size / 1_000).toFixed(1)} s ${skew > 0 ? 'ahead of' : 'behind'} this machine’s`;
  return size > FAILS_MS ? failed(subject, found, ADVICE) : warning(subject, found, ADVICE);
}
