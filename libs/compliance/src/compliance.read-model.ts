import { Injectable } from '@nestjs/common';
import { AppError, parsePublicId, requirePublicId, type Scope } from '#kernel';
import type { ComplianceQuery, ComplianceShape } from '#contracts';
import { connectionAt } from '#fleet';
import { Database, type Tx } from '#platform';
import { complianceOf, type CheckCounts, type ClusterState, type ObjectCounts } from './compliance.rules.js';

/** Compliance now: from the heads of the counts, which move with the verdicts. */
@Injectable()
export class ComplianceReadModel {
  constructor(private readonly database: Database) {}

  /**
   * @param scope who asks
   * @param query one cluster, one policy, or all
   * @throws AppError `not_found` for a cluster or policy that is not there
   */
  async now(scope: Scope, query: ComplianceQuery): Promise<ComplianceShape> {
    const clusterId = query.cluster_id === undefined ? null : requirePublicId('cluster', query.cluster_id);
    return this.database.run(scope, async (tx) => {
      const policyId = query.policy === undefined ? null : await policyOf(tx, query.policy);
      const clusters = await loadClusters(tx, clusterId);
      if (clusterId !== null && clusters.length === 0)
        throw new AppError('not_found', 'There is no such cluster in this organization.');
      const checks = await loadCounts(tx, clusterId, policyId);
      return complianceOf(tx.now, clusters, checks, await loadObjects(tx, clusterId, policyId));
    });
  }
}

async function policyOf(tx: Tx, idOrSlug: string): Promise<string> {
  const rows = await tx.query<{ policy_id: string }>(
    'select policy_id from app.policy where org_id = $1 and (slug = $2 or policy_id = $3::uuid)',
    [tx.scope.orgId, idOrSlug, parsePublicId('policy', idOrSlug)],
  );
  const found = rows[0]?.policy_id;
  if (found === undefined) throw new AppError('not_found', 'There is no policy with this id or slug.');
  return found;
}

async function loadClusters(tx: Tx, clusterId: string | null): Promise<ClusterState[]> {
  const rows = await tx.query<{ cluster_id: string; last_seen_at: Date | null; state_as_of: Date | null }>(
    `select c.cluster_id, c.last_seen_at, f.state_as_of
     from app.cluster c left join app.inventory_feed f on f.org_id = c.org_id and f.cluster_id = c.cluster_id
     where c.org_id = $1 and c.removed_at is null and ($2::uuid is null or c.cluster_id = $2)`,
    [tx.scope.orgId, clusterId],
  );
  return rows.map((row) => ({
    clusterId: row.cluster_id,
    connection: connectionAt(row.last_seen_at, tx.now),
    stateAsOf: row.state_as_of,
    lastSeenAt: row.last_seen_at,
  }));
}

async function loadCounts(tx: Tx, clusterId: string | null, policyId: string | null): Promise<CheckCounts[]> {
  return tx.query<CheckCounts>(
    `select h.cluster_id as "clusterId", p.severity, p.category, sum(h.pass)::int as pass, sum(h.fail)::int as fail,
       sum(h.waived)::int as waived, sum(h.error)::int as error, sum(h.skipped)::int as skipped
     from app.compliance_head h
       join app.check_def d on d.org_id = h.org_id and d.check_id = h.check_id
       join app.policy p on p.org_id = d.org_id and p.policy_id = d.policy_id
     where h.org_id = $1 and ($2::uuid is null or h.cluster_id = $2) and ($3::uuid is null or d.policy_id = $3)
     group by h.cluster_id, p.severity, p.category`,
    [tx.scope.orgId, clusterId, policyId],
  );
}

async function loadObjects(tx: Tx, clusterId: string | null, policyId: string | null): Promise<ObjectCounts[]> {
  return tx.query<ObjectCounts>(
    `with judged as (
       select o.cluster_id, o.object_id, case when $3::uuid is null then cardinality(s.check_ids) > 0
         else s.check_ids && array(select check_id from app.check_def where org_id = $1 and policy_id = $3) end as checked
       from app.object_evaluation e
         join app.check_slice s on s.org_id = e.org_id and s.slice_digest = e.slice_digest
         join app.inventory_object o on o.org_id = e.org_id and o.object_id = e.object_id
       where e.org_id = $1 and ($2::uuid is null or o.cluster_id = $2)),
     failing as (
       select distinct v.object_id from app.violation v join app.check_def d on d.org_id = v.org_id and d.check_id = v.check_id
       where v.org_id = $1 and v.resolved_at is null and v.disposition = 'failing'
         and ($2::uuid is null or v.cluster_id = $2) and ($3::uuid is null or d.policy_id = $3))
     select j.cluster_id as "clusterId", count(*) filter (where j.checked)::int as judged,
       count(f.object_id) filter (where j.checked)::int as failing, count(*) filter (where not j.checked)::int as excluded
     from judged j left join failing f on f.object_id = j.object_id group by j.cluster_id`,
    [tx.scope.orgId, clusterId, policyId],
  );
}
