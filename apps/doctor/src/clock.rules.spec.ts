import { describe, expect, it } from '@jest/globals';
import { judgeClock, skewOf } from './clock.rules.js';

describe('the difference between two clocks', () => {
  it('is what is left when the way there and back explains nothing more', () => {
    // Asked at 1,000, answered at 1,400: a clock that says 1,300 may be right.
    expect(skewOf({ before: 1_000, after: 1_400, theirs: 1_300, stepMs: 0 })).toBe(0);
    expect(skewOf({ before: 1_000, after: 1_400, theirs: 5_000, stepMs: 0 })).toBe(3_600);
    expect(skewOf({ before: 9_000, after: 9_400, theirs: 5_000, stepMs: 0 })).toBe(-4_000);
  });

  it('is not made of the fraction that a clock does not tell', () => {
    expect(skewOf({ before: 5_900, after: 5_950, theirs: 5_000, stepMs: 1_000 })).toBe(0);
    expect(skewOf({ before: 6_900, after: 6_950, theirs: 5_000, stepMs: 1_000 })).toBe(-900);
  });

  it.each([
    [0, 'ok'],
    [1_000, 'ok'],
    [1_001, 'warning'],
    [-1_001, 'warning'],
    [30_000, 'warning'],
    [30_001, 'failed'],
    [-30_001, 'failed'],
  ])('of %i ms is %s', (skew, status) => {
    expect(judgeClock('postgres', { before: 0, after: 0, theirs: skew, stepMs: 0 }).status).toBe(status);
  });
});
