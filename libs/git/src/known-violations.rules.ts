import type { ValidationViolation } from '#contracts';

/**
 * Tells what the base has already, by fingerprint: each violation of the base stands for one of the commit, that of the
 * same file first; what was moved or renamed takes its violations along, and a copy is new.
 * @param head of the commit
 * @param base of the same files, and of those that are gone, before it
 * @returns those of the commit that the base has
 */
export function knownAmong(
  head: readonly ValidationViolation[],
  base: readonly ValidationViolation[],
): ReadonlySet<ValidationViolation> {
  const inFile = new Map<string, number>();
  const anywhere = new Map<string, number>();
  for (const violation of base) {
    add(inFile, inFileKey(violation), 1);
    add(anywhere, violation.fingerprint, 1);
  }
  const known = new Set(head.filter((violation) => take(inFile, inFileKey(violation))));
  for (const { fingerprint } of known) add(anywhere, fingerprint, -1);
  for (const violation of head)
    if (!known.has(violation) && take(anywhere, violation.fingerprint)) known.add(violation);
  return known;
}

function inFileKey({ fingerprint, location }: ValidationViolation): string {
  return `${fingerprint} ${location?.path ?? ''}`;
}

function add(counts: Map<string, number>, key: string, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}

function take(counts: Map<string, number>, key: string): boolean {
  const left = counts.get(key) ?? 0;
  if (left <= 0) return false;
  counts.set(key, left - 1);
  return true;
}
