import { publicId } from '#kernel';
import { LIVE_IDS_MAX, type RunShape } from '#contracts';
import { emitLive, type Tx } from '#platform';
import type { RunCounts } from './run.entity.js';

/** Tells those who look on how far a run is, or that it has ended. */
export function emitRun(
  tx: Tx,
  run: { runId: string; clusterId: string },
  status: Exclude<RunShape['status'], 'waiting'>,
  counts: RunCounts,
): void {
  emitLive(tx, {
    topic: status === 'running' ? 'run.progress' : 'run.finished',
    payload: { run_id: publicId('run', run.runId), cluster_id: publicId('cluster', run.clusterId), status, counts },
  });
}

/**
 * Tells those who look on which violations a transaction opened and resolved: one event for all of a kind.
 * @param clusterId UUID
 * @param moved their ids, UUIDs
 */
export function emitViolations(
  tx: Tx,
  clusterId: string,
  moved: { opened: readonly string[]; resolved: readonly string[] },
): void {
  for (const [kind, ids] of [
    ['opened', moved.opened],
    ['resolved', moved.resolved],
  ] as const) {
    if (ids.length === 0) continue;
    emitLive(tx, {
      topic: `violation.${kind}`,
      payload: {
        cluster_id: publicId('cluster', clusterId),
        count: ids.length,
        violation_ids: ids.slice(0, LIVE_IDS_MAX).map((id) => publicId('violation', id)),
      },
    });
  }
}
