/** Where the time comes from. Production asks Postgres (P2); tests and replay move a fake clock. */
export interface Clock {
  /** @returns milliseconds since 1970 */
  now(): number;
}

/** The machine's clock: for pacing and waiting, never for what is stored. */
export const systemClock: Clock = { now: () => Date.now() };

/** A clock that stands still until it is moved. */
export class FakeClock implements Clock {
  /** @param at where it starts, milliseconds since 1970 */
  constructor(private at: number) {}

  now(): number {
    return this.at;
  }

  /** @param ms how far to move on, milliseconds; never negative */
  advance(ms: number): void {
    if (ms < 0) throw new RangeError('a clock does not go back');
    this.at += ms;
  }
}
