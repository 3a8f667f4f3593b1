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
});
