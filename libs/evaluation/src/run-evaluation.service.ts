import { Injectable } from '@nestjs/common';
import type { Scope } from '#kernel';
import type { EffectiveBinding } from '#decision';
import { loadBindings } from '#enforcement';
import { takeTick } from '#fleet';
import type { BoundPolicies, KnownObject } from '#judging';
import { BuiltInLibrary } from '#policies';
import { Database, type Tx } from '#platform';
import { traced } from '#tracing';
import { ClusterSurroundings } from './cluster-surroundings.js';
import { Engines } from './engines.service.js';
import { emitRun, emitViolations } from './evaluation.events.js';
import * as inventory from './inventory-input.store.js';
import { inventoryRelations, kindsReached } from './inventory-relations.store.js';
import type { ObjectKeyRow } from './object-keys.store.js';
import { loadFoldTargets } from './ownership.store.js';
import { dependentKinds, namespaceRelations } from './namespace-relations.rules.js';
import { keepKeys } from './related-scope.store.js';
import { type CountChange, type ObjectCountChange, reconcile, sumOf } from './reconcile.rules.js';
import * as store from './reconcile.store.js';
import { judgeChunk, type ObjectOutcome } from './run-chunk.js';
import type { RunTally } from './run-counts.rules.js';
import { RunHandedOver, RunLedger, type TakenRun } from './run-ledger.store.js';
import { isForced, type RunScope, unionOf } from './run-scope.rules.js';
import { keepSettling } from './settling.store.js';

const CHUNK = 250;

/** What a run knows of its cluster, loaded once. */
interface RunState {
  run: TakenRun;
  scope: RunScope;
  surroundings: ClusterSurroundings;
  outdatedKeys: readonly ObjectKeyRow[];
  tally: RunTally;
}

/** Evaluates the pairs of a run: which objects, which checks, judged, reconciled; one transaction a chunk (J5). */
@Injectable()
export class RunEvaluation {
  constructor(
    private readonly database: Database,
    private readonly ledger: RunLedger,
    private readonly library: BuiltInLibrary,
    private readonly engines: Engines,
  ) {}

  /**
   * @param scope the platform's own
   * @param run in the hands of this worker
   * @param tally counts what is done
   * @param ending aborted where this worker ends: what was begun is written, and nothing more begun
   * @returns rows that the run's end makes outdated
   * @throws RunLost where the run is in other hands, RunHandedOver where the worker ends before it is done
   */
  async carryOut(
    scope: Scope,
    run: TakenRun,
    tally: RunTally,
    ending: AbortSignal,
  ): Promise<{ outdatedKeys: readonly ObjectKeyRow[] }> {
    const bindings = await this.database.run(scope, (tx) => loadBindings(tx, 'inventory'));
    const policies = await this.engines.prepare(scope, bindings);
    const { state, objects } = await this.database.run(scope, (tx) => this.begin(tx, run, tally, bindings, policies));
    await this.judgeAll(scope, state, objects.unowned, ending);
    // Owned objects are compared with what was found in their controllers: those have to be written first (V4).
    await this.judgeAll(scope, state, objects.owned, ending);
    return state;
  }

  private async judgeAll(
    scope: Scope,
    state: RunState,
    objectIds: readonly string[],
    ending: AbortSignal,
  ): Promise<void> {
    let writing: Promise<void> = Promise.resolve();
    for (let start = 0; start < objectIds.length; start += CHUNK) {
      if (ending.aborted) {
        await writing;
        throw new RunHandedOver();
      }
      const chunk = objectIds.slice(start, start + CHUNK);
      const about = { attributes: { 'bylaw.objects': chunk.length } };
      const outcomes = await traced(scope, 'judge', about, (within) => this.judgeIds(within, state, chunk));
      await writing;
      // The next chunk is judged while this one is written.
      writing = traced(scope, 'write', about, (within) =>
        this.database.run(within, (tx) => this.write(tx, state, outcomes)),
      );
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
    const metadata = bindings.flatMap(({ items }) => items.map((item) => policies.metadata(item)));
    const kinds = dependentKinds(namespaceRelations(metadata));
    const changed = [...scope.objects];
    const { dependents, outdated } = await keepKeys(tx, run.clusterId, changed);
    const reached = await kindsReached(tx, changed, inventoryRelations(bindings, policies));
    // Rows that an attempt wrote that lost the run meanwhile would be those of an earlier state.
    await this.ledger.fence(tx, run, tally.counts());
    const objects = scope.all
      ? await inventory.listAllObjects(tx, run.clusterId)
      : await inventory.widen(tx, run.clusterId, { changed, dependents, kinds, reached });
    const surroundings = await ClusterSurroundings.load(tx, run.clusterId, bindings, policies);
    return {
      state: { run, scope, surroundings, outdatedKeys: outdated, tally },
      objects,
    };
  }

  private async judgeIds(scope: Scope, state: RunState, objectIds: readonly string[]): Promise<ObjectOutcome[]> {
    const { inputs, bodies, foldTargets, related, now } = await this.database.run(scope, async (tx) => {
      const found = await inventory.loadInputs(tx, state.run.clusterId, objectIds);
      const hashes = found.flatMap((input) => (input.bodyHash === null ? [] : [input.bodyHash]));
      const objects = await inventory.loadBodies(tx, hashes);
      const owned = found.filter((input) => input.controllerUid !== null);
      const targets = await loadFoldTargets(tx, state.run.clusterId, owned, objects);
      const judged = found.flatMap(({ identity, bodyHash }): KnownObject[] => {
        const object = bodyHash === null ? undefined : objects.get(bodyHash.toString('hex'));
        return object === undefined ? [] : [{ identity, object }];
      });
      return {
        inputs: found,
        bodies: objects,
        foldTargets: targets,
        related: await state.surroundings.beside(tx, judged),
        now: tx.now,
      };
    });
    return judgeChunk(inputs, {
      engine: this.library.digest,
      context: { ...state.surroundings.context, related },
      bodies,
      now,
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
    const objects = new Map<string, ObjectCountChange>();
    for (const { input, pairs, present, fingerprint } of judged) {
      const result = reconcile(input.previous, heads.get(input.objectId) ?? [], pairs, present);
      for (const change of result.violations)
        violations.push({ objectId: input.objectId, clusterId, fingerprint, change });
      counts.set(input.identity.namespace, [...(counts.get(input.identity.namespace) ?? []), ...result.counts]);
      objects.set(input.identity.namespace, sumOf(objects.get(input.identity.namespace), result.objects));
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
    await keepSettling(
      tx,
      clusterId,
      judged.flatMap(({ input, settlesAt }) =>
        settlesAt === undefined ? [] : { objectId: input.objectId, settlesAt },
      ),
    );
    await store.writeCounts(tx, clusterId, tick, counts);
    await store.writeObjectCounts(tx, clusterId, tick, objects);
    const moved = await store.writeViolations(tx, tick, violations);
    for (const { reused, input, pairs } of current) {
      if (reused) state.tally.addReused(input.previous.verdicts.values());
      else state.tally.addJudged(pairs);
    }
    const done = state.tally.counts();
    await this.ledger.fence(tx, state.run, done);
    emitViolations(tx, clusterId, moved);
    emitRun(tx, state.run, 'running', done);
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

function sameHash(a: Buffer | null, b: Buffer | null): boolean {
  return a === null || b === null ? a === b : a.equals(b);
}
