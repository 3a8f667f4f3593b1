import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '#kernel';
import { eventually } from '#testing';
import { ArrivalLine, type LineOptions } from './arrival-line.js';

const LONG_MS = 60_000;

/** What became of those who came, by their numbers; whoever is served stays until the test lets go. */
class Seen {
  readonly clock = new FakeClock(0);
  readonly served: number[] = [];
  readonly refused = new Map<number, number>();
  private readonly leaving: (() => void)[] = [];
  private readonly line: ArrivalLine;

  constructor(options: LineOptions) {
    this.line = new ArrivalLine(options, this.clock);
  }

  comes(n: number): void {
    const stay = (): Promise<void> => {
      this.served.push(n);
      return new Promise((resolve) => this.leaving.push(resolve));
    };
    this.line.enter(stay, (seconds) => this.refused.set(n, seconds));
  }

  /** The first of those who are served goes. */
  goes(): void {
    this.leaving.shift()?.();
  }

  async untilServed(...numbers: number[]): Promise<void> {
    await eventually(async () => JSON.stringify(this.served) === JSON.stringify(numbers), `${numbers.join()} served`);
  }
}

describe('a line of agents', () => {
  it('serves so many at once, the others in their order', async () => {
    const seen = new Seen({ atOnce: 2, places: 10, withinMs: LONG_MS });
    for (const n of [1, 2, 3, 4]) seen.comes(n);
    await seen.untilServed(1, 2);
    seen.goes();
    await seen.untilServed(1, 2, 3);
    seen.goes();
    await seen.untilServed(1, 2, 3, 4);
    for (let n = 0; n < 2; n++) seen.goes();
    expect(seen.refused.size).toBe(0);
  });

  it('sends away whom it has no room for, each to come again later than the one before', async () => {
    const seen = new Seen({ atOnce: 1, places: 10, withinMs: LONG_MS });
    for (let n = 0; n <= 10; n++) seen.comes(n);
    await seen.untilServed(0);
    for (let n = 0; n < 1_000; n++) seen.comes(100 + n);
    const told = [...seen.refused.values()];
    // A hundred a second, until it is known better: the last of a thousand has to wait for ten seconds.
    expect([told[0], told.at(-1)]).toEqual([1, 11]);
    expect(told).toEqual(told.toSorted((a, b) => a - b));
    for (let n = 1; n < 10; n++) {
      seen.goes();
      await seen.untilServed(...Array.from({ length: n + 1 }, (_, one) => one));
    }
  });

  it('tells longer times where turns are long, a minute at the most', async () => {
    const seen = new Seen({ atOnce: 1, places: 200, withinMs: LONG_MS });
    for (let n = 0; n <= 150; n++) seen.comes(n);
    for (let n = 0; n < 100; n++) {
      await seen.untilServed(...Array.from({ length: n + 1 }, (_, one) => one));
      seen.clock.advance(500);
      seen.goes();
    }
    for (let n = 0; n < 500; n++) seen.comes(1_000 + n);
    const told = [...seen.refused.values()];
    expect(told[0]).toBeGreaterThan(20);
    expect(Math.max(...told)).toBeLessThanOrEqual(60);
    expect(new Set(told.slice(-300)).size).toBeGreaterThan(20);
  });

  it('sends away who has had no turn in time, once, and gives that turn to the next', async () => {
    const seen = new Seen({ atOnce: 1, places: 10, withinMs: 20 });
    seen.comes(1);
    seen.comes(2);
    await eventually(async () => seen.refused.has(2), 'the second to be sent away');
    seen.comes(3);
    seen.goes();
    await seen.untilServed(1, 3);
    seen.goes();
    expect([...seen.refused.keys()]).toEqual([2]);
  });
});
