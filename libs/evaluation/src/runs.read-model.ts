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
import { Database } from '#platform';
import { Run } from './run.entity.js';
import { RunLedger } from './run-ledger.store.js';

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
      return shapeOf(await tx.repository(Run).findOneByOrFail({ orgId: scope.orgId, runId }));
    });
  }

  /**
   * @param runId UUID
   * @throws AppError `not_found`
   */
  async get(scope: Scope, runId: string): Promise<RunShape> {
    return this.database.run(scope, async (tx) => {
      const found = await tx.repository(Run).findOneBy({ orgId: scope.orgId, runId });
      if (found === null) throw new AppError('not_found', 'There is no run with this id.');
      return shapeOf(found);
    });
  }

  /** @returns runs, the latest request first */
  async list(scope: Scope, query: ListRuns): Promise<Page<RunShape>> {
    const clusterId = query.cluster_id === undefined ? undefined : parsePublicId('cluster', query.cluster_id);
    if (clusterId === null) return { items: [], next_cursor: null };
    const [at, id] =
      query.cursor === undefined ? [null, null] : decodeCursor(query.cursor, '-requested_at', ['time', 'uuid']);
    return this.database.run(scope, async (tx) => {
      const select = tx.repository(Run).createQueryBuilder('run').where('run.org_id = :org', { org: scope.orgId });
      if (at !== null) select.andWhere('(run.requested_at, run.run_id) < (:at, :id)', { at, id });
      if (clusterId !== undefined) select.andWhere('run.cluster_id = :clusterId', { clusterId });
      if (query.trigger !== undefined) select.andWhere('run.trigger = :trigger', { trigger: query.trigger });
      if (query.status !== undefined) select.andWhere('run.status = :status', { status: query.status });
      const rows = await select
        .orderBy('run.requested_at', 'DESC')
        .addOrderBy('run.run_id', 'DESC')
        .limit(query.limit + 1)
        .getMany();
      return pageOfRows(
        rows,
        query.limit,
        (row) => encodeCursor('-requested_at', [row.requestedAt.toISOString(), row.runId]),
        shapeOf,
      );
    });
  }
}

function shapeOf(run: Run): RunShape {
  return {
    id: publicId('run', run.runId),
    cluster_id: publicId('cluster', run.clusterId),
    trigger: run.trigger,
    triggers: run.triggers,
    status: run.status,
    attempt: run.attempt,
    state_as_of: run.stateAsOf?.toISOString() ?? null,
    requested_at: run.requestedAt.toISOString(),
    started_at: run.startedAt?.toISOString() ?? null,
    finished_at: run.finishedAt?.toISOString() ?? null,
    counts: run.counts,
    error: run.error,
  };
}
