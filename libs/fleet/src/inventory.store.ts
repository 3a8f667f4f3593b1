import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { JsonObject } from '#kernel';
import { KindDigest, NORMALISER_VERSION, type ObjectIdentity } from '#kube';
import type { Tx } from '#platform';
import type { PreparedChange } from './inventory-change.rules.js';
import type { FeedPosition } from './inventory.rules.js';

/** An object's head as it is before a batch. */
export interface ObjectHead extends ObjectIdentity {
  objectId: string;
  uid: string | null;
  bodyHash: Buffer | null;
  presentSince: Date;
  /** The API version in which it was last written; null where nobody said so, or it was not asked for. */
  writtenAs: string | null;
}

interface HeadRow {
  object_id: string;
  api_group: string;
  kind: string;
  namespace: string;
  name: string;
  uid: string | null;
  body_hash: Buffer | null;
  present_since: Date;
  written_as?: string | null;
}

const HEAD_COLUMNS = 'object_id, api_group, kind, namespace, name, uid, body_hash, present_since';

/** How far a cluster's inventory has come, and what came with it. */
export interface Feed extends FeedPosition {
  /** A listing that comes in parts is under way. */
  listing: boolean;
  /** Objects that were not taken in this epoch, since the organization holds as many as it may. */
  refused: number;
}

/** Locks the cluster's feed; the row is there since the first batch. */
export async function lockFeed(tx: Tx, clusterId: string): Promise<Feed> {
  const rows = await tx.query<Feed>(
    `insert into app.inventory_feed (org_id, cluster_id) values ($1, $2)
     on conflict (org_id, cluster_id) do update set epoch = inventory_feed.epoch returning epoch, seq, listing, refused`,
    [tx.scope.orgId, clusterId],
  );
  return rows[0] ?? { epoch: 0, seq: 0, listing: false, refused: 0 };
}

/** Moves the feed on. */
export async function moveFeed(
  tx: Tx,
  clusterId: string,
  position: FeedPosition & {
    snapshot: 'part' | 'end' | undefined;
    stateAsOf: Date;
    problems: unknown;
    refused: number;
  },
): Promise<void> {
  await tx.query(
    `update app.inventory_feed set epoch = $3, seq = $4, normaliser = $5, complete = (complete and epoch = $3) or $6 = 'end',
       listing = $6 = 'part' or ($6 = '' and listing and epoch = $3),
       state_as_of = case when (complete and epoch = $3) or $6 = 'end' then $7 else state_as_of end, problems = coalesce($8::jsonb, problems),
       refused = $9 + case when epoch = $3 then refused else 0 end
     where org_id = $1 and cluster_id = $2`,
    [
      tx.scope.orgId,
      clusterId,
      position.epoch,
      position.seq,
      NORMALISER_VERSION,
      position.snapshot ?? '',
      position.stateAsOf,
      position.problems === undefined ? null : JSON.stringify(position.problems),
      position.refused,
    ],
  );
}

/** @returns the heads of these objects, where they were ever seen */
export async function loadHeads(tx: Tx, objectIds: readonly string[]): Promise<Map<string, ObjectHead>> {
  const rows = await tx.query<HeadRow>(
    `select ${HEAD_COLUMNS}, attributes #>> '{origin,api_versions,0}' as written_as
     from app.inventory_object where org_id = $1 and object_id = any($2::uuid[])`,
    [tx.scope.orgId, objectIds],
  );
  return new Map(rows.map((row) => [row.object_id, headOf(row)]));
}

/** @returns the heads that a finished listing did not hold */
export async function loadUnseen(tx: Tx, clusterId: string, epoch: number): Promise<ObjectHead[]> {
  const rows = await tx.query<HeadRow>(
    `select ${HEAD_COLUMNS} from app.inventory_object
     where org_id = $1 and cluster_id = $2 and seen_epoch < $3 and body_hash is not null`,
    [tx.scope.orgId, clusterId, epoch],
  );
  return rows.map(headOf);
}

/** @returns the ids of the objects that are there and name one of these uids as their controller's */
export async function loadControlledBy(tx: Tx, clusterId: string, uids: readonly string[]): Promise<string[]> {
  if (uids.length === 0) return [];
  const rows = await tx.query<{ object_id: string }>(
    `select object_id from app.inventory_object
     where org_id = $1 and cluster_id = $2 and controller_uid = any($3::text[]) and body_hash is not null`,
    [tx.scope.orgId, clusterId, uids],
  );
  return rows.map((row) => row.object_id);
}

