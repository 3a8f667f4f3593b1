import pLimit from 'p-limit';
import { systemClock, type Clock } from '#kernel';

export interface LineOptions {
  /** How many are served at a time. */
  atOnce: number;
  /** How many may stand in line. */
  places: number;
  /** Milliseconds after which whoever has had no turn is sent away. */
  withinMs: number;
}

/** Between two who were served, until it is known better. */
const FIRST_PACE_MS = 10;
const SLOWEST_PACE_MS = 1_000;
/** Weight of the last one in what is known of the pace. */
const LAST_COUNTS = 0.05;
/** Nobody is sent away for longer: a pace may have been a bad moment's. */
const LATEST_S = 60;

/**
 * A line for what agents want: a fleet that comes back in one moment is served in waves, those who find no room in line are
 * told when to come again, and whoever is no agent finds the database free (DESIGN §8). Each who is sent away is told a
 * later moment than the one before, as far apart as turns were lately: coming all the time would cost what serving costs.
 */
export class ArrivalLine {
  private readonly turns: ReturnType<typeof pLimit>;
  private paceMs = FIRST_PACE_MS;
  private lastServed: number | undefined;
  private bookedUntil = 0;

  constructor(
    private readonly options: LineOptions,
    private readonly clock: Clock = systemClock,
  ) {
    this.turns = pLimit(options.atOnce);
  }

  /**
   * Waits for a turn. One of both is called, and once.
   * @param serve at its turn; the next one's comes when it has ended
   * @param refuse where there is no room, or no turn in time: told in how many seconds to come again
   */
  enter(serve: () => Promise<void>, refuse: (againSeconds: number) => void): void {
    const { places, withinMs } = this.options;
    const sendAway = (): void => refuse(this.book());
    if (this.turns.pendingCount >= places) return sendAway();
    let gone = false;
    const late = setTimeout(() => {
      gone = true;
      sendAway();
    }, withinMs).unref();
    void this.turns(async () => {
      clearTimeout(late);
      if (gone) return;
      await serve();
      this.notePace();
    });
  }

  /** While nobody waits, turns are as far apart as agents come, which says nothing. */
  private notePace(): void {
    const now = this.clock.now();
    if (this.turns.pendingCount === 0) {
      this.lastServed = undefined;
      return;
    }
    if (this.lastServed !== undefined) {
      const last = Math.min(SLOWEST_PACE_MS, now - this.lastServed);
      this.paceMs += LAST_COUNTS * (last - this.paceMs);
    }
    this.lastServed = now;
  }

  /** @returns in how many seconds there will be room: behind those in line, and those who were told so before */
  private book(): number {
    const now = this.clock.now();
    const room = now + this.turns.pendingCount * this.paceMs;
    const latest = now + LATEST_S * 1_000;
    this.bookedUntil = Math.min(Math.max(room, this.bookedUntil + this.paceMs), latest);
    // Those for whom the line is too long don't come in one moment either.
    const share = this.bookedUntil === latest ? (1 + Math.random()) / 2 : 1;
    return Math.max(1, Math.ceil((share * (this.bookedUntil - now)) / 1_000));
  }
}
