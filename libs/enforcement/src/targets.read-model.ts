import { Injectable } from '@nestjs/common';
import { AppError, decodeCursor, encodeCursor, type Page, pageOfRows, publicId, type Scope } from '#kernel';
import type { NamedPageQuery, TargetMatches, TargetShape } from '#contracts';
import { asksForContent, asksForNamespaceLabels, objectMatches, originMatches, type TargetCondition } from '#decision';
import { unpackBody } from '#fleet';
import { apiVersionOf, generateNameOf, labelsOf, parseGvk } from '#kube';
import { Database, type Tx } from '#platform';

interface TargetRow {
  target_id: string;
  name: string;
  condition: TargetCondition;
  revision: number;
}

interface ClusterRow {
  cluster_id: string;
  name: string;
  labels: Record<string, string>;
  environment: string | null;
}

interface ObjectRow {
  object_id: string;
  api_version: string;
  kind: string;
  namespace: string;
  name: string;
  body: Buffer | null;
}

const SELECT = 'select target_id, name, condition, revision from app.target where org_id = $1';
/** Objects read at a time: bodies of a few KiB each. */
const CHUNK = 1_000;
const SAMPLE = 20;

/** Targets as screens and the API show them, and what they match now. */
@Injectable()
export class TargetsReadModel {
  constructor(private readonly database: Database) {}

  /** @returns targets by name */
  async list(scope: Scope, query: NamedPageQuery): Promise<Page<TargetShape>> {
    const after = query.cursor === undefined ? null : decodeCursor(query.cursor, 'name', ['text'])[0];
    return this.database.run(scope, async (tx) => {
      const rows = await tx.query<TargetRow>(`${SELECT} and ($2::text is null or name > $2) order by name limit $3`, [
        scope.orgId,
        after,
        query.limit + 1,
      ]);
      return pageOfRows(rows, query.limit, (row) => encodeCursor('name', [row.name]), shapeOf);
    });
  }

  /**
   * @param targetId UUID
   * @throws AppError `not_found`
   */
  async get(scope: Scope, targetId: string): Promise<TargetShape> {
    return this.database.run(scope, async (tx) => shapeOf(await load(tx, targetId)));
  }

  /**
   * Counts what a target matches at this moment, object by object, by the rule that bindings use.
   * @param targetId UUID
   * @throws AppError `not_found`
   */
  async matches(scope: Scope, targetId: string): Promise<TargetMatches> {
    return this.database.run(scope, async (tx) => {
      const { condition } = await load(tx, targetId);
      const counted = new Matches();
      for (const cluster of await loadClusters(tx)) {
        const facts = {
          id: publicId('cluster', cluster.cluster_id),
          labels: cluster.labels,
          ...(cluster.environment !== null && { environment: cluster.environment }),
        };
        if (!originMatches(condition, { cluster: facts }).matches) continue;
        counted.begin(facts.id, cluster.name);
        await eachObject(tx, cluster.cluster_id, condition, (row) => counted.add(row, cluster.name));
      }
      return counted.shape();
    });
  }
}

/** Counts of one look. */
class Matches {
  private readonly clusters: TargetMatches['clusters'] = [];
  private readonly kinds = new Map<string, number>();
  private readonly sample: TargetMatches['sample'] = [];
  private total = 0;

  begin(id: string, name: string): void {
    this.clusters.push({ id, name, objects: 0 });
  }

  add(row: ObjectRow, cluster: string): void {
    const current = this.clusters.at(-1);
    if (current !== undefined) current.objects++;
    this.total++;
    this.kinds.set(row.kind, (this.kinds.get(row.kind) ?? 0) + 1);
    const { api_version: apiVersion, kind, namespace, name } = row;
    if (this.sample.length < SAMPLE) this.sample.push({ cluster, api_version: apiVersion, kind, namespace, name });
  }

