import type { Tx } from '#platform';
import { loadQuota } from '#tenancy';

/** How many objects an organization holds and may hold. */
export interface ObjectUsage {
  used: number;
  limit: number;
}

/** @returns what is committed; nobody is kept from changing it meanwhile */
export async function loadObjectUsage(tx: Tx): Promise<ObjectUsage> {
  const limit = await loadQuota(tx, 'objects');
  const rows = await tx.query<{ objects: number }>('select objects from app.inventory_usage where org_id = $1', [
    tx.scope.orgId,
  ]);
  return { used: rows[0]?.objects ?? 0, limit };
}

/** @returns how many objects a cluster holds, by its digests */
export async function countOf(tx: Tx, clusterId: string): Promise<number> {
  const rows = await tx.query<{ n: number }>(
    'select coalesce(sum(objects), 0)::bigint as n from app.kind_digest where org_id = $1 and cluster_id = $2',
    [tx.scope.orgId, clusterId],
  );
  return rows[0]?.n ?? 0;
}

/**
 * Moves the organization's number of objects. All its clusters write this row: it is to be the last that a transaction
 * locks.
 * @param by how many more, or fewer
 * @param limit not to be passed; undefined: whatever it becomes
 * @returns false where the limit would be passed, since others were faster; nothing is moved then
 */
export async function moveObjectUsage(tx: Tx, by: number, limit: number | undefined): Promise<boolean> {
  if (by === 0) return true;
  const rows = await tx.query(
    `insert into app.inventory_usage as u (org_id, objects) values ($1, greatest($2::bigint, 0))
     on conflict (org_id) do update set objects = greatest(u.objects + $2::bigint, 0)
       where $3::bigint is null or u.objects + $2::bigint <= $3::bigint
     returning objects`,
    [tx.scope.orgId, by, limit ?? null],
  );
  return rows.length > 0;
}
