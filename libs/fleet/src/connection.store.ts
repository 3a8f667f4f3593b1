import { publicId } from '#kernel';
import { emitLive, type Tx } from '#platform';
import { Cluster } from './cluster.entity.js';
import { DISCONNECTED_AFTER_MS, STALE_AFTER_MS, stepsSince } from './connection.rules.js';

/** @returns ids of clusters whose connection is by the clock no longer what is recorded of it */
export async function listSilent(tx: Tx): Promise<string[]> {
  const rows = await tx.query<{ cluster_id: string }>(
    `select cluster_id from app.cluster where org_id = $1 and removed_at is null
       and (connection = 'connected' and last_seen_at <= $2 or connection = 'stale' and last_seen_at <= $3)`,
    [tx.scope.orgId, new Date(tx.now.getTime() - STALE_AFTER_MS), new Date(tx.now.getTime() - DISCONNECTED_AFTER_MS)],
  );
  return rows.map(({ cluster_id: id }) => id);
}

/**
 * Records the states a cluster went through, each closed one as a span of history; who looks on is told of the last.
 * @param tx the transaction, holding the cluster's clock
 * @param cluster as it is in the database
 * @param seenAt a sign of life in this moment, or undefined where only the clock went on
 * @param told what else the sign of life told
 */
export async function recordConnection(
  tx: Tx,
  cluster: Cluster,
  seenAt?: Date,
  told: Partial<Pick<Cluster, 'agentVersion' | 'kubernetesVersion'>> = {},
): Promise<void> {
  const steps = stepsSince(
    { connection: cluster.connection, since: cluster.connectionSince },
    cluster.lastSeenAt,
    seenAt ?? tx.now,
  );
  let current = { connection: cluster.connection, since: cluster.connectionSince };
  if (seenAt !== undefined && (steps.at(-1)?.connection ?? current.connection) !== 'connected') {
    steps.push({ connection: 'connected', since: seenAt });
  }
  for (const step of steps) {
    if (current.since < step.since) {
      await tx.query(
        'insert into hist.connection_span (org_id, cluster_id, valid_from, valid_to, connection) values ($1, $2, $3, $4, $5)',
        [tx.scope.orgId, cluster.clusterId, current.since, step.since, current.connection],
      );
    }
    current = step;
  }
  await tx.repository(Cluster).update(
    { orgId: tx.scope.orgId, clusterId: cluster.clusterId },
    {
      connection: current.connection,
      connectionSince: current.since,
      ...(seenAt === undefined ? {} : { lastSeenAt: seenAt }),
      ...told,
    },
  );
  if (current.connection === cluster.connection) return;
  emitLive(tx, {
    topic: 'cluster.connection',
    payload: {
      cluster_id: publicId('cluster', cluster.clusterId),
      connection: current.connection,
      since: current.since.toISOString(),
    },
  });
}
