import type { LivePosition, LiveRead } from '#platform';

/** Wake-ups within this time are one reading. */
const GATHER_MS = 50;
/** What waits for a transaction that is still open is looked for again. */
const HELD_MS = 150;

/** Who is told what was read. */
export interface Follower {
  /** @param read undefined where there is more to tell than is known: the follower reads itself */
  take(read: LiveRead | undefined): void;
}

/** Reading an organization's events, from the present on and from a place on. */
export interface EventSource {
  present(): Promise<LivePosition>;
  after(position: LivePosition): Promise<LiveRead | undefined>;
}

/** What is new in one organization, read once for all of its streams in this process. */
export class EventFeed {
  private readonly followers = new Set<Follower>();
  private begun: Promise<void> | undefined;
  private position: LivePosition | undefined;
  private timer: NodeJS.Timeout | undefined;
  private reading = false;

  /**
   * @param source of the organization
   * @param onError what a reading threw; the next wake-up reads on from where it was
   */
  constructor(
    private readonly source: EventSource,
    private readonly onError: (error: unknown) => void,
  ) {}

  get isEmpty(): boolean {
    return this.followers.size === 0;
  }

  /**
   * @param follower is told of everything that is committed after the answer; what was before it reads itself
   * @returns ends it
   */
  async join(follower: Follower): Promise<() => void> {
    this.followers.add(follower);
    const leave = (): void => {
      this.followers.delete(follower);
      if (!this.isEmpty) return;
      clearTimeout(this.timer);
      this.timer = undefined;
    };
    this.begun ??= this.source.present().then((position) => {
      this.position = position;
    });
    try {
      await this.begun;
    } catch (error) {
      this.begun = undefined;
      leave();
      throw error;
    }
    return leave;
  }

  /** There may be something new. */
  wake(inMs = GATHER_MS): void {
    if (this.isEmpty || this.timer !== undefined) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      void this.read();
    }, inMs);
  }

  private async read(): Promise<void> {
    const { position } = this;
    if (position === undefined) return;
    // One reading at a time: who comes meanwhile looks again after it.
    if (this.reading) return this.wake();
    this.reading = true;
    try {
      const read = await this.source.after(position);
      // So long without a reading that nothing can be told of the time between.
      this.position = read?.position ?? (await this.source.present());
      for (const follower of this.followers) follower.take(read);
      if (read === undefined || read.more) this.wake(0);
      else if (read.held) this.wake(HELD_MS);
    } catch (error) {
      this.onError(error);
    } finally {
      this.reading = false;
    }
  }
}
