import { type JsonObject, publicId, type Scope } from '#kernel';
import { type EffectiveBinding, type EffectiveCheck, clusterMatches } from '#decision';
import type { Finding } from '#engine';
import {
  type BoundPolicies,
  judgeCase,
  type JudgeContext,
  type KnownObject,
  prepareCase,
  type RelatedSource,
} from '#judging';
import type { ObjectIdentity } from '#kube';
import type { Database } from '#platform';
import { ClusterSurroundings } from './cluster-surroundings.js';
import { foldInto } from './folding.rules.js';
import * as impact from './impact-input.store.js';
import type { TriedCluster } from './impact-plan.read-model.js';
import * as inventory from './inventory-input.store.js';
import { loadFoldTargets } from './ownership.store.js';
import type { JudgedPair } from './reconcile.rules.js';
import type { PairVerdict } from './verdict-bytes.rules.js';

/** Small ones: whoever else waits for the engine gets his turn in between. */
const CHUNK = 100;

/** What a trial needs; nothing is written. */
export interface ImpactWalk {
  scope: Scope;
  database: Database;
  bindings: readonly EffectiveBinding[];
  policies: BoundPolicies;
  /** Whether there is no time left. */
  isLate(): boolean;
}

/** One check on one content of an object. */
export interface TriedVerdict {
  check: EffectiveCheck;
  verdict: PairVerdict;
  findings: readonly Finding[];
  reason: string | undefined;
}

/** One content with its verdicts. */
export interface TriedContent {
  objectId: string;
  identity: ObjectIdentity;
  object: JsonObject;
  verdicts: TriedVerdict[];
}

/** @returns the bindings that may mean this cluster */
export function bindingsFor(bindings: readonly EffectiveBinding[], cluster: TriedCluster): EffectiveBinding[] {
  const facts = {
    id: publicId('cluster', cluster.clusterId),
    labels: cluster.labels,
    ...(cluster.environment !== null && { environment: cluster.environment }),
  };
  return bindings.filter(({ condition }) => clusterMatches(condition, facts) === 'yes');
}

/**
 * Judges what is in a cluster now, as a run would: owned objects after their controllers, which they are folded into (V4).
 * @param visit told of each object that a check applies to
 * @returns whether there was time for all
 */
export async function walkInventory(
  walk: ImpactWalk,
  clusterId: string,
  visit: (content: TriedContent) => void,
): Promise<boolean> {
  const { scope, database } = walk;
  const { surroundings, ids } = await database.run(scope, async (tx) => ({
    surroundings: await ClusterSurroundings.load(tx, clusterId, walk.bindings, walk.policies),
    ids: await inventory.listAllObjects(tx, clusterId),
  }));
  const failing = new Map<string, Map<number, readonly Finding[]>>();
  for (const chunk of [...chunksOf(ids.unowned), ...chunksOf(ids.owned)]) {
    if (walk.isLate()) return false;
    const loaded = await database.run(scope, async (tx) => {
      const inputs = await inventory.loadInputs(tx, clusterId, chunk);
      const bodies = await inventory.loadBodies(tx, hashesOf(inputs));
      const owned = inputs.filter((input) => input.controllerUid !== null);
      const targets = await loadFoldTargets(tx, clusterId, owned, bodies);
      const objects = inputs.flatMap((input) => {
        const object = bodies.get(input.bodyHash?.toString('hex') ?? '');
        return object === undefined ? [] : [{ ...input, object }];
      });
      return { objects, targets, related: await surroundings.beside(tx, objects), now: tx.now };
    });
    const context = { ...surroundings.context, related: loaded.related };
    const judged = await Promise.all(
      loaded.objects.map((one) => {
        const age = one.createdAt === null ? {} : { age: { createdAt: one.createdAt, now: loaded.now } };
        return judgeContent(context, { ...one, ...age });
      }),
    );
    for (const content of judged) {
      const target = loaded.targets.get(content.objectId);
      // What the controller fails in is what this trial found, not what is known of it.
      const above = target && { ...target, failing: failing.get(target.objectId) ?? new Map<number, Finding[]>() };
      const pairs = foldInto(content.object, content.verdicts.map(pairOfTried), above);
      const verdicts = content.verdicts.map((one, index) => ({
        ...one,
        verdict: pairs[index]?.verdict ?? one.verdict,
      }));
      noteFailing(failing, { ...content, verdicts });
      if (verdicts.length > 0) visit({ ...content, verdicts });
    }
  }
  return true;
}

