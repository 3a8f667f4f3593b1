import type { JsonObject } from '#kernel';
import { unpackBody } from '#fleet';
import type { ObjectIdentity } from '#kube';
import type { ReadTx } from '#platform';

/** A content that an object had, and from when to when. */
export interface Revision {
  objectId: string;
  identity: ObjectIdentity;
  object: JsonObject;
  from: Date;
  /** null: it still has it */
  to: Date | null;
}

/** An object that has an open violation of a policy's instance. */
export interface FailingToday {
  objectId: string;
  instance: string;
}

interface RevisionRow {
  object_id: string;
  api_group: string;
  kind: string;
  namespace: string;
  name: string;
  valid_from: Date;
  valid_to: Date | null;
  body: Buffer;
}

/** What an object of the cluster owned by a controller that is there says, its controller's template says. */
const STANDS_ALONE = `not exists (
  select 1 from app.inventory_object c where c.org_id = o.org_id and c.cluster_id = o.cluster_id and c.uid = o.controller_uid)`;

/**
 * @param clusterId UUID
 * @param since a moment
 * @returns ids of the objects that were there since then, in order; those that a controller of the inventory owns are left out
 */
export async function listObjectsSince(tx: ReadTx, clusterId: string, since: Date): Promise<string[]> {
  const rows = await tx.query<{ object_id: string }>(
    `select o.object_id from app.inventory_object o
     where o.org_id = $1 and o.cluster_id = $2 and ${STANDS_ALONE} and (o.body_hash is not null or exists (
       select 1 from hist.object_revision r where r.org_id = o.org_id and r.object_id = o.object_id and r.valid_to > $3))
     order by o.object_id`,
    [tx.scope.orgId, clusterId, since],
  );
  return rows.map(({ object_id: id }) => id);
}

/**
 * @param since a moment
 * @returns the contents that these objects had since then, by object, the earliest first
 */
export async function loadRevisions(
  tx: ReadTx,
  clusterId: string,
  objectIds: readonly string[],
  since: Date,
): Promise<Revision[]> {
  const rows = await tx.query<RevisionRow>(
    `with had as (
       select object_id, present_since as valid_from, null::timestamptz as valid_to, body_hash from app.inventory_object
         where org_id = $1 and cluster_id = $2 and object_id = any($3::uuid[]) and body_hash is not null
       union all select object_id, valid_from, valid_to, body_hash from hist.object_revision
         where org_id = $1 and cluster_id = $2 and object_id = any($3::uuid[]) and valid_to > $4)
     select o.object_id, o.api_group, o.kind, o.namespace, o.name, h.valid_from, h.valid_to, b.body
     from had h join app.inventory_object o on o.org_id = $1 and o.object_id = h.object_id
       join app.object_body b on b.org_id = $1 and b.body_hash = h.body_hash
     order by o.object_id, h.valid_from`,
    [tx.scope.orgId, clusterId, objectIds, since],
  );
  return rows.map((row) => ({
    objectId: row.object_id,
    identity: { group: row.api_group, kind: row.kind, namespace: row.namespace, name: row.name },
    object: unpackBody(row.body),
    from: row.valid_from,
    to: row.valid_to,
  }));
}

/**
 * @param policyId UUID
 * @returns what fails of it today
 */
export async function loadFailingToday(tx: ReadTx, clusterId: string, policyId: string): Promise<FailingToday[]> {
  const rows = await tx.query<{ object_id: string; instance: string }>(
    `select v.object_id, d.instance from app.violation v join app.check_def d on d.org_id = v.org_id and d.check_id = v.check_id
     where v.org_id = $1 and v.cluster_id = $2 and d.policy_id = $3 and v.resolved_at is null and v.disposition = 'failing'`,
    [tx.scope.orgId, clusterId, policyId],
  );
  return rows.map(({ object_id: objectId, instance }) => ({ objectId, instance }));
}
