/** Remembers that something changed until somebody asks. */
export class ChangeSignal {
  private raised = false;
  private wake: (() => void) | undefined;

  /** Something changed. */
  raise(): void {
    this.raised = true;
    this.wake?.();
  }

  /** @returns at once where something changed since the last call ended, else when it does */
  async next(): Promise<void> {
    if (!this.raised) await new Promise<void>((resolve) => (this.wake = resolve));
    this.raised = false;
  }
}
