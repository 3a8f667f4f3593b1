import { severityRank } from '#kernel';
import type { ValidationViolation } from '#contracts';

/**
 * Tells what is new from what the base has already, by fingerprint: each violation of the base stands for one of the
 * commit, that of the same file first; what was moved or renamed takes its violations along.
 * @param head of the commit
 * @param base of the same files, and of those that are gone, before it
 * @returns those of the commit, each marked; the new ones first, then by severity
 */
export function markExisting(
  head: readonly ValidationViolation[],
  base: readonly ValidationViolation[],
): ValidationViolation[] {
  const inFile = new Map<string, number>();
  const anywhere = new Map<string, number>();
  for (const violation of base) {
    add(inFile, inFileKey(violation), 1);
    add(anywhere, violation.fingerprint, 1);
  }
  const sameFile = head.map((violation) => {
    const found = take(inFile, inFileKey(violation));
    if (found) add(anywhere, violation.fingerprint, -1);
    return found;
  });
  const marked = head.map((violation, at): ValidationViolation => {
    const existing = sameFile[at] === true || take(anywhere, violation.fingerprint);
    return { ...violation, baseline: existing ? 'existing' : 'new' };
  });
  return marked.sort(
    (one, other) =>
      Number(one.baseline === 'existing') - Number(other.baseline === 'existing') ||
      severityRank(other.severity) - severityRank(one.severity),
  );
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
