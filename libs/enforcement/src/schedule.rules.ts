import { Cron } from 'croner';
import { AppError, sha256 } from '#kernel';

/** When a schedule fires. */
export interface Schedule {
  /** Five fields: minute, hour, day, month, weekday. */
  cron: string;
  /** IANA name. */
  timeZone: string;
  /** Every tick comes up to this much later: by the trigger's own amount, the same at every tick. */
  jitterSeconds: number;
}

/**
 * The first tick after a moment. Ticks that were missed meanwhile are made up by the one that is due; the next is counted
 * from now on, not from them.
 * @param schedule when
 * @param triggerId whose jitter it is
 * @param now the moment
 * @throws AppError `invalid_schedule` where the schedule can't be read, or never fires
 */
export function nextTick(schedule: Schedule, triggerId: string, now: Date): Date {
  const offset = jitterOf(schedule, triggerId);
  const base = parsed(schedule).nextRun(new Date(now.getTime() - offset));
  if (base === null)
    throw invalid('cron', `\`${schedule.cron}\` never comes: no date is like that. Try \`0 3 * * *\`, every night.`);
  return new Date(base.getTime() + offset);
}

function parsed({ cron, timeZone }: Schedule): Cron {
  try {
    Intl.DateTimeFormat(undefined, { timeZone });
  } catch (error) {
    throw invalid('time_zone', `"${timeZone}" is no time zone: give its IANA name, as in Europe/Berlin.`, error);
  }
  try {
    return new Cron(cron, { timezone: timeZone, paused: true, mode: '5-part' });
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^CronPattern: /, '') : String(error);
    throw invalid(
      'cron',
      `\`${cron}\` can’t be read (${why}): five fields, as in \`30 3 * * 1-5\`, minute, hour, day, month, weekday.`,
      error,
    );
  }
}

/** Milliseconds, in whole seconds: the same for a trigger whenever and wherever it is computed. */
function jitterOf({ jitterSeconds }: Schedule, triggerId: string): number {
  return (sha256(triggerId).readUInt32BE(0) % (jitterSeconds + 1)) * 1_000;
}

function invalid(pointer: string, detail: string, cause?: unknown): AppError {
  return new AppError('invalid_schedule', detail, { errors: [{ pointer: `/${pointer}`, detail }], cause });
}
