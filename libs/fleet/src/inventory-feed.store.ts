import { clusterDigest, NORMALISER_VERSION } from '#kube';
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

interface KindRow {
  cluster_id: string;
  group: string;
  kind: string;
  digest: Buffer;
}

/**
 * Compares what agents hold with what we hold (F9).
 * @param told the agents' digests in hexadecimal; who tells none agrees
 * @returns ids of the clusters of which both hold the same
 */
export async function listAgreeing(
  tx: Tx,
  told: readonly { clusterId: string; digest: string | undefined }[],
): Promise<string[]> {
  const rows = await tx.query<KindRow>(
    'select cluster_id, api_group as group, kind, digest from app.kind_digest where org_id = $1 and cluster_id = any($2::uuid[])',
    [tx.scope.orgId, told.map(({ clusterId }) => clusterId)],
  );
  const kinds = new Map<string, KindRow[]>();
  for (const row of rows) {
    const own = kinds.get(row.cluster_id);
    if (own === undefined) kinds.set(row.cluster_id, [row]);
    else own.push(row);
  }
  return told
    .filter(({ clusterId, digest }) => {
      if (digest === undefined) return true;
      return digest === clusterDigest(NORMALISER_VERSION, kinds.get(clusterId) ?? []).toString('hex');
    })
    .map(({ clusterId }) => clusterId);
}
