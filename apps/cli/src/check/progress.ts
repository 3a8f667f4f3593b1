/** Shorter work is done before anybody has read that it is going on. */
const SHOWN_AFTER_MS = 700;
const EVERY_MS = 100;

/** How far long work is, on a terminal; nowhere else. */
export class Progress {
  private done = 0;
  private timer: NodeJS.Timeout | undefined;
  private shown = false;

  /**
   * @param what is counted, as in `objects judged`
   * @param total of it
   * @param wanted whether anybody is to see it
   */
  constructor(
    private readonly what: string,
    private readonly total: number,
    wanted: boolean,
  ) {
    if (!wanted || process.stderr.isTTY !== true) return;
    const begun = Date.now();
    this.timer = setInterval(() => {
      if (Date.now() - begun >= SHOWN_AFTER_MS) this.show();
    }, EVERY_MS).unref();
  }

  /** One more. */
  step(): void {
    this.done += 1;
  }

  /** Leaves nothing of it on the terminal. */
  end(): void {
    clearInterval(this.timer);
    if (this.shown) process.stderr.write('\r\u001B[K');
    this.shown = false;
  }

  private show(): void {
    this.shown = true;
    const share = this.total === 0 ? 100 : Math.min(100, Math.floor((100 * this.done) / this.total));
    process.stderr.write(`\r\u001B[K${this.done} of ${this.total} ${this.what} (${share} %)`);
  }
}
