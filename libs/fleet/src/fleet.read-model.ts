import { Injectable } from '@nestjs/common';
import {
  AppError,
  decodeCursor,
  encodeCursor,
  type JsonObject,
  type Page,
  pageOfRows,
  publicId,
  requirePublicId,
  type Scope,
} from '#kernel';
import type { ClusterShape, ManifestProblem, ObjectDetail, ObjectSummary } from '#contracts';
import { Database, type Tx } from '#platform';
import { connectionAt } from './connection.rules.js';
import { unpackBody } from './inventory.store.js';

interface ClusterRow {
  cluster_id: string;
  name: string;
  environment: string | null;
  labels: Record<string, string>;
  kubernetes_version: string | null;
  agent_version: string | null;
  last_seen_at: Date | null;
  created_at: Date;
  revision: number;
  state_as_of: Date | null;
  problems: ManifestProblem[] | null;
  objects: number;
}

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

const CLUSTER_QUERY = `
  select c.cluster_id, c.name, c.environment, c.labels, c.kubernetes_version, c.agent_version, c.last_seen_at, c.created_at, c.revision,
    f.state_as_of, f.problems,
    coalesce((select sum(k.objects) from app.kind_digest k where k.org_id = c.org_id and k.cluster_id = c.cluster_id), 0)::int as objects
  from app.cluster c left join app.inventory_feed f on f.org_id = c.org_id and f.cluster_id = c.cluster_id
  where c.org_id = $1 and c.removed_at is null`;

/** Clusters and their objects, as screens and the API show them. */
@Injectable()
export class FleetReadModel {
  constructor(private readonly database: Database) {}

  /** @throws AppError `not_found` */
  async cluster(scope: Scope, clusterId: string): Promise<ClusterShape> {
    return this.database.run(scope, async (tx) => {
      const rows = await tx.query<ClusterRow>(`${CLUSTER_QUERY} and c.cluster_id = $2`, [scope.orgId, clusterId]);
      const row = rows[0];
      if (row === undefined) throw new AppError('not_found', 'There is no such cluster in this organization.');
      return clusterShape(row, tx.now);
    });
  }

  /**
   * @param idOrName a cluster's public id or its name
   * @returns its UUID
   * @throws AppError `not_found`
   */
  async resolve(scope: Scope, idOrName: string): Promise<string> {
    return this.database.run(scope, async (tx) => {
      const rows = await tx.query<{ cluster_id: string }>(
        'select cluster_id from app.cluster where org_id = $1 and removed_at is null and name = $2',
        [scope.orgId, idOrName],
      );
      const found = rows[0]?.cluster_id;
      if (found !== undefined) return found;
      const id = requirePublicId('cluster', idOrName);
      await requirePresent(tx, id);
      return id;
    });
  }

  /** @returns clusters by name */
  async clusters(
    scope: Scope,
    query: { limit: number; cursor?: string | undefined; name?: string | undefined },
  ): Promise<Page<ClusterShape>> {
    const after = query.cursor === undefined ? null : decodeCursor(query.cursor, 'name', ['text'])[0];
    return this.database.run(scope, async (tx) => {
      const rows = await tx.query<ClusterRow>(
        `${CLUSTER_QUERY} and ($2::text is null or c.name > $2) and ($3::text is null or c.name = $3) order by c.name limit $4`,
        [scope.orgId, after, query.name ?? null, query.limit + 1],
      );
      return pageOfRows(
        rows,
        query.limit,
        (row) => encodeCursor('name', [row.name]),
        (row) => clusterShape(row, tx.now),
      );
    });
  }

  /**
   * @param clusterId UUID
   * @returns what is in the cluster now, by kind, namespace and name
   * @throws AppError `not_found`, `invalid_cursor`
   */
  async objects(
    scope: Scope,
    clusterId: string,
    query: {
      limit: number;
      cursor?: string | undefined;
      kind?: string | undefined;
      namespace?: string | undefined;
      q?: string | undefined;
    },
  ): Promise<Page<ObjectSummary>> {
    const after =
      query.cursor === undefined
        ? [null, null, null, null]
        : decodeCursor(query.cursor, 'identity', ['text', 'text', 'text', 'text']);
    return this.database.run(scope, async (tx) => {
      await requirePresent(tx, clusterId);
      const rows = await tx.query<ObjectRow>(
        `select object_id, api_group, api_version, kind, namespace, name, present_since, observed_at
         from app.inventory_object
         where org_id = $1 and cluster_id = $2 and body_hash is not null
           and ($3::text is null or (api_group, kind, namespace, name) > ($3, $4, $5, $6))
           and ($7::text is null or kind = $7) and ($8::text is null or namespace = $8)
           and ($9::text is null or (name >= $9 and name < $9 || chr(1114111)))
         order by api_group, kind, namespace, name limit $10`,
        [
          scope.orgId,
          clusterId,
          ...after,
          query.kind ?? null,
          query.namespace ?? null,
          query.q ?? null,
          query.limit + 1,
        ],
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
   * @throws AppError `not_found`
   */
  async object(scope: Scope, clusterId: string, objectId: string): Promise<ObjectDetail> {
    return this.database.run(scope, async (tx) => {
      const rows = await tx.query<ObjectRow & { body: Buffer; attributes: JsonObject }>(
        `select o.object_id, o.api_group, o.api_version, o.kind, o.namespace, o.name, o.present_since, o.observed_at, o.attributes, b.body
         from app.inventory_object o join app.object_body b on b.org_id = o.org_id and b.body_hash = o.body_hash
         where o.org_id = $1 and o.cluster_id = $2 and o.object_id = $3`,
        [scope.orgId, clusterId, objectId],
      );
      const row = rows[0];
      if (row === undefined) throw new AppError('not_found', 'There is no such object in this cluster now.');
      return { ...objectSummary(row), object: unpackBody(row.body), attributes: row.attributes };
    });
  }
}

async function requirePresent(tx: Tx, clusterId: string): Promise<void> {
  const rows = await tx.query(
    'select 1 from app.cluster where org_id = $1 and cluster_id = $2 and removed_at is null',
    [tx.scope.orgId, clusterId],
  );
  if (rows.length === 0) throw new AppError('not_found', 'There is no such cluster in this organization.');
}

function clusterShape(row: ClusterRow, now: Date): ClusterShape {
  const connection = connectionAt(row.last_seen_at, now);
  return {
    id: publicId('cluster', row.cluster_id),
    name: row.name,
    environment: row.environment,
    labels: row.labels,
    connection,
    unknown_since: connection === 'disconnected' ? (row.last_seen_at?.toISOString() ?? null) : null,
    kubernetes_version: row.kubernetes_version,
    agent_version: row.agent_version,
    last_seen_at: row.last_seen_at?.toISOString() ?? null,
    state_as_of: row.state_as_of?.toISOString() ?? null,
    objects: row.objects,
    problems: row.problems ?? [],
    created_at: row.created_at.toISOString(),
    revision: row.revision,
  };
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
