import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AppError } from '#kernel';
import { headChange, placeBatch, type FeedPosition } from './inventory.rules.js';

/** What became of a batch, as one word. */
function placed(feed: FeedPosition, batch: FeedPosition): string {
  try {
    return placeBatch(feed, batch);
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
}

describe('a batch', () => {
  it.each<[string, FeedPosition, FeedPosition, string]>([
    ['the first of all', { epoch: 0, seq: 0 }, { epoch: 1, seq: 1 }, 'apply'],
    ['the next', { epoch: 3, seq: 4 }, { epoch: 3, seq: 5 }, 'apply'],
    ['the last once more', { epoch: 3, seq: 4 }, { epoch: 3, seq: 4 }, 'repeat'],
    ['an early one once more', { epoch: 3, seq: 4 }, { epoch: 3, seq: 1 }, 'repeat'],
    ['one too early', { epoch: 3, seq: 4 }, { epoch: 3, seq: 6 }, 'batch_gap'],
    ['the first of a new epoch', { epoch: 3, seq: 4 }, { epoch: 9, seq: 1 }, 'apply'],
    ['a later one of a new epoch', { epoch: 3, seq: 4 }, { epoch: 4, seq: 2 }, 'batch_gap'],
    ['one of an epoch that is over', { epoch: 3, seq: 4 }, { epoch: 2, seq: 5 }, 'stale_epoch'],
  ])('that is %s', (_what, feed, batch, expected) => {
    expect(placed(feed, batch)).toBe(expected);
  });

  it('is told where the platform is when it is refused', () => {
    const refusal = (batch: FeedPosition): unknown => {
      try {
        return placeBatch({ epoch: 3, seq: 4 }, batch);
      } catch (error) {
        return (error as AppError).options.extra;
      }
    };
    expect(refusal({ epoch: 3, seq: 9 })).toEqual({ epoch: 3, seq: 4, expected: 5 });
    expect(refusal({ epoch: 4, seq: 9 })).toEqual({ epoch: 3, seq: 4, expected: 1 });
    expect(refusal({ epoch: 1, seq: 1 })).toEqual({ epoch: 3, seq: 4 });
  });

  it('is applied once and in order, however often and in whatever order batches come', () => {
    const positions = fc.array(
      fc.record({ epoch: fc.integer({ min: 1, max: 4 }), seq: fc.integer({ min: 1, max: 4 }) }),
    );
    fc.assert(
      fc.property(positions, (batches) => {
        let feed = { epoch: 0, seq: 0 };
        const applied: string[] = [];
        for (const batch of batches) {
          if (placed(feed, batch) !== 'apply') continue;
          expect(batch.epoch > feed.epoch ? batch.seq === 1 : batch.seq === feed.seq + 1).toBe(true);
          applied.push(`${batch.epoch}/${batch.seq}`);
          feed = batch;
        }
        expect(new Set(applied).size).toBe(applied.length);
        expect(applied).toEqual([...applied].sort());
      }),
    );
  });
});

describe('an object’s head', () => {
  const head = (bodyHash: Buffer | null) => ({ objectId: 'o', bodyHash });
  const [one, two] = [Buffer.from([1]), Buffer.from([2])];

  it.each<[Buffer | null | undefined, Buffer | null, string]>([
    [undefined, one, 'appears'],
    [null, one, 'appears'],
    [one, one, 'same'],
    [one, two, 'changes'],
    [one, null, 'disappears'],
    [null, null, 'absent'],
    [undefined, null, 'absent'],
  ])('that was %o and is told to be %o: %s', (before, after, expected) => {
    expect(headChange(before === undefined ? undefined : head(before), head(after))).toBe(expected);
  });

  it('is compared by content, not by which buffer holds it', () => {
    expect(headChange(head(Buffer.from([1])), head(Buffer.from([1])))).toBe('same');
  });
});
