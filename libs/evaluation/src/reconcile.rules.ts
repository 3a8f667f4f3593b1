import { canonicalJson, sha256, severityRank, type Severity } from '#kernel';
import type { Resolution } from '#contracts';
import type { Finding } from '#engine';
import { isCounted, type Counted, type PairVerdict } from './verdict-bytes.rules.js';

/** One check on one object, judged. */
export interface JudgedPair {
  checkId: number;
  policyVersion: number;
  severity: Severity;
  verdict: PairVerdict;
  findings: readonly Finding[];
  /** Not judged again: nothing that the verdict depends on has changed. */
  kept?: true;
}

/** An open or resolved violation as it is before. */
export interface ViolationHead {
  violationId: string;
  checkId: number;
  policyVersion: number;
  findingsDigest: Buffer;
  severity: number;
  since: Date;
  resolvedAt: Date | null;
}

/** What was known of the object before, and what it was judged from. */
export interface PreviousJudgement {
  verdicts: ReadonlyMap<number, PairVerdict>;
  /** What each check was, by its digest. */
  checkDigests: ReadonlyMap<number, Buffer>;
  bodyHash: Buffer | null;
  sliceDigest: Buffer | null;
  engine: string | null;
}

/** What it is judged from now; no hash: the object is gone. */
export interface PresentState {
  bodyHash: Buffer | null;
  sliceDigest: Buffer | null;
  engine: string;
}

export type ViolationChange =
  | { kind: 'open'; pair: JudgedPair; digest: Buffer }
  | { kind: 'reopen'; head: ViolationHead; pair: JudgedPair; digest: Buffer }
  | { kind: 'change'; head: ViolationHead; pair: JudgedPair; digest: Buffer }
  | { kind: 'resolve'; head: ViolationHead; resolution: Resolution };

/** Plus or minus one of a count of a check in the object's namespace. */
export interface CountChange {
  checkId: number;
  verdict: Counted;
  by: 1 | -1;
}

/** What changes in how many objects of a namespace are under checks, fail in one, and are under none. */
export interface ObjectCountChange {
  judged: number;
  failing: number;
  excluded: number;
}

export interface Reconciliation {
  violations: ViolationChange[];
  counts: CountChange[];
  objects: ObjectCountChange;
}

/**
 * Decides what a new judgement of one object changes (J5): a violation opens where a pair fails, and closes where it was
 * looked at and passes, no longer applies, or its object is gone; `error` and `skipped` leave it open.
 * @param previous what was known
 * @param heads the object's violations, open and resolved
 * @param pairs all checks that apply to the object now; none where it is gone
 * @param present what it was judged from
 */
export function reconcile(
  previous: PreviousJudgement,
  heads: readonly ViolationHead[],
  pairs: readonly JudgedPair[],
  present: PresentState,
): Reconciliation {
  const byCheck = new Map(heads.map((head) => [head.checkId, head]));
  const judged = new Map(pairs.map((pair) => [pair.checkId, pair]));
  const violations: ViolationChange[] = [];
  for (const pair of pairs) {
    if (pair.kept) continue;
    const change = pairChange(pair, byCheck.get(pair.checkId), previous, present);
    if (change !== undefined) violations.push(change);
  }
  for (const head of heads) {
    if (head.resolvedAt !== null || judged.has(head.checkId)) continue;
    violations.push({ kind: 'resolve', head, resolution: present.bodyHash === null ? 'deleted' : 'target-changed' });
  }
  return {
    violations,
    counts: countChanges(previous.verdicts, judged),
    objects: objectChange(previous, heads, violations, pairs, present),
  };
}

/** @returns what tells two states of a violation apart: its findings, without the fixes that come and go with the engine */
export function findingsDigest(findings: readonly Finding[]): Buffer {
  return sha256(
    canonicalJson(
      findings.map(({ path, found, expected, message, container }) => [
        path,
        found ?? null,
        expected,
        message,
        container ?? null,
      ]),
    ),
  );
}

