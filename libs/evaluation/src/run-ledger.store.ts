import { Injectable } from '@nestjs/common';
import { uuidV7 } from '#kernel';
import type { RunTrigger } from '#contracts';
import { Database, isUniqueViolation, type QueueName, Queues, type Tx } from '#platform';
import type { Scope } from '#kernel';
import { Run, type RunCounts } from './run.entity.js';
import { emitRun } from './evaluation.events.js';
import { RunFigures } from './run-figures.js';
import { type RunRequest, strongestTrigger } from './run-scope.rules.js';

/** Wakes a worker for an organization; which of its runs comes next is found in Postgres (J2). */
export const RUNS_QUEUE: QueueName<{ org_id: string }> = { name: 'runs', once: ({ org_id: orgId }) => orgId };

/** A worker that gives no sign for this long has lost its run to whoever comes next. */
export const LEASE_MS = 6_000;

/** A run in the hands of this worker; what it writes counts only under its attempt. */
export interface TakenRun {
  runId: string;
  clusterId: string;
  attempt: number;
  requests: RunRequest[];
  startedAt: Date;
}

/** The run ledger is the queue (J2): requests are rows, absorbed by the one waiting run of their cluster (J3). */
@Injectable()
export class RunLedger {
  constructor(
    private readonly queues: Queues,
    private readonly figures: RunFigures,
  ) {}

