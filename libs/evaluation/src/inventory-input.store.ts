import type { JsonObject } from '#kernel';
import { unpackBody } from '#fleet';
import type { Known, KnownObject } from '#judging';
import type { ObjectIdentity } from '#kube';
import type { Tx } from '#platform';
import type { DependentKinds, KindInNamespace } from './namespace-relations.rules.js';
import type { PreviousJudgement } from './reconcile.rules.js';
import { unpackVerdicts } from './verdict-bytes.rules.js';

/** One object of the inventory, as the run finds it. */
export interface InventoryInput {
  objectId: string;
  identity: ObjectIdentity;
  bodyHash: Buffer | null;
  uid: string | null;
  controllerUid: string | null;
  /** When the cluster made it; null where nobody said so. */
  createdAt: Date | null;
  /** The API version in which it was last written, by anyone but writers of its status; null where nobody said so. */
  writtenAs: string | null;
  previous: PreviousJudgement;
  memo: Buffer | null;
}

interface InputRow {
  object_id: string;
  api_group: string;
  kind: string;
  namespace: string;
  name: string;
  body_hash: Buffer | null;
  uid: string | null;
  controller_uid: string | null;
  created: string | null;
  written_as: string | null;
  slice_digest: Buffer | null;
  memo: Buffer | null;
  verdicts: Buffer | null;
  judged_hash: Buffer | null;
  engine: string | null;
}

/** The checks of a slice, with their digests; many objects have the same. */
interface KeptSlice {
  checkIds: number[];
  checkDigests: Map<number, Buffer>;
}

/**
 * @param tx the transaction
 * @param clusterId UUID
 * @param objectIds in any order
 * @returns the objects with what was known of them, gone ones too
 */
export async function loadInputs(tx: Tx, clusterId: string, objectIds: readonly string[]): Promise<InventoryInput[]> {
  const rows = await tx.query<InputRow>(
    `select o.object_id, o.api_group, o.kind, o.namespace, o.name, o.body_hash, o.uid, o.controller_uid, o.attributes ->> 'creation_timestamp' as created,
       o.attributes #>> '{origin,api_versions,0}' as written_as,
       e.slice_digest, e.memo, e.verdicts, e.body_hash as judged_hash, e.engine
     from app.inventory_object o
       left join app.object_evaluation e on e.org_id = o.org_id and e.object_id = o.object_id
     where o.org_id = $1 and o.cluster_id = $2 and o.object_id = any($3::uuid[])`,
    [tx.scope.orgId, clusterId, objectIds],
  );
  const slices = await loadSlices(
    tx,
    rows.flatMap(({ slice_digest: digest }) => digest ?? []),
  );
  return rows.map((row) => ({
    objectId: row.object_id,
    identity: { group: row.api_group, kind: row.kind, namespace: row.namespace, name: row.name },
    bodyHash: row.body_hash,
    uid: row.uid,
    controllerUid: row.controller_uid,
    createdAt: timeOf(row.created),
    writtenAs: row.written_as,
    memo: row.memo,
    previous: previousOf(row, slices.get(row.slice_digest?.toString('hex') ?? '')),
  }));
}

function timeOf(text: string | null): Date | null {
  const time = new Date(text ?? Number.NaN);
  return Number.isNaN(time.getTime()) ? null : time;
}

function previousOf(row: InputRow, slice: KeptSlice | undefined): PreviousJudgement {
  return {
    verdicts: unpackVerdicts(slice?.checkIds ?? [], row.verdicts ?? Buffer.alloc(0)),
    checkDigests: slice?.checkDigests ?? new Map<number, Buffer>(),
    bodyHash: row.judged_hash,
    sliceDigest: row.slice_digest,
    engine: row.engine,
  };
}

async function loadSlices(tx: Tx, digests: readonly Buffer[]): Promise<Map<string, KeptSlice>> {
  const distinct = [...new Map(digests.map((digest) => [digest.toString('hex'), digest])).values()];
  if (distinct.length === 0) return new Map();
  const rows = await tx.query<{ slice_digest: Buffer; check_ids: number[]; check_digests: Buffer[] | null }>(
    'select slice_digest, check_ids, check_digests from app.check_slice where org_id = $1 and slice_digest = any($2::bytea[])',
    [tx.scope.orgId, distinct],
  );
  return new Map(
    rows.map(({ slice_digest: digest, check_ids: checkIds, check_digests: known }) => [
      digest.toString('hex'),
      {
        checkIds,
        checkDigests: new Map(
          checkIds.flatMap((id, index) => (known?.[index] === undefined ? [] : [[id, known[index]]])),
        ),
      },
    ]),
  );
}

/** @returns the normalised objects by their content's hash in hexadecimal */
export async function loadBodies(tx: Tx, hashes: readonly Buffer[]): Promise<Map<string, JsonObject>> {
  const rows = await tx.query<{ body_hash: Buffer; body: Buffer }>(
    'select body_hash, body from app.object_body where org_id = $1 and body_hash = any($2::bytea[])',
    [tx.scope.orgId, hashes],
  );
  return new Map(rows.map((row) => [row.body_hash.toString('hex'), unpackBody(row.body)]));
}

/** @returns the Namespace objects of a cluster by name */
export async function loadNamespaces(tx: Tx, clusterId: string): Promise<Map<string, JsonObject>> {
  const rows = await tx.query<{ name: string; body: Buffer }>(
    `select o.name, b.body from app.inventory_object o join app.object_body b on b.org_id = o.org_id and b.body_hash = o.body_hash
     where o.org_id = $1 and o.cluster_id = $2 and o.api_group = '' and o.kind = 'Namespace'`,
    [tx.scope.orgId, clusterId],
  );
  return new Map(rows.map((row) => [row.name, unpackBody(row.body)]));
}

