import { setImmediate as others } from 'node:timers/promises';

/** So many objects are dealt with in a millisecond or two. */
const AT_A_STRETCH = 10;

/**
 * Maps many values one after another, and lets others have their turn in between: one large body is not to keep the event
 * loop from all the small ones.
 * @param values any number
 * @param map of one, quick
 */
export async function mapBreathing<Value, Result>(
  values: readonly Value[],
  map: (value: Value, index: number) => Result,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const [index, value] of values.entries()) {
    if (index > 0 && index % AT_A_STRETCH === 0) await others();
    results.push(map(value, index));
  }
  return results;
}
