import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { grantedOf, leaseOf } from './rate-limits.rules.js';

describe('a limit that several replicas spend', () => {
  it('is never passed, and is used up to the last request, whatever the order they ask in', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5_000 }), fc.array(fc.integer({ min: 1, max: 60 })), (limit, asks) => {
        const all = [...asks, limit + 1];
        let taken = 0;
        const granted = all.map((points) => grantedOf(limit, points, (taken += points)));
        expect(granted.every((points) => points >= 0)).toBe(true);
        expect(granted.reduce((sum, points) => sum + points, 0)).toBe(limit);
      }),
    );
  });

  it('is asked for about a hundred times a window, and by single requests where it is small', () => {
    expect([1, 5, 100, 101, 60_000].map(leaseOf)).toEqual([1, 1, 1, 2, 600]);
  });
});
