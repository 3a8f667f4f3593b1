import { AppError } from '#kernel';
import type { Tx } from '#platform';

/**
 * Takes the cluster's next tick (P2): history of one cluster is strictly increasing, and who writes it waits for who
 * writes it already. The lock is held until the commit.
 * @param tx the transaction
 * @param clusterId UUID
 * @returns the time under which everything of this transaction is recorded
 * @throws AppError `not_found`
 */
export async function takeTick(tx: Tx, clusterId: string): Promise<Date> {
  const rows = await tx.query<{ tick: Date }>(
    `insert into app.cluster_clock (org_id, cluster_id, tick)
     select org_id, cluster_id, $3 from app.cluster where org_id = $1 and cluster_id = $2
     on conflict (org_id, cluster_id) do update set tick = greatest(excluded.tick, cluster_clock.tick + interval '1 millisecond')
     returning tick`,
    [tx.scope.orgId, clusterId, tx.now],
  );
  const tick = rows[0]?.tick;
  if (tick === undefined) throw new AppError('not_found', 'There is no such cluster in this organization.');
  return tick;
}

/**
 * Waits for all who are writing history of the organization's clusters; whatever is recorded after this transaction is
 * later than its own time.
 * @param tx the transaction; it holds up writers until its end
 */
export async function passAllTicks(tx: Tx): Promise<void> {
  await tx.query(
    `update app.cluster_clock c set tick = greatest(c.tick, $2)
     from (select cluster_id from app.cluster_clock where org_id = $1 order by cluster_id for update) l
     where c.org_id = $1 and c.cluster_id = l.cluster_id`,
    [tx.scope.orgId, tx.now],
  );
}
