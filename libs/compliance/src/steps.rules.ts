import { Cron } from 'croner';
import { AppError } from '#kernel';
import { TIMELINE_POINTS_MAX, type TimelineStep } from '#contracts';

/** When a step begins, by the clock on the wall. */
const BEGINNINGS: Record<TimelineStep, string> = { day: '0 0 * * *', hour: '0 * * * *' };
const LENGTHS_MS: Record<TimelineStep, number> = { day: 86_400_000, hour: 3_600_000 };

/**
 * The moments of a timeline: its beginning, where each day or hour begins in between by the clock of a time zone, and its
 * end. A day on which the clock is changed has 23 or 25 hours.
 * @param from the first
 * @param to the last, later than the first
 * @param timeZone IANA name
 * @throws AppError `invalid_filter` where there are too many, or the time zone is none
 */
export function stepsOf(from: Date, to: Date, step: TimelineStep, timeZone: string): Date[] {
  if (from >= to) throw new AppError('invalid_filter', '`from` has to be before `to`.');
  if ((to.getTime() - from.getTime()) / LENGTHS_MS[step] > TIMELINE_POINTS_MAX - 2) {
    const days = Math.floor(((TIMELINE_POINTS_MAX - 2) * LENGTHS_MS[step]) / LENGTHS_MS.day);
    throw new AppError(
      'invalid_filter',
      `By the ${step}, a timeline may span ${days} days: choose a shorter range${step === 'hour' ? ', or `step=day`' : ''}.`,
    );
  }
  const clock = wallClock(step, timeZone);
  const steps = [from];
  for (let next = clock.nextRun(from); next !== null && next < to; next = clock.nextRun(next)) steps.push(next);
  return [...steps, to];
}

function wallClock(step: TimelineStep, timeZone: string): Cron {
  try {
    Intl.DateTimeFormat(undefined, { timeZone });
  } catch (error) {
    throw new AppError('invalid_filter', `"${timeZone}" is no time zone: give its IANA name, as in Europe/Berlin.`, {
      cause: error,
    });
  }
  return new Cron(BEGINNINGS[step], { timezone: timeZone, paused: true, mode: '5-part' });
}
