import type { ComplianceCounts } from '#contracts';

export type Counted = Pick<ComplianceCounts, 'pass' | 'fail' | 'waived' | 'error' | 'skipped' | 'unknown'>;

/** What is counted, in the order of a moment's numbers. */
export const COUNTED = ['pass', 'fail', 'waived', 'error', 'skipped', 'unknown'] as const satisfies (keyof Counted)[];
/** The place of what is counted as unknown: behind the verdicts. */
export const UNKNOWN = COUNTED.indexOf('unknown');

/** How the counts of one series move between the moments of a timeline. Many of them are added up: numbers lie in one array. */
export class SeriesMoves {
  /** By moment; those of checks that were counted both at the first moment and at the last stand behind the others. */
  private readonly numbers: Float64Array;

  /**
   * @param key of the series
   * @param name as people see it
   * @param moments how many there are
   */
  constructor(
    readonly key: string,
    readonly name: string,
    private readonly moments: number,
  ) {
    this.numbers = new Float64Array(2 * moments * COUNTED.length);
  }

  /**
   * @param moment at which the move is first seen
   * @param alike whether the check was counted in its cluster both at the first moment and at the last
   * @param column of COUNTED
   */
  add(moment: number, alike: boolean, column: number, by: number): void {
    const place = (Number(alike) * this.moments + moment) * COUNTED.length + column;
    this.numbers[place] = (this.numbers[place] ?? 0) + by;
  }

  /**
   * Adds up what has moved until each moment.
   * @param sums six numbers a moment, to which these are added
   * @param which of all checks, or only of those that are alike
   */
  addTo(sums: Float64Array, which: 'all' | 'alike'): void {
    const length = this.moments * COUNTED.length;
    const running = new Float64Array(COUNTED.length);
    for (let index = 0; index < length; index++) {
      const column = index % COUNTED.length;
      const others = which === 'all' ? (this.numbers[index] ?? 0) : 0;
      running[column] = (running[column] ?? 0) + others + (this.numbers[length + index] ?? 0);
      sums[index] = (sums[index] ?? 0) + (running[column] ?? 0);
    }
  }
}