function pairChange(
  pair: JudgedPair,
  head: ViolationHead | undefined,
  previous: PreviousJudgement,
  present: PresentState,
): ViolationChange | undefined {
  if (pair.verdict === 'fail') {
    const digest = findingsDigest(pair.findings);
    if (head === undefined) return { kind: 'open', pair, digest };
    if (head.resolvedAt !== null) return { kind: 'reopen', head, pair, digest };
    const same =
      head.findingsDigest.equals(digest) &&
      head.policyVersion === pair.policyVersion &&
      head.severity === severityRank(pair.severity);
    return same ? undefined : { kind: 'change', head, pair, digest };
  }
  if (head === undefined || head.resolvedAt !== null) return undefined;
  if (pair.verdict === 'error' || pair.verdict === 'skipped' || pair.verdict === 'waived') return undefined;
  return { kind: 'resolve', head, resolution: resolutionOf(pair, head, previous, present) };
}

function resolutionOf(
  pair: JudgedPair,
  head: ViolationHead,
  previous: PreviousJudgement,
  present: PresentState,
): Resolution {
  const sameBody =
    previous.bodyHash !== null && present.bodyHash !== null && previous.bodyHash.equals(present.bodyHash);
  // What its controller says now is no longer said of the object itself (V4).
  if (pair.verdict === 'folded') return 'not-applicable';
  if (!sameBody) return pair.verdict === 'not_applicable' ? 'not-applicable' : 'fixed';
  const sameSlice =
    previous.sliceDigest !== null && present.sliceDigest !== null && previous.sliceDigest.equals(present.sliceDigest);
  if (head.policyVersion !== pair.policyVersion || !sameSlice) return 'policy-changed';
  if (previous.engine !== present.engine) return 'engine-changed';
  return pair.verdict === 'not_applicable' ? 'not-applicable' : 'fixed';
}

function objectChange(
  previous: PreviousJudgement,
  heads: readonly ViolationHead[],
  violations: readonly ViolationChange[],
  pairs: readonly JudgedPair[],
  present: PresentState,
): ObjectCountChange {
  const open = new Set(heads.filter(({ resolvedAt }) => resolvedAt === null).map(({ checkId }) => checkId));
  const wasFailing = open.size > 0;
  for (const change of violations) {
    if (change.kind === 'resolve') open.delete(change.head.checkId);
    else open.add(change.pair.checkId);
  }
  const before = objectCount(previous.sliceDigest !== null, previous.verdicts.size > 0, wasFailing);
  const after = objectCount(present.bodyHash !== null, pairs.length > 0, open.size > 0);
  return {
    judged: after.judged - before.judged,
    failing: after.failing - before.failing,
    excluded: after.excluded - before.excluded,
  };
}

/** @returns both changes as one */
export function sumOf(first: ObjectCountChange | undefined, second: ObjectCountChange): ObjectCountChange {
  if (first === undefined) return second;
  return {
    judged: first.judged + second.judged,
    failing: first.failing + second.failing,
    excluded: first.excluded + second.excluded,
  };
}

function objectCount(there: boolean, checked: boolean, failing: boolean): ObjectCountChange {
  return {
    judged: Number(there && checked),
    failing: Number(there && checked && failing),
    excluded: Number(there && !checked),
  };
}

function countChanges(before: ReadonlyMap<number, PairVerdict>, after: ReadonlyMap<number, JudgedPair>): CountChange[] {
  const changes: CountChange[] = [];
  for (const checkId of new Set([...before.keys(), ...after.keys()])) {
    const old = before.get(checkId);
    const now = after.get(checkId)?.verdict;
    if (old === now) continue;
    if (old !== undefined && isCounted(old)) changes.push({ checkId, verdict: old, by: -1 });
    if (now !== undefined && isCounted(now)) changes.push({ checkId, verdict: now, by: 1 });
  }
  return changes;
}
