/** Objects of a cluster came, changed or went. Payload: `InventoryChanged`. */
export const INVENTORY_CHANGED = 'inventory.changed';
/** A cluster was taken out of the fleet. Payload: `{cluster_id}`. */
export const CLUSTER_REMOVED = 'cluster.removed';

export interface InventoryChanged {
  cluster_id: string;
  object_ids: string[];
}
