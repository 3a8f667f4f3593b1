import { describe, expect, it } from '@jest/globals';
import { type QuarantineEvent, Strikes } from './strikes.js';

const HOUR = 3_600_000;
const POLICY = { owner: 'acme', policy: 'slow', key: 'v1' };

function counted(limit: number) {
  const clock = { now: 0 };
  const events: QuarantineEvent[] = [];
  const strikes = new Strikes(
    limit,
    60_000,
    () => clock.now,
    (event) => events.push(event),
  );
  return { strikes, events, clock };
}

describe('strikes', () => {
  it('are forgotten after a day without another', () => {
    const { strikes, events, clock } = counted(2);
    strikes.add(POLICY, 'first');
    expect(strikes.hasStruck(POLICY)).toBe(true);
    clock.now += 24 * HOUR;
    expect(strikes.hasStruck(POLICY)).toBe(false);
    strikes.add(POLICY, 'second');
    expect(events).toEqual([]);
    clock.now += 23 * HOUR;
    strikes.add(POLICY, 'third');
    expect(events).toEqual([{ ...POLICY, reason: 'third' }]);
  });

  it('that led to quarantine stay until it is lifted', () => {
    const { strikes, clock } = counted(1);
    strikes.add(POLICY, 'too long');
    clock.now += 1000 * HOUR;
    expect(strikes.refusal(POLICY)).toContain('too long');
    strikes.lift('acme', 'slow');
    expect(strikes.refusal(POLICY)).toBeUndefined();
  });

  it('are remembered of the versions struck last, not of every text that was tried out', () => {
    const { strikes } = counted(Number.MAX_SAFE_INTEGER);
    const trial = (n: number) => ({ ...POLICY, key: `trial-${n}` });
    for (let n = 0; n < 1_000; n += 1) strikes.add(trial(n), 'endless');
    const struck = Array.from({ length: 1_000 }, (_, n) => n).filter((n) => strikes.hasStruck(trial(n)));
    expect(struck).toHaveLength(20);
    expect(struck.at(-1)).toBe(999);
  });
});
