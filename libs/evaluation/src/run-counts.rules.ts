import type { RunCounts } from './run.entity.js';
import { isCounted, type PairVerdict } from './verdict-bytes.rules.js';

/** What a run did so far. */
export class RunTally {
  private objects = 0;
  private evaluated = 0;
  private reused = 0;
  private readonly verdicts = { pass: 0, fail: 0, waived: 0, error: 0, skipped: 0 };

  /**
   * @param reused whether the verdicts were kept from before, because nothing they depend on has changed
   * @param verdicts of all checks on one object
   */
  add(reused: boolean, verdicts: Iterable<PairVerdict>): void {
    this.objects++;
    if (reused) this.reused++;
    else this.evaluated++;
    for (const verdict of verdicts) if (isCounted(verdict)) this.verdicts[verdict]++;
  }

  /** @returns the counts as the API shows them */
  counts(): RunCounts {
    return { objects: this.objects, evaluated: this.evaluated, reused: this.reused, ...this.verdicts };
  }
}
