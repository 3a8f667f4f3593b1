/** What is kept of a pair's verdict: the five that count, and two that stand outside every count. */
export const PAIR_VERDICTS = ['pass', 'fail', 'waived', 'error', 'skipped', 'not_applicable', 'folded'] as const;
export type PairVerdict = (typeof PAIR_VERDICTS)[number];

/** The verdicts that are counted, in the order of the columns. */
export const COUNTED = ['pass', 'fail', 'waived', 'error', 'skipped'] as const;
export type Counted = (typeof COUNTED)[number];

/** @returns one byte a verdict, in the order of the slice's checks */
export function packVerdicts(verdicts: readonly PairVerdict[]): Buffer {
  return Buffer.from(verdicts.map((verdict) => PAIR_VERDICTS.indexOf(verdict)));
}

/**
 * @param checkIds of the slice
 * @param bytes one a check
 * @returns verdicts by check
 */
export function unpackVerdicts(checkIds: readonly number[], bytes: Uint8Array): Map<number, PairVerdict> {
  return new Map(checkIds.map((checkId, index) => [checkId, PAIR_VERDICTS[bytes[index] ?? -1] ?? 'error']));
}

/** Whether a verdict is counted at all. */
export function isCounted(verdict: PairVerdict): verdict is Counted {
  return (COUNTED as readonly string[]).includes(verdict);
}
