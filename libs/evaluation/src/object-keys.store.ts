import { unpackBody } from '#fleet';
import type { KnownObject } from '#judging';
import type { ObjectIdentity } from '#kube';
import type { Tx } from '#platform';
import type { PathKey } from './object-keys.rules.js';

/** One row of `app.object_key`. */
export interface ObjectKeyRow extends PathKey {
  objectId: string;
}

/** An object that was loaded whole. */
export interface LoadedObject extends KnownObject {
  objectId: string;
}

interface BodyRow {
  object_id: string;
  api_group: string;
  kind: string;
  namespace: string;
  name: string;
  body: Buffer;
}

const BODY_COLUMNS = 'o.object_id, o.api_group, o.kind, o.namespace, o.name, b.body';
const WITH_BODY = 'join app.object_body b on b.org_id = o.org_id and b.body_hash = o.body_hash';

/** @returns the labels of the paths that have all their rows */
export async function loadPaths(tx: Tx, clusterId: string): Promise<string[]> {
  const rows = await tx.query<{ path: string }>(
    'select path from app.object_key_path where org_id = $1 and cluster_id = $2',
    [tx.scope.orgId, clusterId],
  );
  return rows.map(({ path }) => path);
}

/**
 * Takes on paths that have no rows yet; whoever does it at the same time waits for the commit, and finds it done.
 * @returns the labels whose rows the caller writes in this transaction
 */
export async function claimPaths(tx: Tx, clusterId: string, labels: readonly string[]): Promise<string[]> {
  const rows = await tx.query<{ path: string }>(
    `insert into app.object_key_path (org_id, cluster_id, path) select $1, $2, p.path from unnest($3::text[]) as p (path) order by p.path
     on conflict do nothing returning path`,
    [tx.scope.orgId, clusterId, labels],
  );
  return rows.map(({ path }) => path);
}

/** Forgets paths that no policy declares any more. */
export async function dropPaths(tx: Tx, clusterId: string, labels: readonly string[]): Promise<void> {
  const key = [tx.scope.orgId, clusterId, labels];
  await tx.query('delete from app.object_key where org_id = $1 and cluster_id = $2 and path = any($3::text[])', key);
  await tx.query(
    'delete from app.object_key_path where org_id = $1 and cluster_id = $2 and path = any($3::text[])',
    key,
  );
}

/** @returns all rows of these objects */
export async function loadKeys(tx: Tx, objectIds: readonly string[]): Promise<ObjectKeyRow[]> {
  const rows = await tx.query<{ path: string; key: string; object_id: string }>(
    'select path, key, object_id from app.object_key where org_id = $1 and object_id = any($2::uuid[])',
    [tx.scope.orgId, objectIds],
  );
  return rows.map(({ object_id: objectId, path, key }) => ({ objectId, path, key }));
}

/** Adds rows; those that are there stay. */
export async function addKeys(tx: Tx, clusterId: string, rows: readonly ObjectKeyRow[]): Promise<void> {
  if (rows.length === 0) return;
  await tx.query(
    `insert into app.object_key (org_id, cluster_id, path, key, object_id)
     select $1, $2, r.path, r.key, r.object_id from unnest($3::text[], $4::text[], $5::uuid[]) as r (path, key, object_id)
     on conflict do nothing`,
    [tx.scope.orgId, clusterId, ...columnsOf(rows)],
  );
}

/** Removes rows. */
export async function removeKeys(tx: Tx, clusterId: string, rows: readonly ObjectKeyRow[]): Promise<void> {
  if (rows.length === 0) return;
  await tx.query(
    `delete from app.object_key k using unnest($3::text[], $4::text[], $5::uuid[]) as r (path, key, object_id)
     where k.org_id = $1 and k.cluster_id = $2 and k.path = r.path and k.key = r.key and k.object_id = r.object_id`,
    [tx.scope.orgId, clusterId, ...columnsOf(rows)],
  );
}

function columnsOf(rows: readonly ObjectKeyRow[]): unknown[] {
  return [rows.map(({ path }) => path), rows.map(({ key }) => key), rows.map(({ objectId }) => objectId)];
}

