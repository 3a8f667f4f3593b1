import pc from 'picocolors';

/** Tells a person at the terminal what is going on, with the time each step took. */
export class Progress {
  private readonly begun = performance.now();

  /** @param what one short line */
  say(what: string): void {
    const seconds = ((performance.now() - this.begun) / 1_000).toFixed(1).padStart(5);
    process.stderr.write(`${pc.dim(`${seconds} s`)}  ${what}\n`);
  }
}
