import type { JsonObject } from '#kernel';
import type { EffectiveCheck } from '#decision';
import {
  type Case,
  type CheckPlan,
  type CheckVerdict,
  judgeCase,
  type JudgeContext,
  prepareCase,
  settlesAt,
} from '#judging';
import { violationFingerprint } from '#kube';
import { foldInto, foldKey, type FoldTarget } from './folding.rules.js';
import type { InventoryInput } from './inventory-input.store.js';
import { type MemoChange, memoChange, memoOf, type Slice, sliceOf } from './memo.rules.js';
import type { JudgedPair, PresentState } from './reconcile.rules.js';
import type { EvaluationRow } from './reconcile.store.js';
import { packVerdicts, type PairVerdict } from './verdict-bytes.rules.js';

/** One object with its new judgement; `reused` where the one before still holds. */
export interface ObjectOutcome {
  input: InventoryInput;
  present: PresentState;
  pairs: readonly JudgedPair[];
  reused: boolean;
  /** Undefined where the object is gone or nothing is to be kept anew. */
  evaluation: EvaluationRow | undefined;
  fingerprint: (checkId: number) => Buffer;
  /** When it has to be looked at again, without any change. */
  settlesAt?: Date | undefined;
}

/** What a run needs to judge: the same for all its chunks. */
export interface ChunkContext {
  /** Digest of the built-in module and of what the host adds to it. */
  engine: string;
  context: JudgeContext;
  bodies: ReadonlyMap<string, JsonObject>;
  /** The platform's time. */
  now: Date;
  /** Controllers of owned objects, by the owned one's id. */
  foldTargets: ReadonlyMap<string, FoldTarget>;
  /** Whether a pair is judged again whatever is known of it. */
  isForced(objectId: string, bindings: readonly string[]): boolean;
}

/**
 * Judges a chunk of objects: pairs whose memo still holds keep their verdicts, the others go to the engine together.
 * @param inputs the objects as the inventory has them
 * @param chunk what is needed to judge
 */
export function judgeChunk(inputs: readonly InventoryInput[], chunk: ChunkContext): Promise<ObjectOutcome[]> {
  return Promise.all(inputs.map((input) => judgeObject(input, chunk)));
}

async function judgeObject(input: InventoryInput, chunk: ChunkContext): Promise<ObjectOutcome> {
  const { engine, context } = chunk;
  const object = input.bodyHash === null ? undefined : chunk.bodies.get(input.bodyHash.toString('hex'));
  if (input.bodyHash === null || object === undefined) return gone(input, engine);
  const { identity, createdAt, writtenAs } = input;
  const age = createdAt === null ? {} : { age: { createdAt, now: chunk.now } };
  const prepared = prepareCase({ identity, object, writtenAs: writtenAs ?? undefined, ...age }, context);
  const target = chunk.foldTargets.get(input.objectId);
  const slice = sliceOf(prepared.checks);
  const memo = memoOf({
    bodyHash: input.bodyHash,
    engine: engine,
    kubernetesVersion: context.kubernetesVersion ?? null,
    writtenAs,
    namespace: context.namespaceObject(identity.namespace),
    related: prepared.related,
    fold: foldKey(target),
    settling: prepared.settling?.createdAt.toISOString() ?? null,
  });
  const present: PresentState = { bodyHash: input.bodyHash, sliceDigest: slice.digest, engine: engine };
  const fingerprint = fingerprints(input, prepared);
  const change = memoChange(input.memo, memo);
  const kept = keptVerdicts(input, context.policies.plan(prepared.checks), slice, change, chunk.isForced);
  const sameChecks = input.previous.sliceDigest?.equals(slice.digest) === true;
  if (change === 'none' && sameChecks && kept.size === prepared.checks.length) {
    return { input, present, pairs: [], reused: true, evaluation: undefined, fingerprint };
  }
  const fresh =
    kept.size === 0 ? prepared : { ...prepared, checks: prepared.checks.filter(({ checkId }) => !kept.has(checkId)) };
  const judged = foldInto(object, (await judgeCase(fresh, context)).map(pairOf), target);
  const pairs = inOrder(prepared.checks, judged, kept);
  const evaluation: EvaluationRow = {
    objectId: input.objectId,
    sliceDigest: slice.digest,
    checkIds: prepared.checks.map((check) => check.checkId),
    checkDigests: slice.checkDigests,
    memo,
    verdicts: packVerdicts(pairs.map((pair) => pair.verdict)),
    bodyHash: input.bodyHash,
    engine: engine,
  };
  const settles = prepared.settling === undefined ? undefined : settlesAt(prepared.settling);
  return { input, present, pairs, reused: false, evaluation, fingerprint, settlesAt: settles };
}

/**
 * Verdicts that still hold, of the same checks on an unchanged object: what lies beside it concerns only policies that look
 * there. An error may have passed, so it is tried again.
 */
function keptVerdicts(
  { previous, objectId }: InventoryInput,
  { checks }: CheckPlan,
  slice: Slice,
  change: MemoChange,
  isForcedPair: ChunkContext['isForced'],
): Map<number, PairVerdict> {
  const kept = new Map<number, PairVerdict>();
  if (change === 'own') return kept;
  for (const [index, { check, looksFor }] of checks.entries()) {
    const { checkId, bindings } = check;
    if (change === 'beside' && looksFor !== undefined) continue;
    const digest = slice.checkDigests[index];
    const verdict = previous.verdicts.get(checkId);
    if (digest === undefined || verdict === undefined || verdict === 'error') continue;
    const same = previous.checkDigests.get(checkId)?.equals(digest) === true;
    if (same && !isForcedPair(objectId, bindings)) kept.set(checkId, verdict);
  }
  return kept;
}

function inOrder(
  checks: readonly EffectiveCheck[],
  judged: readonly JudgedPair[],
  kept: ReadonlyMap<number, PairVerdict>,
): readonly JudgedPair[] {
  if (kept.size === 0) return judged;
  const fresh = new Map(judged.map((pair) => [pair.checkId, pair]));
  return checks.flatMap((check): JudgedPair[] => {
    const pair = fresh.get(check.checkId);
    if (pair !== undefined) return [pair];
    const verdict = kept.get(check.checkId);
    if (verdict === undefined) return [];
    const { checkId, version: policyVersion, severity } = check;
    return [{ checkId, policyVersion, severity, verdict, findings: [], kept: true }];
  });
}

function gone(input: InventoryInput, engine: string): ObjectOutcome {
  const present: PresentState = { bodyHash: null, sliceDigest: null, engine };
  return { input, present, pairs: [], reused: false, evaluation: undefined, fingerprint: () => Buffer.alloc(0) };
}

function pairOf({ check, verdict }: CheckVerdict): JudgedPair {
  return {
    checkId: check.checkId,
    policyVersion: check.version,
    severity: check.severity,
    verdict: verdict.verdict,
    findings: verdict.findings,
  };
}

function fingerprints(input: InventoryInput, prepared: Case): (checkId: number) => Buffer {
  return (checkId) => {
    const check = prepared.checks.find((candidate) => candidate.checkId === checkId);
    return violationFingerprint({
      policy: check?.slug ?? '',
      instance: check?.instance ?? '',
      identity: input.identity,
    });
  };
}
