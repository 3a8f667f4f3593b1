import { publicId } from '#kernel';
import { clusterMatches, type TargetCondition } from '#decision';
import type { Tx } from '#platform';

/**
 * @param tx the organization's transaction
 * @param conditions of targets
 * @returns the clusters in the fleet that any of them may mean, by UUID
 */
export async function clustersMeant(tx: Tx, conditions: readonly TargetCondition[]): Promise<string[]> {
  const rows = await tx.query<{ cluster_id: string; labels: Record<string, string>; environment: string | null }>(
    'select cluster_id, labels, environment from app.cluster where org_id = $1 and removed_at is null order by cluster_id',
    [tx.scope.orgId],
  );
  return rows.flatMap(({ cluster_id: clusterId, labels, environment }) => {
    const facts = { id: publicId('cluster', clusterId), labels, ...(environment !== null && { environment }) };
    return conditions.some((condition) => clusterMatches(condition, facts) === 'yes') ? [clusterId] : [];
  });
}