/** @returns whether the inventory is the whole of the cluster, or what was listed of it until now */
export async function loadKnown(tx: Tx, clusterId: string): Promise<Known> {
  const rows = await tx.query<{ listing: boolean }>(
    'select listing from app.inventory_feed where org_id = $1 and cluster_id = $2',
    [tx.scope.orgId, clusterId],
  );
  return rows[0]?.listing === true ? 'listed' : 'all';
}

/**
 * @param wanted kinds of namespaces, without their group: the policies' declarations narrow them further
 * @returns what there is of them
 */
export async function loadKinds(tx: Tx, clusterId: string, wanted: readonly KindInNamespace[]): Promise<KnownObject[]> {
  if (wanted.length === 0) return [];
  const rows = await tx.query<{ api_group: string; kind: string; namespace: string; name: string; body: Buffer }>(
    `select o.api_group, o.kind, o.namespace, o.name, b.body
     from unnest($3::text[], $4::text[]) as w (namespace, kind)
       join app.inventory_object o on o.namespace = w.namespace and o.kind = w.kind
       join app.object_body b on b.org_id = o.org_id and b.body_hash = o.body_hash
     where o.org_id = $1 and o.cluster_id = $2 and o.body_hash is not null`,
    [tx.scope.orgId, clusterId, wanted.map(({ namespace }) => namespace), wanted.map(({ kind }) => kind)],
  );
  return rows.map(({ api_group: group, kind, namespace, name, body }) => ({
    identity: { group, kind, namespace, name },
    object: unpackBody(body),
  }));
}

/** Objects to look at: those that nothing controls are judged before those that something does (V4). */
export interface ObjectIds {
  unowned: string[];
  owned: string[];
}

/** @returns all objects of a cluster that are there or were judged */
export async function listAllObjects(tx: Tx, clusterId: string): Promise<ObjectIds> {
  const rows = await tx.query<IdRow>(
    `select o.object_id, o.controller_uid is not null as owned from app.inventory_object o
     where o.org_id = $1 and o.cluster_id = $2 and (o.body_hash is not null
       or exists (select 1 from app.object_evaluation e where e.org_id = o.org_id and e.object_id = o.object_id))
     order by o.api_group, o.kind, o.namespace, o.name`,
    [tx.scope.orgId, clusterId],
  );
  return split(rows);
}

/** What changed, and what is known to depend on it. */
export interface ChangedObjects {
  /** Ids of the objects that changed. */
  changed: readonly string[];
  /** Ids of those that name one of them or share a key with it (E7). */
  dependents: readonly string[];
  /** Of which kinds others in the same namespace depend on what changed there. */
  kinds: DependentKinds;
  /** Kinds that policies judge by looking through objects of the changed ones’ kinds. */
  reached: readonly string[] | 'all';
}

/**
 * Widens a change to what depends on it: a Namespace's objects by its labels (F3), the objects and the Namespace beside
 * one of a kind that policies look at, those whose policies look through all of its kind (E7), and those that a changed object owns, or one that depends on it (V4). Their
 * memo tells which are really touched.
 * @returns the objects that changed and those that may depend on them
 */
export async function widen(
  tx: Tx,
  clusterId: string,
  { changed, dependents, kinds, reached }: ChangedObjects,
): Promise<ObjectIds> {
  const rows = await tx.query<IdRow>(
    `with recursive changed as (
       select object_id, api_group, kind, namespace, name from app.inventory_object where org_id = $1 and cluster_id = $2 and object_id = any($3::uuid[])),
     named as (
       select object_id, uid from app.inventory_object where org_id = $1 and cluster_id = $2 and object_id = any($3::uuid[] || $6::uuid[])),
     spaces as (
       select name as namespace, '*' as judged from changed where api_group = '' and kind = 'Namespace'
       union select c.namespace, d.judged from changed c join unnest($4::text[], $7::text[]) as d (looked, judged) on d.looked = c.kind),
     below as (
       select o.object_id, o.uid from app.inventory_object o join named c on c.uid = o.controller_uid
         where o.org_id = $1 and o.cluster_id = $2 and o.body_hash is not null
       union select o.object_id, o.uid from app.inventory_object o join below b on b.uid = o.controller_uid
         where o.org_id = $1 and o.cluster_id = $2 and o.body_hash is not null),
     wide as (
       select object_id from named
       union select o.object_id from app.inventory_object o join spaces s on s.namespace = o.namespace and s.judged in ('*', o.kind)
         where o.org_id = $1 and o.cluster_id = $2 and o.body_hash is not null
       union select o.object_id from app.inventory_object o join changed c on c.namespace = o.name and c.kind = any($5::text[])
         where o.org_id = $1 and o.cluster_id = $2 and o.api_group = '' and o.kind = 'Namespace' and o.namespace = '' and o.body_hash is not null
       union select o.object_id from app.inventory_object o
         where o.org_id = $1 and o.cluster_id = $2 and o.body_hash is not null and ($9 or o.kind = any($8::text[]))
       union select object_id from below)
     select o.object_id, o.controller_uid is not null as owned from app.inventory_object o join wide w on w.object_id = o.object_id
     where o.org_id = $1 order by o.object_id`,
    [
      tx.scope.orgId,
      clusterId,
      changed,
      kinds.looked,
      kinds.ofNamespaces,
      dependents,
      kinds.judged,
      reached === 'all' ? [] : reached,
      reached === 'all',
    ],
  );
  return split(rows);
}

interface IdRow {
  object_id: string;
  owned: boolean;
}

function split(rows: readonly IdRow[]): ObjectIds {
  const ids = (owned: boolean): string[] => rows.filter((row) => row.owned === owned).map((row) => row.object_id);
  return { unowned: ids(false), owned: ids(true) };
}
