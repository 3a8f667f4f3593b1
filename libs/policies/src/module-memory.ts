/** How long something is remembered that would be made otherwise another time, in milliseconds. */
const RETRY_MS = 600_000;

/** The modules that this process has ready, each made once however many ask; the least recently used goes. */
export class ModuleMemory<Made extends { certain: boolean }> {
  private readonly ready = new Map<string, { made: Promise<Made>; until: number }>();

  /**
   * @param kept how many
   * @param now the time in milliseconds
   */
  constructor(
    private readonly kept: number,
    private readonly now: () => number,
  ) {}

  /** @returns what is there, undefined where it is forgotten */
  get(key: string): Promise<Made> | undefined {
    return this.ready.get(key)?.made;
  }

  /**
   * @param make what is not there; what is not `certain` is made again after ten minutes, a failure the next time
   */
  getOrMake(key: string, make: () => Promise<Made>): Promise<Made> {
    const present = this.ready.get(key);
    this.ready.delete(key);
    const entry = present === undefined || present.until <= this.now() ? this.begin(key, make) : present;
    this.ready.set(key, entry);
    const oldest = this.ready.keys().next().value;
    if (this.ready.size > this.kept && oldest !== undefined) this.ready.delete(oldest);
    return entry.made;
  }

  private begin(key: string, make: () => Promise<Made>): { made: Promise<Made>; until: number } {
    const entry = { made: make(), until: Number.POSITIVE_INFINITY };
    entry.made.then(
      ({ certain }) => {
        if (!certain) entry.until = this.now() + RETRY_MS;
      },
      () => {
        if (this.ready.get(key) === entry) this.ready.delete(key);
      },
    );
    return entry;
  }
}
