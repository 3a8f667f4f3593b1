import { takeTick } from '#fleet';
import type { Tx } from '#platform';
import { emitRun, emitViolations } from './evaluation.events.js';
import type { RunCounts } from './run.entity.js';

/**
 * Ends what was counted and open in a cluster that left the fleet: everything becomes history, under one tick.
 * @param tx the transaction
 * @param clusterId UUID
 */
export async function closeCluster(tx: Tx, clusterId: string): Promise<void> {
  const at = await takeTick(tx, clusterId);
  const key = [tx.scope.orgId, clusterId];
  const runs = await tx.query<{ run_id: string; counts: RunCounts }>(
    `update app.run set status = 'failed', error = 'the cluster was removed', finished_at = $3, lease_until = null
     where org_id = $1 and cluster_id = $2 and status in ('waiting', 'running') returning run_id, counts`,
    [...key, at],
  );
  for (const { run_id: runId, counts } of runs) emitRun(tx, { runId, clusterId }, 'failed', counts);
  await tx.query(
    `insert into hist.violation_span (org_id, violation_id, cluster_id, object_id, check_id, valid_from, valid_to, disposition, resolution,
       policy_version, findings, waiver_id, opened_at, severity, intervals)
     select org_id, violation_id, cluster_id, object_id, check_id, since, $3, disposition, 'cluster-removed', policy_version, findings, waiver_id,
       opened_at, severity, intervals
     from app.violation where org_id = $1 and cluster_id = $2 and resolved_at is null and since < $3`,
    [...key, at],
  );
  const resolved = await tx.query<{ violation_id: string }>(
    `update app.violation set resolved_at = $3, since = $3, resolution = 'cluster-removed', findings = '[]', findings_digest = ''
     where org_id = $1 and cluster_id = $2 and resolved_at is null returning violation_id`,
    [...key, at],
  );
  emitViolations(tx, clusterId, { opened: [], resolved: resolved.map((row) => row.violation_id) });
  await tx.query(
    `with gone as (delete from app.compliance_head where org_id = $1 and cluster_id = $2 returning *),
     moved as (
       insert into app.compliance_change (org_id, at, cluster_id, check_id, pass, fail, waived, error, skipped)
       select $1, $3, $2, check_id, -sum(pass), -sum(fail), -sum(waived), -sum(error), -sum(skipped) from gone group by check_id)
     insert into hist.compliance_span (org_id, cluster_id, namespace, check_id, valid_from, valid_to, pass, fail, waived, error, skipped)
     select org_id, cluster_id, namespace, check_id, since, $3, pass, fail, waived, error, skipped from gone where since < $3`,
    [...key, at],
  );
  await tx.query(
    `with gone as (delete from app.object_count_head where org_id = $1 and cluster_id = $2 returning *)
     insert into app.object_count_change (org_id, at, cluster_id, namespace, judged, failing, excluded)
     select $1, $3, $2, namespace, -judged, -failing, -excluded from gone`,
    [...key, at],
  );
  await tx.query(
    `delete from app.object_evaluation e using app.inventory_object o
     where e.org_id = $1 and o.org_id = e.org_id and o.object_id = e.object_id and o.cluster_id = $2`,
    key,
  );
  await tx.query('delete from app.settling where org_id = $1 and cluster_id = $2', key);
  await tx.query('delete from app.object_key where org_id = $1 and cluster_id = $2', key);
  await tx.query('delete from app.object_key_path where org_id = $1 and cluster_id = $2', key);
}
