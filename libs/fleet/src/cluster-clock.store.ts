import type { Tx } from '#platform';

/**
 * Takes the cluster's next tick (P2): history of one cluster is strictly increasing, and who writes it waits for who
 * writes it already. The lock is held until the commit.
 * @param tx the transaction
 * @param clusterId UUID
 * @returns the time under which everything of this transaction is recorded
 */
export async function takeTick(tx: Tx, clusterId: string): Promise<Date> {
  const rows = await tx.query<{ tick: Date }>(
    `insert into app.cluster_clock (org_id, cluster_id, tick) values ($1, $2, $3)
     on conflict (org_id, cluster_id) do update set tick = greatest(excluded.tick, cluster_clock.tick + interval '1 millisecond')
     returning tick`,
    [tx.scope.orgId, clusterId, tx.now],
  );
  const tick = rows[0]?.tick;
  if (tick === undefined) throw new Error(`no clock for cluster ${clusterId}`);
  return tick;
}
