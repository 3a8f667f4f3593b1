import type { Tx } from '#platform';

/** How long a connection counts as there without a sign of life. */
export const CONNECTION_LEASE_MS = 90_000;

/** Notes that an agent is connected, by this connection and by no earlier one. */
export async function keepConnection(tx: Tx, clusterId: string, connectionId: string): Promise<void> {
  await tx.query(
    `insert into app.agent_connection (org_id, cluster_id, connection_id, connected_at, alive_until) values ($1, $2, $3, $4, $5)
     on conflict (org_id, cluster_id) do update set alive_until = excluded.alive_until, connection_id = excluded.connection_id,
       connected_at = case when agent_connection.connection_id = excluded.connection_id then agent_connection.connected_at else excluded.connected_at end`,
    [tx.scope.orgId, clusterId, connectionId, tx.now, new Date(tx.now.getTime() + CONNECTION_LEASE_MS)],
  );
}

/** Forgets a connection that ended; a newer one of the same cluster stays. */
export async function dropConnection(tx: Tx, clusterId: string, connectionId: string): Promise<void> {
  await tx.query('delete from app.agent_connection where org_id = $1 and cluster_id = $2 and connection_id = $3', [
    tx.scope.orgId,
    clusterId,
    connectionId,
  ]);
}

/** @returns whether some replica holds a connection of the cluster's agent */
export async function isConnected(tx: Tx, clusterId: string): Promise<boolean> {
  const rows = await tx.query(
    'select 1 from app.agent_connection where org_id = $1 and cluster_id = $2 and alive_until > $3',
    [tx.scope.orgId, clusterId, tx.now],
  );
  return rows.length > 0;
}
