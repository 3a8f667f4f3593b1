import type { ValidationViolation } from '#contracts';
import { decisionOf, type UnkeptResult } from './validation-decision.rules.js';

/** What was there before: says for which of the violations that were found it stands. */
export type Baseline = (found: readonly ValidationViolation[]) => ReadonlySet<ValidationViolation>;

/** A violation that was there before, as far as it is compared. */
export type KnownViolation = Pick<ValidationViolation, 'fingerprint' | 'location'>;

/**
 * @param fingerprints of what is open where the objects are to go: an object is the same one in whichever file it is written
 */
export function openThere(fingerprints: ReadonlySet<string>): Baseline {
  return (found) => new Set(found.filter(({ fingerprint }) => fingerprints.has(fingerprint)));
}

/**
 * Each violation of the files before stands for one that was found now, that of the same file first: what was moved or
 * renamed takes its violations along, and a copy is new.
 * @param before of the same files, and of those that are gone
 */
export function foundEarlier(before: readonly KnownViolation[]): Baseline {
  return (found) => {
    const inFile = new Map<string, number>();
    const anywhere = new Map<string, number>();
    for (const violation of before) {
      add(inFile, inFileKey(violation), 1);
      add(anywhere, violation.fingerprint, 1);
    }
    const known = new Set(found.filter((violation) => take(inFile, inFileKey(violation))));
    for (const { fingerprint } of known) add(anywhere, fingerprint, -1);
    for (const violation of found)
      if (!known.has(violation) && take(anywhere, violation.fingerprint)) known.add(violation);
    return known;
  };
}

/**
 * Compares an answer with what was there before: that is listed, and what is new alone decides (F5).
 * @param result an answer
 * @param baseline what was there before
 * @returns the answer, each of its violations marked
 */
export function againstBaseline(result: UnkeptResult, baseline: Baseline): UnkeptResult {
  const known = baseline(result.violations);
  const violations = result.violations.map((violation): ValidationViolation => ({
    ...violation,
    baseline: known.has(violation) ? 'existing' : 'new',
  }));
  return { ...result, violations, decision: decisionOf(violations, result.unresolved, result.fail_on) };
}

function inFileKey({ fingerprint, location }: KnownViolation): string {
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