/** Closes the present revision of objects whose content ends here. */
export async function closeRevisions(
  tx: Tx,
  clusterId: string,
  heads: readonly ObjectHead[],
  at: Date,
  ended: 'changed' | 'deleted',
): Promise<void> {
  if (heads.length === 0) return;
  await tx.query(
    `insert into hist.object_revision (org_id, cluster_id, object_id, valid_from, valid_to, body_hash, ended)
     select $1, $2, r.object_id, r.valid_from, $3, r.body_hash, $4
     from unnest($5::uuid[], $6::timestamptz[], $7::bytea[]) as r (object_id, valid_from, body_hash) where r.valid_from < $3`,
    [
      tx.scope.orgId,
      clusterId,
      at,
      ended,
      heads.map((head) => head.objectId),
      heads.map((head) => head.presentSince),
      heads.map((head) => head.bodyHash),
    ],
  );
}

/** Marks objects as gone; their identity stays, for history and for their return. */
export async function markGone(tx: Tx, objectIds: readonly string[], at: Date): Promise<void> {
  if (objectIds.length === 0) return;
  await tx.query(
    `update app.inventory_object set body_hash = null, gone_at = $2, present_since = $2
     where org_id = $1 and object_id = any($3::uuid[])`,
    [tx.scope.orgId, at, objectIds],
  );
}

/** Marks objects as seen in this listing, with nothing new in them but attributes. */
export async function markSeen(tx: Tx, changes: readonly PreparedChange[], epoch: number): Promise<void> {
  if (changes.length === 0) return;
  await tx.query(
    `update app.inventory_object o set seen_epoch = $2, api_version = c.api_version, uid = c.uid, controller_uid = c.controller_uid,
       attributes = c.attributes, observed_at = coalesce(c.observed_at, o.observed_at)
     from unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::jsonb[], $8::timestamptz[])
       as c (object_id, api_version, uid, controller_uid, attributes, observed_at)
     where o.org_id = $1 and o.object_id = c.object_id`,
    [tx.scope.orgId, epoch, ...attributeColumns(changes)],
  );
}

/** Stores contents once per hash and moves the heads of new and changed objects. */
export async function writeHeads(
  tx: Tx,
  clusterId: string,
  changes: readonly PreparedChange[],
  epoch: number,
  at: Date,
): Promise<void> {
  if (changes.length === 0) return;
  const orgId = tx.scope.orgId;
  await tx.query(
    `insert into app.object_body (org_id, body_hash, normaliser, body)
     select distinct on (b.body_hash) $1::uuid, b.body_hash, $2::smallint, b.body from unnest($3::bytea[], $4::bytea[]) as b (body_hash, body)
     on conflict (org_id, body_hash) do nothing`,
    [
      orgId,
      NORMALISER_VERSION,
      changes.map((change) => change.bodyHash),
      changes.map((change) => packBody(change.body ?? '')),
    ],
  );
  await tx.query(
    `insert into app.inventory_object (org_id, cluster_id, object_id, api_group, kind, namespace, name, api_version, uid,
       controller_uid, attributes, body_hash, seen_epoch, present_since, observed_at)
     select $1, $2, c.object_id, c.api_group, c.kind, c.namespace, c.name, c.api_version, c.uid, c.controller_uid, c.attributes,
       c.body_hash, $3, $4, c.observed_at
     from unnest($5::uuid[], $6::text[], $7::text[], $8::text[], $9::jsonb[], $10::timestamptz[], $11::text[], $12::text[], $13::text[],
         $14::text[], $15::bytea[])
       as c (object_id, api_version, uid, controller_uid, attributes, observed_at, api_group, kind, namespace, name, body_hash)
     on conflict (org_id, object_id) do update set api_version = excluded.api_version, uid = excluded.uid,
       controller_uid = excluded.controller_uid, attributes = excluded.attributes, body_hash = excluded.body_hash,
       seen_epoch = excluded.seen_epoch, present_since = excluded.present_since, observed_at = excluded.observed_at, gone_at = null`,
    [
      orgId,
      clusterId,
      epoch,
      at,
      ...attributeColumns(changes),
      changes.map((change) => change.identity.group),
      changes.map((change) => change.identity.kind),
      changes.map((change) => change.identity.namespace),
      changes.map((change) => change.identity.name),
      changes.map((change) => change.bodyHash),
    ],
  );
}

/**
 * Keeps the digest per kind (F9) in step with what came and went.
 * @returns how many more objects the cluster holds
 */
