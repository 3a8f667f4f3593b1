import type { Tx } from '#platform';

/** Objects of a cluster came, changed or went. Payload: `InventoryChanged`. */
export const INVENTORY_CHANGED = 'inventory.changed';
/** A listing that came in parts has ended: what was not found until then is not there. Payload: `{cluster_id}`. */
export const INVENTORY_LISTED = 'inventory.listed';
/** A cluster was taken out of the fleet. Payload: `{cluster_id}`. */
export const CLUSTER_REMOVED = 'cluster.removed';

export interface InventoryChanged {
  cluster_id: string;
  object_ids: string[];
}

/** What targets and policies see of a cluster changed: its labels, environment or version. Payload: `ClusterChanged`. */
export const CLUSTER_CHANGED = 'cluster.changed';

export interface ClusterChanged {
  cluster_id: string;
}

/** @param clusterId UUID */
export function emitClusterChanged(tx: Tx, clusterId: string): void {
  const payload: ClusterChanged = { cluster_id: clusterId };
  tx.emit({ topic: CLUSTER_CHANGED, payload: { ...payload } });
}
