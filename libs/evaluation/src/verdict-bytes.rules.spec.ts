import { describe, expect, it } from '@jest/globals';
import { isCounted, packVerdicts, PAIR_VERDICTS, unpackVerdicts } from './verdict-bytes.rules.js';

describe('kept verdicts', () => {
  it('come back as they were, check by check', () => {
    const checks = PAIR_VERDICTS.map((_, index) => index * 10);
    const read = unpackVerdicts(checks, packVerdicts(PAIR_VERDICTS));
    expect([...read]).toEqual(checks.map((checkId, index) => [checkId, PAIR_VERDICTS[index]]));
  });

  it('take one byte each, and those of today mean tomorrow what they mean today', () => {
    expect([...packVerdicts(['pass', 'fail', 'waived', 'error', 'skipped', 'not_applicable', 'folded'])]).toEqual([
      0, 1, 2, 3, 4, 5, 6,
    ]);
  });

  it('that can’t be read are errors, never passes', () => {
    expect([...unpackVerdicts([1, 2], Buffer.from([200]))]).toEqual([
      [1, 'error'],
      [2, 'error'],
    ]);
  });

  it('count, but for those that are no judgement of the object', () => {
    expect(PAIR_VERDICTS.filter((verdict) => !isCounted(verdict))).toEqual(['not_applicable', 'folded']);
  });
});