/**
 * Judges every content that the objects of a cluster had since a moment. What lies beside them, and their namespaces'
 * labels, are taken as they are now.
 * @param visit told of each object with all of its contents, the earliest first
 * @returns whether there was time for all
 */
export async function walkRevisions(
  walk: ImpactWalk,
  clusterId: string,
  since: Date,
  visit: (revisions: (impact.Revision & TriedContent)[]) => void,
): Promise<boolean> {
  const { scope, database } = walk;
  const { surroundings, ids } = await database.run(scope, async (tx) => ({
    surroundings: await ClusterSurroundings.load(tx, clusterId, walk.bindings, walk.policies),
    ids: await impact.listObjectsSince(tx, clusterId, since),
  }));
  for (const chunk of chunksOf(ids)) {
    if (walk.isLate()) return false;
    const { revisions, related } = await database.run(scope, async (tx) => {
      const loaded = await impact.loadRevisions(tx, clusterId, chunk, since);
      return { revisions: loaded, related: await surroundings.beside(tx, latestOf(loaded)) };
    });
    const context = { ...surroundings.context, related };
    const judged = await Promise.all(
      revisions.map(async (revision) => ({ ...revision, ...(await judgeContent(context, revision)) })),
    );
    for (const object of byObject(judged)) visit(object);
  }
  return true;
}

async function judgeContent(
  context: Omit<JudgeContext, 'related'> & { related: RelatedSource },
  one: KnownObject & { objectId: string; age?: { createdAt: Date; now: Date } },
): Promise<TriedContent> {
  const { objectId, identity, object, age } = one;
  const prepared = prepareCase({ identity, object, ...(age && { age }) }, context);
  const judged = prepared.checks.length === 0 ? [] : await judgeCase(prepared, context);
  const verdicts = judged.map(({ check, verdict }) => ({
    check,
    verdict: verdict.verdict,
    findings: verdict.findings,
    reason: verdict.reason,
  }));
  return { objectId, identity, object, verdicts };
}

function pairOfTried({ check, verdict, findings }: TriedVerdict): JudgedPair {
  return { checkId: check.checkId, policyVersion: check.version, severity: check.severity, verdict, findings };
}

function noteFailing(
  failing: Map<string, Map<number, readonly Finding[]>>,
  { objectId, verdicts }: TriedContent,
): void {
  const own = verdicts.flatMap(({ check, verdict, findings }): [number, readonly Finding[]][] =>
    verdict === 'fail' ? [[check.checkId, findings]] : [],
  );
  if (own.length > 0) failing.set(objectId, new Map(own));
}

function hashesOf(inputs: readonly inventory.InventoryInput[]): Buffer[] {
  return inputs.flatMap(({ bodyHash }) => bodyHash ?? []);
}

function latestOf(revisions: readonly impact.Revision[]): KnownObject[] {
  return [...new Map(revisions.map((revision) => [revision.objectId, revision])).values()];
}

function byObject<One extends { objectId: string }>(ordered: readonly One[]): One[][] {
  const groups: One[][] = [];
  for (const one of ordered) {
    const last = groups.at(-1);
    if (last?.[0]?.objectId === one.objectId) last.push(one);
    else groups.push([one]);
  }
  return groups;
}

function chunksOf(ids: readonly string[]): string[][] {
  return Array.from({ length: Math.ceil(ids.length / CHUNK) }, (_, n) => ids.slice(n * CHUNK, (n + 1) * CHUNK));
}