export async function updateDigests(
  tx: Tx,
  clusterId: string,
  removed: readonly ObjectHead[],
  added: readonly PreparedChange[],
): Promise<number> {
  const kinds = new Map<string, { group: string; kind: string; removed: ObjectHead[]; added: PreparedChange[] }>();
  const kindOf = ({ group, kind }: ObjectIdentity) => {
    const key = `${group}/${kind}`;
    const entry = kinds.get(key) ?? { group, kind, removed: [], added: [] };
    kinds.set(key, entry);
    return entry;
  };
  for (const head of removed) kindOf(head).removed.push(head);
  for (const change of added) kindOf(change.identity).added.push(change);
  for (const { group, kind, ...changes } of kinds.values()) {
    const rows = await tx.query<{ digest: Buffer }>(
      'select digest from app.kind_digest where org_id = $1 and cluster_id = $2 and api_group = $3 and kind = $4',
      [tx.scope.orgId, clusterId, group, kind],
    );
    const digest = new KindDigest(rows[0]?.digest);
    for (const head of changes.removed) if (head.bodyHash !== null) digest.remove(head, head.bodyHash);
    for (const change of changes.added) if (change.bodyHash !== null) digest.add(change.identity, change.bodyHash);
    await tx.query(
      `insert into app.kind_digest (org_id, cluster_id, api_group, kind, digest, objects) values ($1, $2, $3, $4, $5, $6)
       on conflict (org_id, cluster_id, api_group, kind) do update set digest = excluded.digest, objects = kind_digest.objects + excluded.objects`,
      [tx.scope.orgId, clusterId, group, kind, digest.bytes(), changes.added.length - changes.removed.length],
    );
  }
  return added.length - removed.length;
}

/**
 * Works the digests out anew from the heads, at the end of a listing: whatever led them astray before, both sides hold the
 * same from here on.
 * @returns how many more objects the cluster holds than its digests said
 */
export async function rebuildDigests(tx: Tx, clusterId: string): Promise<number> {
  const rows = await tx.query<HeadRow>(
    `select ${HEAD_COLUMNS} from app.inventory_object where org_id = $1 and cluster_id = $2 and body_hash is not null`,
    [tx.scope.orgId, clusterId],
  );
  const kinds = new Map<string, { group: string; kind: string; digest: KindDigest; objects: number }>();
  for (const head of rows.map(headOf)) {
    if (head.bodyHash === null) continue;
    const key = `${head.group}/${head.kind}`;
    const entry = kinds.get(key) ?? { group: head.group, kind: head.kind, digest: new KindDigest(), objects: 0 };
    entry.digest.add(head, head.bodyHash);
    kinds.set(key, { ...entry, objects: entry.objects + 1 });
  }
  const before = await tx.query<{ objects: number }>(
    'delete from app.kind_digest where org_id = $1 and cluster_id = $2 returning objects',
    [tx.scope.orgId, clusterId],
  );
  for (const { group, kind, digest, objects } of kinds.values()) {
    await tx.query(
      'insert into app.kind_digest (org_id, cluster_id, api_group, kind, digest, objects) values ($1, $2, $3, $4, $5, $6)',
      [tx.scope.orgId, clusterId, group, kind, digest.bytes(), objects],
    );
  }
  return rows.length - before.reduce((sum, { objects }) => sum + objects, 0);
}

/** @returns a body as it is stored: raw deflate of its canonical JSON */
export function packBody(canonical: string): Buffer {
  return deflateRawSync(canonical, { level: 1 });
}

/** @returns the normalised object that was stored */
export function unpackBody(body: Buffer): JsonObject {
  return JSON.parse(inflateRawSync(body).toString('utf8')) as JsonObject;
}

function headOf(row: HeadRow): ObjectHead {
  return {
    objectId: row.object_id,
    group: row.api_group,
    kind: row.kind,
    namespace: row.namespace,
    name: row.name,
    uid: row.uid,
    bodyHash: row.body_hash,
    presentSince: row.present_since,
    writtenAs: row.written_as ?? null,
  };
}

function attributeColumns(changes: readonly PreparedChange[]): unknown[] {
  return [
    changes.map((change) => change.objectId),
    changes.map((change) => change.apiVersion),
    changes.map((change) => change.uid),
    changes.map((change) => change.controllerUid),
    changes.map((change) => JSON.stringify(change.attributes)),
    changes.map((change) => change.observedAt),
  ];
}
