import { Injectable } from '@nestjs/common';
import { AppError, requirePast, requirePublicId, type Scope } from '#kernel';
import type { ComplianceQuery, ComplianceShape } from '#contracts';
import { Database } from '#platform';
import { complianceOf } from './compliance.rules.js';
import { loadClusterStates } from './connections.query.js';
import { loadCounts, loadObjects } from './counts.query.js';
import { resolvePolicy } from './policy-filter.query.js';

/** Compliance now, from the heads of the counts, which move with the verdicts; and as it was, from their steps. */
@Injectable()
export class ComplianceReadModel {
  constructor(private readonly database: Database) {}

  /**
   * @param scope who asks
   * @param query one cluster, one policy, or all; now, or as of a moment
   * @throws AppError `not_found` for a cluster or policy that is not there, `invalid_filter` for a time to come
   */
  async get(scope: Scope, query: ComplianceQuery): Promise<ComplianceShape> {
    const clusterId = query.cluster_id === undefined ? null : requirePublicId('cluster', query.cluster_id);
    return this.database.run(scope, async (tx) => {
      const at = query.at === undefined ? null : requirePast('at', query.at, tx.now);
      const policyId = query.policy === undefined ? null : await resolvePolicy(tx, query.policy);
      const clusters = await loadClusterStates(tx, clusterId, at);
      if (clusterId !== null && clusters.length === 0)
        throw new AppError('not_found', `There ${at === null ? 'is' : 'was'} no such cluster in this organization.`);
      const filter = { clusterId, policyId, namespace: null };
      return complianceOf(at ?? tx.now, clusters, await loadCounts(tx, filter, at), await loadObjects(tx, filter, at));
    });
  }
}
