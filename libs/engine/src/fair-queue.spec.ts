import { describe, expect, it } from '@jest/globals';
import { FairQueue } from './fair-queue.js';

describe('FairQueue', () => {
  const drain = (queue: FairQueue, without: readonly string[] = []) => {
    const ids: number[] = [];
    for (;;) {
      const next = queue.take((owner) => (without.includes(owner) ? undefined : owner));
      if (next === undefined) return ids;
      ids.push(next.id);
    }
  };

  it('takes owners in turns, each one’s tasks in their order', () => {
    const queue = new FairQueue();
    for (const id of [1, 2, 3]) queue.push('a', id);
    queue.push('b', 4);
    for (const id of [5, 6]) queue.push('c', id);
    expect(drain(queue)).toEqual([1, 4, 5, 2, 6, 3]);
  });

  it('takes first what had its turn already, then what an owner was given back', () => {
    const queue = new FairQueue();
    queue.push('a', 3);
    queue.push('b', 4);
    queue.putBack('a', [1, 2]);
    queue.putFirst([
      { owner: 'b', id: 8 },
      { owner: 'c', id: 9 },
    ]);
    expect(drain(queue)).toEqual([8, 9, 1, 4, 2, 3]);
  });

  it('passes over an owner who has no place, and keeps his tasks', () => {
    const queue = new FairQueue();
    queue.push('a', 1);
    queue.push('b', 2);
    queue.putFirst([{ owner: 'a', id: 3 }]);
    expect(drain(queue, ['a'])).toEqual([2]);
    expect([queue.has('a'), queue.has('b')]).toEqual([true, false]);
    expect(drain(queue)).toEqual([3, 1]);
  });
});