  shape(): TargetMatches {
    const byKind = [...this.kinds].map(([kind, count]) => ({ kind, count }));
    byKind.sort((a, b) => b.count - a.count || (a.kind < b.kind ? -1 : 1));
    return { clusters: this.clusters, objects: { total: this.total, by_kind: byKind }, sample: this.sample };
  }
}

/** Bodies are read only where a condition asks for what is in them. */
async function eachObject(
  tx: Tx,
  clusterId: string,
  condition: TargetCondition,
  matched: (row: ObjectRow) => void,
): Promise<void> {
  const namespaces = asksForNamespaceLabels(condition) ? await loadNamespaceLabels(tx, clusterId) : new Map();
  const withBody = asksForContent(condition);
  for (let after: string | null = null; ;) {
    const rows: ObjectRow[] = await tx.query<ObjectRow>(
      `select o.object_id, o.api_version, o.kind, o.namespace, o.name, ${withBody ? 'b.body' : 'null as body'}
       from app.inventory_object o ${withBody ? 'join app.object_body b on b.org_id = o.org_id and b.body_hash = o.body_hash' : ''}
       where o.org_id = $1 and o.cluster_id = $2 and o.body_hash is not null and ($3::uuid is null or o.object_id > $3)
         and ($4::text[] is null or o.kind = any($4)) and ($5::text[] is null or o.name = any($5))
       order by o.object_id limit ${CHUNK}`,
      [tx.scope.orgId, clusterId, after, plainKinds(condition), plain(condition.names)],
    );
    for (const row of rows) {
      const object = row.body === null ? {} : unpackBody(row.body);
      const subject = {
        gvk: parseGvk(row.api_version, row.kind),
        namespace: row.namespace,
        name: row.name,
        labels: labelsOf(object),
        ...generateNameOf(object),
        ...(namespaces.has(row.namespace) && { namespaceLabels: namespaces.get(row.namespace) }),
      };
      if (objectMatches(condition, subject)) matched({ ...row, api_version: apiVersionOf(subject.gvk) });
    }
    if (rows.length < CHUNK) return;
    after = rows.at(-1)?.object_id ?? null;
  }
}

/** What has no glob is looked for by Postgres, so that the bodies of the rest need not be read. */
function plain(names: readonly string[] | undefined): string[] | null {
  return names === undefined || names.some((name) => /[*?]/.test(name)) ? null : [...names];
}

function plainKinds({ kinds }: TargetCondition): string[] | null {
  return plain(kinds)?.map((kind) => kind.slice(kind.lastIndexOf('/') + 1)) ?? null;
}

async function loadClusters(tx: Tx): Promise<ClusterRow[]> {
  return tx.query<ClusterRow>(
    'select cluster_id, name, labels, environment from app.cluster where org_id = $1 and removed_at is null order by name',
    [tx.scope.orgId],
  );
}

async function loadNamespaceLabels(tx: Tx, clusterId: string): Promise<Map<string, Record<string, string>>> {
  const rows = await tx.query<{ name: string; body: Buffer }>(
    `select o.name, b.body from app.inventory_object o join app.object_body b on b.org_id = o.org_id and b.body_hash = o.body_hash
     where o.org_id = $1 and o.cluster_id = $2 and o.api_group = '' and o.kind = 'Namespace'`,
    [tx.scope.orgId, clusterId],
  );
  return new Map(rows.map((row) => [row.name, labelsOf(unpackBody(row.body))]));
}

async function load(tx: Tx, targetId: string): Promise<TargetRow> {
  const rows = await tx.query<TargetRow>(`${SELECT} and target_id = $2`, [tx.scope.orgId, targetId]);
  if (rows[0] === undefined) throw new AppError('not_found', 'There is no target with this id.');
  return rows[0];
}

function shapeOf({ target_id: id, name, condition, revision }: TargetRow): TargetShape {
  return { id: publicId('target', id), name, ...condition, revision };
}
