/** Remembers that something changed until somebody asks. */
export class ChangeSignal {
  private raised = false;
  private woken = false;
  private wake: (() => void) | undefined;

  /** Ends a wait though nothing changed. */
  wakeUp(): void {
    if (this.wake === undefined) this.woken = true;
    else this.wake();
  }

  /** Something changed. */
  raise(): void {
    this.raised = true;
    this.wake?.();
  }

  /**
   * Waits for a change, and leaves nothing behind: no timer, no listener.
   * @param withinMs how long at most, milliseconds
   * @param signal ends the wait early, as if the time had passed
   * @returns at once where something changed since the last call ended
   */
  async next(withinMs: number, signal: AbortSignal): Promise<'change' | 'timeout'> {
    if (!this.raised && !this.woken && !signal.aborted) await this.wait(withinMs, signal);
    const changed = this.raised;
    this.raised = false;
    this.woken = false;
    return changed ? 'change' : 'timeout';
  }

  private wait(withinMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        this.wake = undefined;
        resolve();
      };
      const timer = setTimeout(done, withinMs);
      signal.addEventListener('abort', done);
      this.wake = done;
    });
  }
}
