import { Injectable } from '@nestjs/common';
import {
  AppError,
  decodeCursor,
  encodeCursor,
  type JsonObject,
  type Page,
  pageOfRows,
  publicId,
  requirePast,
  type Scope,
} from '#kernel';
import type { ListObjectRevisions, ListObjects, ObjectDetail, ObjectRevision, ObjectSummary } from '#contracts';
import { Conditions, Database, type Tx } from '#platform';
import { requireEver, requirePresent } from './cluster.store.js';
import { unpackBody } from './inventory.store.js';

interface ObjectRow {
  object_id: string;
  api_group: string;
  api_version: string;
  kind: string;
  namespace: string;
  name: string;
  present_since: Date;
  observed_at: Date | null;
}

interface RevisionRow {
  valid_from: Date;
  valid_to: Date | null;
  body_hash: Buffer;
  ended: 'changed' | 'deleted' | null;
}

const IDENTITY = 'o.object_id, o.api_group, o.api_version, o.kind, o.namespace, o.name, o.observed_at';
/** What is there now. */
const PRESENT = `
  select ${IDENTITY}, o.present_since, o.body_hash from app.inventory_object o
  where o.org_id = $1 and o.cluster_id = $2 and o.body_hash is not null`;
/** What was there at `$3`: heads since then, and revisions that ended later (P1). */
const PRESENT_THEN = `
  select ${IDENTITY}, o.present_since, o.body_hash from app.inventory_object o
  where o.org_id = $1 and o.cluster_id = $2 and o.body_hash is not null and o.present_since <= $3
  union all
  select ${IDENTITY}, r.valid_from, r.body_hash
  from hist.object_revision r join app.inventory_object o on o.org_id = r.org_id and o.object_id = r.object_id
  where r.org_id = $1 and r.cluster_id = $2 and r.valid_from <= $3 and r.valid_to > $3`;

/** Objects of clusters as screens and the API show them: as they are, and as they were. */
@Injectable()
export class ObjectsReadModel {
  constructor(private readonly database: Database) {}

  /**
   * @param clusterId UUID
   * @returns what is in the cluster, or was at a moment, by kind, namespace and name
   * @throws AppError `not_found`, `invalid_cursor`, `invalid_filter`
   */
  async list(scope: Scope, clusterId: string, query: ListObjects): Promise<Page<ObjectSummary>> {
    const where = new Conditions(scope.orgId);
    where.parameter(clusterId);
    if (query.at !== undefined) where.parameter(query.at);
    if (query.kind !== undefined) where.add('o.kind = ?', query.kind);
    if (query.namespace !== undefined) where.add('o.namespace = ?', query.namespace);
    if (query.q !== undefined) where.add('o.name >= ? and o.name < ? || chr(1114111)', query.q, query.q);
    if (query.cursor !== undefined) {
      const after = decodeCursor(query.cursor, 'identity', ['text', 'text', 'text', 'text']);
      where.add('(o.api_group, o.kind, o.namespace, o.name) > (?, ?, ?, ?)', ...after);
    }
    const source = query.at === undefined ? PRESENT : PRESENT_THEN;
    return this.database.run(scope, async (tx) => {
      await (query.at === undefined ? requirePresent(tx, clusterId) : requireEver(tx, clusterId));
      if (query.at !== undefined) requirePast('at', query.at, tx.now);
      const rows = await tx.query<ObjectRow>(
        `select o.* from (${source}) o where true${where.sql}
         order by o.api_group, o.kind, o.namespace, o.name limit ${query.limit + 1}`,
        where.parameters,
      );
      return pageOfRows(
        rows,
        query.limit,
        (row) => encodeCursor('identity', [row.api_group, row.kind, row.namespace, row.name]),
        objectSummary,
      );
    });
  }

  /**
   * @param clusterId UUID
   * @param objectId UUID
   * @param at a moment in the past; undefined: now
   * @throws AppError `not_found`
   */
  async get(scope: Scope, clusterId: string, objectId: string, at: string | undefined): Promise<ObjectDetail> {
    const parameters = [scope.orgId, clusterId, ...(at === undefined ? [] : [at]), objectId];
    return this.database.run(scope, async (tx) => {
      if (at !== undefined) requirePast('at', at, tx.now);
      const rows = await tx.query<ObjectRow & { body: Buffer; attributes: JsonObject }>(
        `select o.*, a.attributes, b.body from (${at === undefined ? PRESENT : PRESENT_THEN}) o
           join app.inventory_object a on a.org_id = $1 and a.object_id = o.object_id
           join app.object_body b on b.org_id = $1 and b.body_hash = o.body_hash
         where o.object_id = $${parameters.length}`,
        parameters,
      );
      const row = rows[0];
      if (row === undefined)
        throw new AppError(
          'not_found',
          `There ${at === undefined ? 'is no such object in this cluster now' : 'was no such object in this cluster then'}.`,
        );
      return {
        ...objectSummary(row),
        object: unpackBody(row.body),
        attributes: at === undefined ? row.attributes : {},
      };
    });
  }

  /**
   * @param clusterId UUID
   * @param objectId UUID
   * @returns every content that the object had, the latest first
   * @throws AppError `not_found`, `invalid_cursor`
   */
  async revisions(
    scope: Scope,
    clusterId: string,
    objectId: string,
    query: ListObjectRevisions,
  ): Promise<Page<ObjectRevision>> {
    const before = query.cursor === undefined ? null : decodeCursor(query.cursor, '-valid_from', ['time'])[0];
    return this.database.run(scope, async (tx) => {
      await requireKnown(tx, clusterId, objectId);
      const rows = await tx.query<RevisionRow>(
        `select * from (
           select present_since as valid_from, null::timestamptz as valid_to, body_hash, null as ended from app.inventory_object
             where org_id = $1 and cluster_id = $2 and object_id = $3 and body_hash is not null
           union all select valid_from, valid_to, body_hash, ended from hist.object_revision
             where org_id = $1 and cluster_id = $2 and object_id = $3) r
         where $4::timestamptz is null or valid_from < $4 order by valid_from desc limit ${query.limit + 1}`,
        [scope.orgId, clusterId, objectId, before],
      );
      return pageOfRows(
        rows,
        query.limit,
        (row) => encodeCursor('-valid_from', [row.valid_from.toISOString()]),
        revisionShape,
      );
    });
  }
}

async function requireKnown(tx: Tx, clusterId: string, objectId: string): Promise<void> {
  const rows = await tx.query(
    'select 1 from app.inventory_object where org_id = $1 and cluster_id = $2 and object_id = $3',
    [tx.scope.orgId, clusterId, objectId],
  );
  if (rows.length === 0) throw new AppError('not_found', 'There never was such an object in this cluster.');
}

function objectSummary(row: ObjectRow): ObjectSummary {
  return {
    id: publicId('object', row.object_id),
    api_group: row.api_group,
    api_version: row.api_version,
    kind: row.kind,
    namespace: row.namespace,
    name: row.name,
    present_since: row.present_since.toISOString(),
    observed_at: row.observed_at?.toISOString() ?? null,
  };
}

function revisionShape({ valid_from: from, valid_to: to, body_hash: digest, ended }: RevisionRow): ObjectRevision {
  return {
    valid_from: from.toISOString(),
    valid_to: to?.toISOString() ?? null,
    digest: digest.toString('hex'),
    ended,
  };
}