/** @returns the ids of all objects that are kept under any of these keys */
export async function listHolders(tx: Tx, clusterId: string, keys: readonly PathKey[]): Promise<string[]> {
  if (keys.length === 0) return [];
  const rows = await tx.query<{ object_id: string }>(
    `select distinct k.object_id from unnest($3::text[], $4::text[]) as w (path, key)
       join app.object_key k on k.org_id = $1 and k.cluster_id = $2 and k.path = w.path and k.key = w.key`,
    [tx.scope.orgId, clusterId, keys.map(({ path }) => path), keys.map(({ key }) => key)],
  );
  return rows.map((row) => row.object_id);
}

/**
 * @param keys to look under
 * @param kinds each `Kind` or `group/Kind`
 * @param limit of objects a key: the first in the order of their identities
 * @returns ids of objects of these kinds that are there
 */
export async function listFirstHolders(
  tx: Tx,
  clusterId: string,
  keys: readonly PathKey[],
  kinds: readonly string[],
  limit: number,
): Promise<string[]> {
  if (keys.length === 0) return [];
  const rows = await tx.query<{ object_id: string }>(
    `select distinct f.object_id from unnest($3::text[], $4::text[]) as w (path, key) cross join lateral (
       select o.object_id from app.object_key k join app.inventory_object o on o.org_id = k.org_id and o.object_id = k.object_id
       where k.org_id = $1 and k.cluster_id = $2 and k.path = w.path and k.key = w.key and o.body_hash is not null
         and (o.kind = any($5::text[]) or o.api_group || '/' || o.kind = any($6::text[]))
       order by o.api_group collate "C", o.kind collate "C", o.namespace collate "C", o.name collate "C" limit $7) f`,
    [
      tx.scope.orgId,
      clusterId,
      keys.map(({ path }) => path),
      keys.map(({ key }) => key),
      kinds.filter((kind) => !kind.includes('/')),
      kinds.filter((kind) => kind.includes('/')).map((kind) => kind.replace(/^core\//, '/')),
      limit,
    ],
  );
  return rows.map((row) => row.object_id);
}

/** @returns the API groups that have a kind of that name in the cluster, by kind */
export async function loadGroups(
  tx: Tx,
  clusterId: string,
  kinds: readonly string[],
): Promise<{ group: string; kind: string }[]> {
  if (kinds.length === 0) return [];
  const rows = await tx.query<{ api_group: string; kind: string }>(
    'select api_group, kind from app.kind_digest where org_id = $1 and cluster_id = $2 and kind = any($3::text[])',
    [tx.scope.orgId, clusterId, kinds],
  );
  return rows.map(({ api_group: group, kind }) => ({ group, kind }));
}

/** @returns those of these objects that are there */
export async function loadWhole(tx: Tx, objectIds: readonly string[]): Promise<LoadedObject[]> {
  if (objectIds.length === 0) return [];
  const rows = await tx.query<BodyRow>(
    `select ${BODY_COLUMNS} from app.inventory_object o ${WITH_BODY} where o.org_id = $1 and o.object_id = any($2::uuid[])`,
    [tx.scope.orgId, objectIds],
  );
  return rows.map(loadedObject);
}

/** @returns the next objects of a cluster by their ids, whole */
export async function loadNext(tx: Tx, clusterId: string, after: string, limit: number): Promise<LoadedObject[]> {
  const rows = await tx.query<BodyRow>(
    `select ${BODY_COLUMNS} from app.inventory_object o ${WITH_BODY}
     where o.org_id = $1 and o.cluster_id = $2 and o.object_id > $3 order by o.object_id limit $4`,
    [tx.scope.orgId, clusterId, after, limit],
  );
  return rows.map(loadedObject);
}

/** @returns the identities of these objects, gone ones too */
export async function loadIdentities(tx: Tx, objectIds: readonly string[]): Promise<Map<string, ObjectIdentity>> {
  const rows = await tx.query<Omit<BodyRow, 'body'>>(
    'select object_id, api_group, kind, namespace, name from app.inventory_object where org_id = $1 and object_id = any($2::uuid[])',
    [tx.scope.orgId, objectIds],
  );
  return new Map(rows.map((row) => [row.object_id, identityIn(row)]));
}

function loadedObject(row: BodyRow): LoadedObject {
  return { objectId: row.object_id, identity: identityIn(row), object: unpackBody(row.body) };
}

function identityIn({ api_group: group, kind, namespace, name }: Omit<BodyRow, 'body' | 'object_id'>): ObjectIdentity {
  return { group, kind, namespace, name };
}
