import { describe, expect, it } from '@jest/globals';
import { settlesAt, SETTLING_MS, settlingOf } from './settling.rules.js';

const now = new Date(Date.UTC(2026, 10, 24, 12));
const ago = (ms: number): Date => new Date(now.getTime() - ms);
const presence = { admission: 'none' } as const;
const denying = { admission: 'deny' } as const;

describe('an object of a certain age', () => {
  it.each([
    ['made just now', 0, true],
    ['made almost five minutes ago', SETTLING_MS - 1, true],
    ['made five minutes ago', SETTLING_MS, false],
    ['made a little ahead of our clock', -60_000, true],
    ['made in another century, it says', -100 * 365 * 86_400_000, false],
  ])('%s', (_what, age, waits) => {
    expect(settlingOf(ago(age), now, [denying, presence]) !== undefined).toBe(waits);
  });

  it('waits only where a policy looks at what stands beside it, and is looked at again when it has settled', () => {
    expect(settlingOf(now, now, [denying, undefined])).toBeUndefined();
    const settling = settlingOf(ago(60_000), now, [{ admission: 'warn' }]);
    expect(settling && settlesAt(settling)).toEqual(new Date(now.getTime() + SETTLING_MS - 60_000));
  });
});