  /**
   * Wants a run; the waiting one of the cluster takes the request up, or a new one is made.
   * @param tx commits with whatever is the reason
   * @param clusterId UUID
   * @param request what to look at, why, and whether to force
   * @returns the run's id
   */
  async want(tx: Tx, clusterId: string, request: RunRequest): Promise<string> {
    const orgId = tx.scope.orgId;
    const rows = await tx.query<{ run_id: string; triggers: RunTrigger[] }>(
      `insert into app.run (org_id, run_id, cluster_id, trigger, triggers, status, requested_at)
       values ($1, $2, $3, $4, array[$4], 'waiting', $5)
       on conflict (org_id, cluster_id, status) where status in ('waiting', 'running')
       do update set triggers = case when $4 = any(run.triggers) then run.triggers else run.triggers || $4 end
       returning run_id, triggers`,
      [orgId, uuidV7(tx.now.getTime()), clusterId, request.trigger, tx.now],
    );
    const run = rows[0];
    if (run === undefined) throw new Error('a run was neither made nor found');
    await tx.query('update app.run set trigger = $3 where org_id = $1 and run_id = $2', [
      orgId,
      run.run_id,
      strongestTrigger(run.triggers),
    ]);
    await tx.query(
      `insert into app.run_request (org_id, request_id, run_id, trigger, scope, force, requested_at, arrived_at, traceparent)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [
        orgId,
        uuidV7(tx.now.getTime()),
        run.run_id,
        request.trigger,
        JSON.stringify(request.scope),
        request.force,
        tx.now,
        request.arrivedAt,
        request.traceparent ?? tx.scope.traceparent,
      ],
    );
    tx.afterCommit(() => this.queues.wake(RUNS_QUEUE, { org_id: orgId }));
    return run.run_id;
  }

  /**
   * Takes the organization's next run: one that waits, or whose worker has gone silent. What somebody asked for by hand
   * comes first, then what has waited longest.
   * @param database to be asked in a transaction of its own
   * @returns undefined where there is nothing to take: others have it, or a cluster's turn is that of its running one
   */
  async takeNext(database: Database, scope: Scope): Promise<TakenRun | undefined> {
    for (;;) {
      try {
        return await database.run(scope, (tx) => this.takeIn(tx));
      } catch (error) {
        // Another run of that cluster was taken in the same moment: there may be more to take.
        if (!isUniqueViolation(error, 'run_live')) throw error;
      }
    }
  }

  /**
   * Fences a write: only the worker that has the run goes on, and its lease is renewed.
   * @throws RunLost where the run is in other hands
   */
  async fence(tx: Tx, run: TakenRun, counts: RunCounts): Promise<void> {
    const rows = await tx.query(
      `update app.run set lease_until = $4, counts = $5 where org_id = $1 and run_id = $2 and attempt = $3 and status = 'running' returning 1`,
      [tx.scope.orgId, run.runId, run.attempt, leaseFrom(tx.now), JSON.stringify(counts)],
    );
    if (rows.length === 0) throw new RunLost(run.runId);
  }

  /**
   * Notes of which moment the state is that the run is about to judge.
   * @throws RunLost where the run is in other hands
   */
  async noteState(tx: Tx, run: TakenRun): Promise<void> {
    const rows = await tx.query(
      `update app.run r set state_as_of = (select f.state_as_of from app.inventory_feed f where f.org_id = r.org_id and f.cluster_id = r.cluster_id)
       where r.org_id = $1 and r.run_id = $2 and r.attempt = $3 and r.status = 'running' returning 1`,
      [tx.scope.orgId, run.runId, run.attempt],
    );
    if (rows.length === 0) throw new RunLost(run.runId);
  }

  /**
   * Notes that an attempt ended with an error.
   * @returns how many did
   * @throws RunLost where the run is in other hands
   */
  async noteFailure(tx: Tx, run: TakenRun): Promise<number> {
    const rows = await tx.query<{ failures: number }>(
      `update app.run set failures = failures + 1 where org_id = $1 and run_id = $2 and attempt = $3 and status = 'running' returning failures`,
      [tx.scope.orgId, run.runId, run.attempt],
    );
    if (rows[0] === undefined) throw new RunLost(run.runId);
    return rows[0].failures;
  }

  /** Gives a run back, for whichever worker takes it next: this one ends. */
  async handOver(tx: Tx, run: TakenRun, counts: RunCounts): Promise<void> {
    await this.fence(tx, run, counts);
    await tx.query('update app.run set lease_until = $3 where org_id = $1 and run_id = $2', [
      tx.scope.orgId,
      run.runId,
      GIVEN_BACK,
    ]);
    tx.afterCommit(() => this.queues.wake(RUNS_QUEUE, { org_id: tx.scope.orgId }));
  }

  /** Ends a run; a run of the same cluster that waited meanwhile is woken. */
  async finish(
    tx: Tx,
    run: TakenRun,
    outcome: { status: 'done' | 'failed'; counts: RunCounts; error?: string },
  ): Promise<void> {
    await this.fence(tx, run, outcome.counts);
    emitRun(tx, run, outcome.status, outcome.counts);
    if (outcome.status === 'done') tx.afterCommit(() => this.figures.visible(run.requests, tx.now));
    await tx
      .repository(Run)
      .update(
        { orgId: tx.scope.orgId, runId: run.runId },
        { status: outcome.status, leaseUntil: null, finishedAt: tx.now, error: outcome.error ?? null },
      );
    const waiting = await tx.query(
      `select 1 from app.run where org_id = $1 and cluster_id = $2 and status = 'waiting'`,
      [tx.scope.orgId, run.clusterId],
    );
    if (waiting.length > 0) tx.afterCommit(() => this.queues.wake(RUNS_QUEUE, { org_id: tx.scope.orgId }));
  }

  private async takeIn(tx: Tx): Promise<TakenRun | undefined> {
    const orgId = tx.scope.orgId;
    const row = (await takeOne(tx, SILENT)) ?? (await takeOne(tx, WAITING));
    if (row === undefined) return undefined;
    const requests = await tx.query<RunRequest>(
      'select trigger, scope, force, arrived_at as "arrivedAt", traceparent from app.run_request where org_id = $1 and run_id = $2',
      [orgId, row.run_id],
    );
    await this.tellTaken(tx, row);
    emitRun(tx, { runId: row.run_id, clusterId: row.cluster_id }, 'running', row.counts);
    return {
      runId: row.run_id,
      clusterId: row.cluster_id,
      attempt: row.attempt,
      requests,
      startedAt: row.started_at,
    };
  }

  private async tellTaken(tx: Tx, row: TakenRow): Promise<void> {
    const { requested_at: requestedAt, lease_ended: leaseEnded } = row;
    if (leaseEnded !== null) {
      const silent = leaseEnded.getTime() === GIVEN_BACK.getTime() ? undefined : leaseEnded;
      return tx.afterCommit(() => this.figures.takenOver(silent, tx.now));
    }
    const behind = await tx.query(BEHIND, [tx.scope.orgId, requestedAt, row.run_id]);
    tx.afterCommit(() => this.figures.taken(requestedAt, tx.now, behind.length > 0));
  }
}

/** This worker ends: the run goes on in another one, where this left off. */
export class RunHandedOver extends Error {}

/** The run is in other hands: whatever was computed is dropped, the other attempt does it again. */
export class RunLost extends Error {
  constructor(runId: string) {
    super(`run ${runId} was taken over`);
  }
}

/** The end of the lease of a run that its worker gave back: no silent worker's lease ended then. */
const GIVEN_BACK = new Date(0);

/** Whether something was not done yet that the organization had wanted before; of few, however many there were. */
const BEHIND = `
  select 1 from (select finished_at from app.run where org_id = $1 and (requested_at, run_id) < ($2, $3)
    order by requested_at desc, run_id desc limit 20) o
  where o.finished_at is null or o.finished_at > $2 limit 1`;

/** One whose worker has gone silent; there are as many as workers have slots, at most. */
const SILENT = `n.status = 'running' and n.lease_until < $3 order by n.requested_at`;
/** By its index, however many wait. */
const WAITING = `n.status = 'waiting' and not exists (
    select 1 from app.run o where o.org_id = n.org_id and o.cluster_id = n.cluster_id and o.status = 'running')
  order by n.trigger <> 'manual', n.requested_at, n.run_id`;

interface TakenRow {
  run_id: string;
  cluster_id: string;
  attempt: number;
  started_at: Date;
  counts: RunCounts;
  requested_at: Date;
  /** Of the worker that had it before; null where it waited. */
  lease_ended: Date | null;
}

function leaseFrom(now: Date): Date {
  return new Date(now.getTime() + LEASE_MS);
}

async function takeOne(tx: Tx, which: string): Promise<TakenRow | undefined> {
  const rows = await tx.query<TakenRow>(
    `with next as materialized (
       select n.run_id, n.lease_until from app.run n where n.org_id = $1 and ${which} limit 1 for update skip locked)
     update app.run r set status = 'running', attempt = attempt + 1, lease_until = $2, started_at = coalesce(started_at, $3),
       state_as_of = (select f.state_as_of from app.inventory_feed f where f.org_id = r.org_id and f.cluster_id = r.cluster_id)
     from next where r.org_id = $1 and r.run_id = next.run_id
     returning r.run_id, r.cluster_id, r.attempt, r.started_at, r.counts, r.requested_at, next.lease_until as lease_ended`,
    [tx.scope.orgId, leaseFrom(tx.now), tx.now],
  );
  return rows[0];
}
