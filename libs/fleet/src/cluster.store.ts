import { AppError } from '#kernel';
import type { Tx } from '#platform';
import { IsNull } from 'typeorm';
import { takeTick } from './cluster-clock.store.js';
import { Cluster } from './cluster.entity.js';

/**
 * @param tx the transaction
 * @param clusterId UUID
 * @returns the cluster, while it is in the fleet
 * @throws AppError `not_found`
 */
export async function requireCluster(tx: Tx, clusterId: string): Promise<Cluster> {
  const cluster = await tx.repository(Cluster).findOneBy({ orgId: tx.scope.orgId, clusterId, removedAt: IsNull() });
  if (cluster === null) throw new AppError('not_found', 'There is no such cluster in this organization.');
  return cluster;
}

/**
 * Whether a cluster is in the fleet, for who only reads.
 * @throws AppError `not_found`
 */
export async function requirePresent(tx: Tx, clusterId: string): Promise<void> {
  const present = await tx.repository(Cluster).existsBy({ orgId: tx.scope.orgId, clusterId, removedAt: IsNull() });
  if (!present) throw new AppError('not_found', 'There is no such cluster in this organization.');
}

/**
 * Whether a cluster is or was in the fleet: its history stays.
 * @throws AppError `not_found`
 */
export async function requireEver(tx: Tx, clusterId: string): Promise<void> {
  const known = await tx.repository(Cluster).existsBy({ orgId: tx.scope.orgId, clusterId });
  if (!known) throw new AppError('not_found', 'There never was such a cluster in this organization.');
}

/**
 * Begins to write about one cluster. Its clock is the first lock that anyone takes, so that no two wait for each
 * other, and the cluster is read behind it, so that it is as the last writer left it.
 * @param tx the transaction
 * @param clusterId UUID
 * @returns the cluster, and the time under which everything of this transaction is recorded
 * @throws AppError `not_found`
 */
export async function lockCluster(tx: Tx, clusterId: string): Promise<{ cluster: Cluster; tick: Date }> {
  const tick = await takeTick(tx, clusterId);
  return { cluster: await requireCluster(tx, clusterId), tick };
}

/** @returns how many clusters are in the fleet */
export async function countClusters(tx: Tx): Promise<number> {
  return tx.repository(Cluster).countBy({ orgId: tx.scope.orgId, removedAt: IsNull() });
}
