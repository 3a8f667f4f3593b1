import { describe, expect, it } from '@jest/globals';
import { AppError } from '#kernel';
import { nextTick, type Schedule } from './schedule.rules.js';

const at = (time: string): Date => new Date(time);
const nightly: Schedule = { cron: '0 3 * * *', timeZone: 'UTC', jitterSeconds: 0 };
const next = (schedule: Partial<Schedule>, now: string, id = 'a'): string =>
  nextTick({ ...nightly, ...schedule }, id, at(now)).toISOString();

describe('a schedule', () => {
  it.each<[string, Partial<Schedule>, string, string]>([
    ['comes at its hour', {}, '2026-11-24T02:59:59.999Z', '2026-11-24T03:00:00.000Z'],
    ['comes once at its hour', {}, '2026-11-24T03:00:00.000Z', '2026-11-25T03:00:00.000Z'],
    ['is read in its time zone', { timeZone: 'Asia/Tokyo' }, '2026-11-24T12:00:00Z', '2026-11-24T18:00:00.000Z'],
    ['keeps its hour in summer', { timeZone: 'Europe/Berlin' }, '2026-07-01T00:00:00Z', '2026-07-01T01:00:00.000Z'],
    ['keeps its hour in winter', { timeZone: 'Europe/Berlin' }, '2026-12-01T00:00:00Z', '2026-12-01T02:00:00.000Z'],
    ['has names and steps', { cron: '*/20 8-9 * * MON-FRI' }, '2026-11-21T00:00:00Z', '2026-11-23T08:00:00.000Z'],
    ['waits for a leap year', { cron: '0 0 29 2 *' }, '2026-03-01T00:00:00Z', '2028-02-29T00:00:00.000Z'],
  ])('%s', (_what, schedule, now, expected) => {
    expect(next(schedule, now)).toBe(expected);
  });

  it('whose hour is skipped in spring comes all the same, once', () => {
    const spring = { cron: '30 2 * * *', timeZone: 'Europe/Berlin' };
    const first = next(spring, '2026-03-28T12:00:00Z');
    expect(first.slice(0, 10)).toBe('2026-03-29');
    expect(next(spring, first).slice(0, 10)).toBe('2026-03-30');
  });

  it('makes up for what was missed with one tick, not with one for each', () => {
    expect(next({ cron: '* * * * *' }, '2026-11-24T12:00:30Z')).toBe('2026-11-24T12:01:00.000Z');
  });

  it('comes later by its own jitter, the same at every tick, and loses no tick by it', () => {
    const jittered = { cron: '* * * * *', jitterSeconds: 600 };
    const first = at(next(jittered, '2026-11-24T12:00:00Z', 'trigger'));
    const second = at(next(jittered, first.toISOString(), 'trigger'));
    expect(second.getTime() - first.getTime()).toBe(60_000);
    const delays = ['a', 'b', 'c', 'd', 'e'].map((id) =>
      at(next({ jitterSeconds: 600 }, '2026-11-24T00:00:00Z', id)).getTime(),
    );
    expect(new Set(delays).size).toBeGreaterThan(1);
    const earliest = at('2026-11-24T03:00:00Z').getTime();
    for (const delay of delays) expect(delay - earliest).toBeLessThanOrEqual(600_000);
  });

  it.each<[string, Partial<Schedule>, string]>([
    ['a day that never comes', { cron: '0 0 30 2 *' }, '/cron'],
    ['seconds', { cron: '0 0 3 * * *' }, '/cron'],
    ['four fields', { cron: '0 3 * *' }, '/cron'],
    ['minute 61', { cron: '61 3 * * *' }, '/cron'],
    ['words', { cron: 'every night' }, '/cron'],
    ['an empty text', { cron: ' ' }, '/cron'],
    ['a place that is none', { timeZone: 'Mars/Olympus' }, '/time_zone'],
  ])('is refused, with what would be right: %s', (_what, schedule, pointer) => {
    const refusal = ((): unknown => {
      try {
        return next(schedule, '2026-01-01T00:00:00Z');
      } catch (error) {
        return error;
      }
    })();
    expect(refusal).toBeInstanceOf(AppError);
    expect(refusal).toMatchObject({ code: 'invalid_schedule', options: { errors: [{ pointer }] } });
    expect((refusal as AppError).detail).toMatch(/as in|Try/);
  });
});
