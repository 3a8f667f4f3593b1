import { Injectable } from '@nestjs/common';
import { type JsonObject, publicId, type Scope } from '#kernel';
import type { EffectiveBinding } from '#decision';
import { loadBindings } from '#enforcement';
import { takeTick } from '#fleet';
import { Database, type Tx } from '#platform';
import type { BoundPolicies } from './bound-policies.js';
import { Engines } from './engines.service.js';
import * as inventory from './inventory-input.store.js';
import { Judge, type JudgeContext } from './judge.service.js';
import { loadFoldTargets } from './ownership.store.js';
import { Slices } from './memo.rules.js';
import { relatedKinds } from './related.rules.js';
import { type CountChange, reconcile } from './reconcile.rules.js';
import * as store from './reconcile.store.js';
import { judgeChunk, type ObjectOutcome } from './run-chunk.js';
import type { RunCounts } from './run.entity.js';
import { RunTally } from './run-counts.rules.js';
import { LEASE_MS, RunLedger, RunLost, type TakenRun } from './run-ledger.store.js';
import { isForced, type RunScope, unionOf } from './run-scope.rules.js';

const CHUNK = 250;
const MAX_FAILURES = 5;

/** What a run knows of its cluster, loaded once. */
interface RunState {
  run: TakenRun;
  scope: RunScope;
  context: JudgeContext;
  related: Map<string, JsonObject[]>;
  relatedKinds: string[];
  slices: Slices;
  tally: RunTally;
}

/** Carries out runs: which objects, which checks, judged, reconciled; one transaction a chunk (J5). */
@Injectable()
export class RunsService {
  constructor(
    private readonly database: Database,
    private readonly ledger: RunLedger,
    private readonly judge: Judge,
    private readonly engines: Engines,
  ) {}

  /**
   * Takes a run and carries it out; nothing happens where it is done or in other hands.
   * @param scope the platform's own
   * @param runId UUID
   * @returns what was counted, undefined where this call did not carry it out
   */
  async execute(scope: Scope, runId: string): Promise<RunCounts | undefined> {
    const run = await this.ledger.take(this.database, scope, runId);
    if (run === undefined) return undefined;
    const tally = new RunTally();
    const renewal = setInterval(() => void this.renew(scope, run, tally), LEASE_MS / 3);
    try {
      await this.carryOut(scope, run, tally);
      await this.database.run(scope, (tx) => this.ledger.finish(tx, run, { status: 'done', counts: tally.counts() }));
      return tally.counts();
    } catch (error) {
      if (error instanceof RunLost) return undefined;
      await this.noteFailure(scope, run, tally, error);
      throw error;
    } finally {
      clearInterval(renewal);
    }
  }

  /** A run that fails again and again would hold up its cluster for ever: it ends as failed, with the reason. */
  private async noteFailure(scope: Scope, run: TakenRun, tally: RunTally, error: unknown): Promise<void> {
    await this.database.run(scope, async (tx) => {
      const failures = await this.ledger.noteFailure(tx, run);
      if (failures < MAX_FAILURES) return;
      const reason = `${failures} attempts failed, the last with: ${error instanceof Error ? error.message : String(error)}`;
      await this.ledger.finish(tx, run, { status: 'failed', counts: tally.counts(), error: reason });
    });
  }

  private async renew(scope: Scope, run: TakenRun, tally: RunTally): Promise<void> {
    // A lost lease shows at the next write of the run itself, which is fenced too.
    await this.database.run(scope, (tx) => this.ledger.fence(tx, run, tally.counts())).catch(() => undefined);
  }

  private async carryOut(scope: Scope, run: TakenRun, tally: RunTally): Promise<void> {
    const bindings = await this.database.run(scope, (tx) => loadBindings(tx, 'inventory'));
    const policies = await this.engines.prepare(scope, bindings);
    const { state, objects } = await this.database.run(scope, (tx) => this.begin(tx, run, tally, bindings, policies));
    await this.judgeAll(scope, state, objects.unowned);
    // Owned objects are compared with what was found in their controllers: those have to be written first (V4).
    await this.judgeAll(scope, state, objects.owned);
  }

  private async judgeAll(scope: Scope, state: RunState, objectIds: readonly string[]): Promise<void> {
    let writing: Promise<void> = Promise.resolve();
    for (let start = 0; start < objectIds.length; start += CHUNK) {
      const outcomes = await this.judgeIds(scope, state, objectIds.slice(start, start + CHUNK));
      await writing;
      // The next chunk is judged while this one is written.
      writing = this.database.run(scope, (tx) => this.write(tx, state, outcomes));
      writing.catch(() => undefined);
    }
    await writing;
  }

