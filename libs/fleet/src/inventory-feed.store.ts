import type { Tx } from '#platform';
import type { Feed } from './inventory.store.js';

/** @returns the cluster's feed as it is; before the first batch, its beginning */
export async function loadFeed(tx: Tx, clusterId: string): Promise<Feed> {
  const rows = await tx.query<Feed>(
    'select epoch, seq, listing, refused from app.inventory_feed where org_id = $1 and cluster_id = $2',
    [tx.scope.orgId, clusterId],
  );
  return rows[0] ?? { epoch: 0, seq: 0, listing: false, refused: 0 };
}

/** The agent holds what we hold: a complete state is as of this moment. */
export async function confirmState(tx: Tx, clusterId: string, tick: Date): Promise<void> {
  await tx.query('update app.inventory_feed set state_as_of = $3 where org_id = $1 and cluster_id = $2 and complete', [
    tx.scope.orgId,
    clusterId,
    tick,
  ]);
}
