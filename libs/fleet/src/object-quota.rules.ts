import type { PreparedChange, RejectedChange } from './inventory-change.rules.js';
import { headChange, type PresentHead } from './inventory.rules.js';

/** Whether a batch holds objects that are not there yet. */
export function bringsNew(prepared: readonly PreparedChange[], heads: ReadonlyMap<string, PresentHead>): boolean {
  return prepared.some((change) => headChange(heads.get(change.objectId), change) === 'appears');
}

/**
 * Decides which changes of a batch are taken where the organization may hold no more objects than so many. What is there
 * already may change, whatever the quota; of what is new, the first are taken. What the batch itself ends makes room.
 * @param prepared the batch
 * @param heads what is there of its objects
 * @param room how many more objects the organization may hold; negative where it holds too many
 * @param limit the quota, for the message
 */
export function admitChanges(
  prepared: readonly PreparedChange[],
  heads: ReadonlyMap<string, PresentHead>,
  room: number,
  limit: number,
): { admitted: PreparedChange[]; refused: RejectedChange[] } {
  const becomes = (change: PreparedChange) => headChange(heads.get(change.objectId), change);
  let left = room + prepared.filter((change) => becomes(change) === 'disappears').length;
  const admitted: PreparedChange[] = [];
  const refused: RejectedChange[] = [];
  for (const change of prepared) {
    if (becomes(change) !== 'appears') admitted.push(change);
    else if (left-- > 0) admitted.push(change);
    else refused.push({ index: change.index, code: 'quota_exceeded', message: refusal(change, limit) });
  }
  return { admitted, refused };
}

function refusal({ identity }: PreparedChange, limit: number): string {
  const name = identity.namespace === '' ? identity.name : `${identity.namespace}/${identity.name}`;
  return `${identity.kind} ${name} is one too many: the organization may hold ${limit} objects`;
}
