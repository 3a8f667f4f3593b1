import type { Tx } from '#platform';

/** Objects that are looked at again once they have settled. */
export interface SettlingRow {
  objectId: string;
  settlesAt: Date;
}

/** Remembers to look again; the latest look says when. */
export async function keepSettling(tx: Tx, clusterId: string, rows: readonly SettlingRow[]): Promise<void> {
  if (rows.length === 0) return;
  await tx.query(
    `insert into app.settling (org_id, cluster_id, object_id, settles_at)
     select $1, $2, r.object_id, r.settles_at from unnest($3::uuid[], $4::timestamptz[]) as r (object_id, settles_at)
     on conflict (org_id, object_id) do update set settles_at = excluded.settles_at`,
    [tx.scope.orgId, clusterId, rows.map(({ objectId }) => objectId), rows.map(({ settlesAt }) => settlesAt)],
  );
}

/**
 * Takes the objects that have settled, each once however many ask.
 * @returns their ids by cluster
 */
export async function takeSettled(tx: Tx): Promise<Map<string, string[]>> {
  const rows = await tx.query<{ cluster_id: string; object_id: string }>(
    `with settled as (
       select object_id from app.settling where org_id = $1 and settles_at <= $2 order by object_id for update skip locked),
     gone as (
       delete from app.settling s using settled t where s.org_id = $1 and s.object_id = t.object_id returning s.cluster_id, s.object_id)
     select cluster_id, object_id from gone order by cluster_id, object_id`,
    [tx.scope.orgId, tx.now],
  );
  const byCluster = new Map<string, string[]>();
  for (const { cluster_id: clusterId, object_id: objectId } of rows) {
    const objects = byCluster.get(clusterId) ?? [];
    objects.push(objectId);
    byCluster.set(clusterId, objects);
  }
  return byCluster;
}
