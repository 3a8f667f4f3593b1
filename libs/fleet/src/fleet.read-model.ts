import { Injectable } from '@nestjs/common';
import {
  AppError,
  decodeCursor,
  encodeCursor,
  type Page,
  pageOfRows,
  publicId,
  requirePublicId,
  type Scope,
} from '#kernel';
import type { ClusterShape, ManifestProblem } from '#contracts';
import { Database } from '#platform';
import { countClusters, requirePresent } from './cluster.store.js';
import { connectionAt } from './connection.rules.js';
import { loadObjectUsage } from './object-quota.store.js';

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
  refused: number | null;
  objects: number;
}

const CLUSTER_QUERY = `
  select c.cluster_id, c.name, c.environment, c.labels, c.kubernetes_version, c.agent_version, c.last_seen_at, c.created_at, c.revision,
    f.state_as_of, f.problems, f.refused,
    coalesce((select sum(k.objects) from app.kind_digest k where k.org_id = c.org_id and k.cluster_id = c.cluster_id), 0)::int as objects
  from app.cluster c left join app.inventory_feed f on f.org_id = c.org_id and f.cluster_id = c.cluster_id
  where c.org_id = $1 and c.removed_at is null`;

/** Clusters, as screens and the API show them. */
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

  /** @returns how much of its quotas the organization's fleet takes */
  async usage(scope: Scope): Promise<{ clusters: number; objects: number }> {
    return this.database.run(scope, async (tx) => ({
      clusters: await countClusters(tx),
      objects: (await loadObjectUsage(tx)).used,
    }));
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
    problems: [...refusedProblem(row.refused ?? 0), ...(row.problems ?? [])],
    created_at: row.created_at.toISOString(),
    revision: row.revision,
  };
}

/** What was not taken is a problem of the cluster's as a whole, at no place in it. */
function refusedProblem(refused: number): ManifestProblem[] {
  if (refused === 0) return [];
  const message = `${refused} objects were not taken: the organization holds as many as it may`;
  return [{ path: '', line: 0, column: 0, code: 'quota_exceeded', message }];
}
