import { Injectable } from '@nestjs/common';
import {
  AppError,
  decodeCursor,
  encodeCursor,
  pageOfRows,
  parsePublicId,
  publicId,
  type Page,
  type Scope,
} from '#kernel';
import type { ListRuns, RunShape } from '#contracts';
import { requireCluster } from '#fleet';
import { Conditions, Database, type Tx } from '#platform';
import { RunLedger } from './run-ledger.store.js';

interface RunRow extends Pick<RunShape, 'trigger' | 'triggers' | 'status' | 'attempt' | 'counts' | 'error'> {
  run_id: string;
  cluster_id: string;
  state_as_of: Date | null;
  requested_at: Date;
  started_at: Date | null;
  finished_at: Date | null;
}

const RUN_SELECT = `
  select run_id, cluster_id, trigger, triggers, status, attempt, state_as_of, counts, error, requested_at, started_at, finished_at
  from app.run where org_id = $1`;

/** Runs as screens and the API show them, and the wish for one. */
@Injectable()
export class RunsReadModel {
  constructor(
    private readonly database: Database,
    private readonly ledger: RunLedger,
  ) {}

  /**
   * Wants everything in a cluster judged again (J3).
   * @param clusterId UUID
   * @returns the run that will do it
   * @throws AppError `not_found`
   */
  async request(scope: Scope, clusterId: string): Promise<RunShape> {
    return this.database.run(scope, async (tx) => {
      await requireCluster(tx, clusterId);
      const runId = await this.ledger.want(tx, clusterId, { trigger: 'manual', scope: { all: true }, force: true });
      tx.audit({
        action: 'run.request',
        subject: publicId('run', runId),
        after: { cluster: publicId('cluster', clusterId) },
      });
      return load(tx, runId);
    });
  }

  /**
   * @param runId UUID
   * @throws AppError `not_found`
   */
  async get(scope: Scope, runId: string): Promise<RunShape> {
    return this.database.run(scope, (tx) => load(tx, runId));
  }

  /** @returns runs, the latest request first */
  async list(scope: Scope, query: ListRuns): Promise<Page<RunShape>> {
    const clusterId = query.cluster_id === undefined ? undefined : parsePublicId('cluster', query.cluster_id);
    if (clusterId === null) return { items: [], next_cursor: null };
    const where = new Conditions(scope.orgId);
    if (clusterId !== undefined) where.add('cluster_id = ?', clusterId);
    if (query.trigger !== undefined) where.add('trigger = ?', query.trigger);
    if (query.status !== undefined) where.add('status = ?', query.status);
    if (query.cursor !== undefined)
      where.add('(requested_at, run_id) < (?, ?)', ...decodeCursor(query.cursor, '-requested_at', ['time', 'uuid']));
    return this.database.run(scope, async (tx) => {
      const rows = await tx.query<RunRow>(
        `${RUN_SELECT}${where.sql} order by requested_at desc, run_id desc limit ${query.limit + 1}`,
        where.parameters,
      );
      return pageOfRows(
        rows,
        query.limit,
        (row) => encodeCursor('-requested_at', [row.requested_at.toISOString(), row.run_id]),
        shapeOf,
      );
    });
  }
}

async function load(tx: Tx, runId: string): Promise<RunShape> {
  const rows = await tx.query<RunRow>(`${RUN_SELECT} and run_id = $2`, [tx.scope.orgId, runId]);
  if (rows[0] === undefined) throw new AppError('not_found', 'There is no run with this id.');
  return shapeOf(rows[0]);
}

function shapeOf(run: RunRow): RunShape {
  return {
    id: publicId('run', run.run_id),
    cluster_id: publicId('cluster', run.cluster_id),
    trigger: run.trigger,
    triggers: run.triggers,
    status: run.status,
    attempt: run.attempt,
    state_as_of: run.state_as_of?.toISOString() ?? null,
    requested_at: run.requested_at.toISOString(),
    started_at: run.started_at?.toISOString() ?? null,
    finished_at: run.finished_at?.toISOString() ?? null,
    counts: run.counts,
    error: run.error,
  };
}
