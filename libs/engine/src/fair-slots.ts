import { BusyError } from './busy-error.js';
import { FairQueue } from './fair-queue.js';

/** Lets a few pieces of work run at a time; owners take turns, and none of them may have many waiting. */
export class FairSlots {
  private readonly queue = new FairQueue();
  private readonly waiting = new Map<number, () => void>();
  private lastId = 0;

  /**
   * @param free how many run at a time
   * @param waitingMax how many of one owner's may wait beside
   */
  constructor(
    private free: number,
    private readonly waitingMax: number,
  ) {}

  /**
   * @param owner whose turn it takes
   * @param work what is done once it is his turn
   * @returns what the work returns
   * @throws BusyError where too much of the owner's waits already
   */
  async run<Result>(owner: string, work: () => Promise<Result>): Promise<Result> {
    await this.turn(owner);
    try {
      return await work();
    } finally {
      this.free += 1;
      this.next();
    }
  }

  private turn(owner: string): Promise<void> {
    const waiting = this.queue.waiting(owner);
    if (this.free === 0 && waiting >= this.waitingMax) throw new BusyError(waiting);
    return new Promise((resolve) => {
      this.waiting.set((this.lastId += 1), resolve);
      this.queue.push(owner, this.lastId);
      this.next();
    });
  }

  private next(): void {
    if (this.free === 0) return;
    const next = this.queue.take(() => true);
    if (next === undefined) return;
    this.free -= 1;
    this.waiting.get(next.id)?.();
    this.waiting.delete(next.id);
  }
}