  private async begin(
    tx: Tx,
    run: TakenRun,
    tally: RunTally,
    bindings: EffectiveBinding[],
    policies: BoundPolicies,
  ): Promise<{ state: RunState; objects: inventory.ObjectIds }> {
    const scope = unionOf(run.requests);
    const kinds = relatedKinds(bindings.flatMap(({ items }) => items.map((item) => policies.metadata(item))));
    const objects = scope.all
      ? await inventory.listAllObjects(tx, run.clusterId)
      : await inventory.widen(tx, run.clusterId, [...scope.objects], kinds);
    const namespaces = await inventory.loadNamespaces(tx, run.clusterId);
    const related = new Map<string, JsonObject[]>();
    const facts = await clusterFacts(tx, run.clusterId);
    const context: JudgeContext = {
      bindings,
      origin: {
        cluster: {
          id: publicId('cluster', run.clusterId),
          labels: facts.labels,
          ...(facts.environment !== null && { environment: facts.environment }),
        },
      },
      kubernetesVersion: facts.kubernetes_version ?? undefined,
      namespaceObject: (name) => namespaces.get(name),
      related: { complete: true, inNamespace: (namespace) => related.get(namespace) ?? [] },
      policies,
    };
    return {
      state: { run, scope, context, related, relatedKinds: kinds, slices: new Slices(), tally },
      objects,
    };
  }

  private async judgeIds(scope: Scope, state: RunState, objectIds: readonly string[]): Promise<ObjectOutcome[]> {
    const { inputs, bodies, foldTargets } = await this.database.run(scope, async (tx) => {
      const found = await inventory.loadInputs(tx, state.run.clusterId, objectIds);
      const namespaces = [...new Set(found.map((input) => input.identity.namespace))].filter(
        (name) => !state.related.has(name),
      );
      const beside = await inventory.loadByNamespace(tx, state.run.clusterId, state.relatedKinds, namespaces);
      for (const [namespace, objects] of beside) state.related.set(namespace, objects);
      const hashes = found.flatMap((input) => (input.bodyHash === null ? [] : [input.bodyHash]));
      const objects = await inventory.loadBodies(tx, hashes);
      const owned = found.filter((input) => input.controllerUid !== null);
      const targets = await loadFoldTargets(tx, state.run.clusterId, owned, objects);
      return { inputs: found, bodies: objects, foldTargets: targets };
    });
    return judgeChunk(inputs, {
      judge: this.judge,
      slices: state.slices,
      context: state.context,
      bodies,
      foldTargets,
      isForced: (objectId, bindings) => isForced(state.scope, objectId, bindings),
    });
  }

  /** One transaction: violations, counts, judgements and the run's progress, or none of them. */
  private async write(tx: Tx, state: RunState, outcomes: readonly ObjectOutcome[]): Promise<void> {
    const { clusterId } = state.run;
    const tick = await takeTick(tx, clusterId);
    const current = await this.stillAsJudged(tx, clusterId, outcomes);
    const judged = current.filter((outcome) => !outcome.reused);
    const heads = await store.loadViolations(
      tx,
      judged.map(({ input }) => input.objectId),
    );
    const violations: store.ObjectViolationChange[] = [];
    const counts = new Map<string, CountChange[]>();
    for (const { input, pairs, present, fingerprint } of judged) {
      const result = reconcile(input.previous, heads.get(input.objectId) ?? [], pairs, present);
      for (const change of result.violations)
        violations.push({ objectId: input.objectId, clusterId, fingerprint, change });
      counts.set(input.identity.namespace, [...(counts.get(input.identity.namespace) ?? []), ...result.counts]);
    }
    await store.writeEvaluations(
      tx,
      judged.flatMap(({ evaluation }) => evaluation ?? []),
      tick,
    );
    await store.dropEvaluations(
      tx,
      judged.flatMap(({ present, input }) => (present.bodyHash === null ? [input.objectId] : [])),
    );
    await store.writeCounts(tx, clusterId, tick, counts);
    await store.writeViolations(tx, tick, violations);
    for (const { reused, input, pairs } of current) {
      state.tally.add(reused, reused ? input.previous.verdicts.values() : pairs.map((pair) => pair.verdict));
    }
    await this.ledger.fence(tx, state.run, state.tally.counts());
  }

  /** What moved on since it was judged is left alone: its change has asked for a run of its own. */
  private async stillAsJudged(tx: Tx, clusterId: string, outcomes: readonly ObjectOutcome[]): Promise<ObjectOutcome[]> {
    const now = await inventory.loadInputs(
      tx,
      clusterId,
      outcomes.map(({ input }) => input.objectId),
    );
    const hashes = new Map(now.map((input) => [input.objectId, input]));
    return outcomes.flatMap((outcome) => {
      const present = hashes.get(outcome.input.objectId);
      if (present === undefined || !sameHash(present.bodyHash, outcome.present.bodyHash)) return [];
      return [{ ...outcome, input: present }];
    });
  }
}

interface ClusterRow {
  labels: Record<string, string>;
  environment: string | null;
  kubernetes_version: string | null;
}

async function clusterFacts(tx: Tx, clusterId: string): Promise<ClusterRow> {
  const rows = await tx.query<ClusterRow>(
    'select labels, environment, kubernetes_version from app.cluster where org_id = $1 and cluster_id = $2',
    [tx.scope.orgId, clusterId],
  );
  return rows[0] ?? { labels: {}, environment: null, kubernetes_version: null };
}

function sameHash(a: Buffer | null, b: Buffer | null): boolean {
  return a === null || b === null ? a === b : a.equals(b);
}
