import type { RunCounts } from './run.entity.js';
import { COUNTED, type Counted, isCounted, type PairVerdict } from './verdict-bytes.rules.js';

/** A pair and how it came to its verdict. */
interface TalliedPair {
  verdict: PairVerdict;
  /** It was not judged again. */
  kept?: boolean;
}

/** What a run did so far. */
export class RunTally {
  private evaluated = 0;
  private reused = 0;
  private readonly fresh = noVerdicts();
  private readonly kept = noVerdicts();

  /** An object of which something was judged. @param pairs all of its checks */
  addJudged(pairs: readonly TalliedPair[]): void {
    this.evaluated++;
    for (const { verdict, kept } of pairs) if (isCounted(verdict)) (kept === true ? this.kept : this.fresh)[verdict]++;
  }

  /** An object that nothing has changed for. @param verdicts of all its checks, kept from before */
  addReused(verdicts: Iterable<PairVerdict>): void {
    this.reused++;
    for (const verdict of verdicts) if (isCounted(verdict)) this.kept[verdict]++;
  }

  /** @returns the counts as the API shows them */
  counts(): RunCounts {
    const verdicts = Object.fromEntries(COUNTED.map((verdict) => [verdict, this.fresh[verdict] + this.kept[verdict]]));
    const { evaluated, reused } = this;
    return { objects: evaluated + reused, evaluated, reused, ...(verdicts as Record<Counted, number>) };
  }

  /** @returns how many objects, and how many pairs of each verdict, were judged and were kept from before */
  parts(): { reused: 'yes' | 'no'; objects: number; verdicts: Readonly<Record<Counted, number>> }[] {
    return [
      { reused: 'no', objects: this.evaluated, verdicts: this.fresh },
      { reused: 'yes', objects: this.reused, verdicts: this.kept },
    ];
  }
}

function noVerdicts(): Record<Counted, number> {
  return { pass: 0, fail: 0, waived: 0, error: 0, skipped: 0 };
}
