import { Injectable } from '@nestjs/common';
import {
  AppError,
  pageOfRows,
  parsePublicId,
  publicId,
  requirePast,
  severityOfRank,
  type JsonObject,
  type Page,
  type Scope,
} from '#kernel';
import type { ListViolations, ViolationShape } from '#contracts';
import {
  asksForContent,
  asksForNamespaceLabels,
  type EffectiveBinding,
  type OriginFacts,
  targetMatches,
  type TargetSubject,
} from '#decision';
import { loadBindings } from '#enforcement';
import { connectionAt, unpackBody } from '#fleet';
import { generateNameOf, labelsOf, parseGvk } from '#kube';
import { Database, type ReadTx } from '#platform';
import { loadClusterStates } from './connections.query.js';
import {
  NEW_FOR_MS,
  VIOLATION_SELECT,
  violationCursor,
  violationsQuery,
  type ViolationRow,
} from './violations.query.js';

/** Violations as screens and the API show them. */
@Injectable()
export class ViolationsReadModel {
  constructor(private readonly database: Database) {}

  /**
   * @param scope who asks
   * @param query filters; without any, those open and failing
   * @throws AppError `invalid_cursor`, `invalid_filter`
   */
  async list(scope: Scope, query: ListViolations): Promise<Page<ViolationShape>> {
    const clusterId = query.cluster_id === undefined ? undefined : parsePublicId('cluster', query.cluster_id);
    if (clusterId === null) return { items: [], next_cursor: null };
    return this.database.run(scope, async (tx) => {
      const at = momentOf(query, tx.now);
      const { sql, parameters } = violationsQuery(scope.orgId, query, clusterId, at ?? tx.now);
      const rows = await tx.query<ViolationRow>(sql, parameters);
      const about = await aboutRows(tx, await loadBindings(tx, 'inventory'), rows.slice(0, query.limit), at);
      return pageOfRows(
        rows,
        query.limit,
        (row) => violationCursor(query.sort, row),
        (row) => violationShape(row, about),
      );
    });
  }

  /**
   * @param violationId UUID
   * @throws AppError `not_found`
   */
  async get(scope: Scope, violationId: string): Promise<ViolationShape> {
    return this.database.run(scope, async (tx) => {
      const rows = await tx.query<ViolationRow>(`${VIOLATION_SELECT} and v.violation_id = $2`, [
        scope.orgId,
        violationId,
      ]);
      const row = rows[0];
      if (row === undefined) throw new AppError('not_found', 'There is no violation with this id.');
      return violationShape(row, await aboutRows(tx, await loadBindings(tx, 'inventory'), rows, null));
    });
  }
}

/** What is shown of violations beside their rows. */
export interface AboutViolations {
  moment: Date;
  bindings(row: ViolationRow): string[];
  unknownSince(row: ViolationRow): Date | null;
}

/**
 * What is shown of some violations beside their rows. Which bindings there were at a moment in the past is not kept in a
 * form to match by: none is named.
 * @param tx where the rows were read
 * @param bindings those that look at inventory pairs
 * @param rows whose contents may be needed
 * @param at the moment that was asked for; null: now
 */
export async function aboutRows(
  tx: ReadTx,
  bindings: readonly EffectiveBinding[],
  rows: readonly ViolationRow[],
  at: Date | null,
): Promise<AboutViolations> {
  if (at === null) {
    const now = tx.now;
    const unknownSince = ({ last_seen_at: seen }: ViolationRow): Date | null =>
      connectionAt(seen, now) === 'disconnected' ? seen : null;
    return { moment: now, bindings: await bindingsOf(tx, bindings, rows), unknownSince };
  }
  const states = new Map((await loadClusterStates(tx, null, at)).map((state) => [state.clusterId, state]));
  const unknownSince = ({ cluster_id: id }: ViolationRow): Date | null => {
    const state = states.get(id);
    return state?.connection === 'disconnected' ? state.lastSeenAt : null;
  };
  return { moment: at, bindings: () => [], unknownSince };
}

/**
 * @returns the moment that a list is asked for; null: now
 * @throws AppError `invalid_filter` for a time to come, and beside filters that speak of other times
 */
export function momentOf({ at, state, from, to }: Omit<ListViolations, 'limit'>, now: Date): Date | null {
  if (at === undefined) return null;
  if (state === 'resolved' || from !== undefined || to !== undefined) {
    throw new AppError(
      'invalid_filter',
      '`at` shows what was open at that moment: leave out `from`, `to` and `state=resolved`.',
    );
  }
  return requirePast('at', at, now);
}

/**
 * Says which bindings a violation comes from; contents are read only where a binding asks for what is in them.
 * @param tx where the rows were read
 * @param bindings those that look at inventory pairs
 * @param rows whose contents may be needed
 * @returns of one of these rows, the bindings' ids
 */
async function bindingsOf(
  tx: ReadTx,
  bindings: readonly EffectiveBinding[],
  rows: readonly ViolationRow[],
): Promise<(row: ViolationRow) => string[]> {
  const asked = bindings.map(({ condition }) => condition);
  const contents = asked.some(asksForContent) ? await loadContents(tx, rows) : new Map<string, JsonObject>();
  const namespaceLabels = asked.some(asksForNamespaceLabels)
    ? await loadNamespaceLabels(tx, rows)
    : new Map<string, Labels>();
  return (row) => {
    const ofNamespace = namespaceLabels.get(`${row.cluster_id}/${row.namespace}`);
    const object = contents.get(row.object_id) ?? {};
    const subject: TargetSubject = {
      gvk: parseGvk(row.api_version, row.kind),
      namespace: row.namespace,
      name: row.name,
      labels: labelsOf(object),
      ...generateNameOf(object),
      ...(ofNamespace !== undefined && { namespaceLabels: ofNamespace }),
    };
    return bindings
      .filter(({ condition, items }) => {
        const hasCheck = items.some(({ checkId }) => checkId === row.check_id);
        return hasCheck && targetMatches(condition, originOf(row), subject);
      })
      .map(({ bindingId }) => publicId('binding', bindingId));
  };
}

type Labels = Record<string, string>;

function originOf(row: ViolationRow): OriginFacts {
  const { labels, environment } = row;
  return {
    cluster: { id: publicId('cluster', row.cluster_id), labels, ...(environment !== null && { environment }) },
  };
}

async function loadContents(tx: ReadTx, rows: readonly ViolationRow[]): Promise<Map<string, JsonObject>> {
  const found = await tx.query<{ object_id: string; body: Buffer }>(
    `select o.object_id, b.body from app.inventory_object o join app.object_body b on b.org_id = o.org_id and b.body_hash = o.body_hash
     where o.org_id = $1 and o.object_id = any($2::uuid[])`,
    [tx.scope.orgId, rows.map((row) => row.object_id)],
  );
  return new Map(found.map(({ object_id: id, body }) => [id, unpackBody(body)]));
}

async function loadNamespaceLabels(tx: ReadTx, rows: readonly ViolationRow[]): Promise<Map<string, Labels>> {
  const found = await tx.query<{ cluster_id: string; name: string; body: Buffer }>(
    `select o.cluster_id, o.name, b.body from app.inventory_object o join app.object_body b on b.org_id = o.org_id and b.body_hash = o.body_hash
     where o.org_id = $1 and o.cluster_id = any($2::uuid[]) and o.api_group = '' and o.kind = 'Namespace' and o.name = any($3::text[])`,
    [tx.scope.orgId, rows.map((row) => row.cluster_id), rows.map((row) => row.namespace)],
  );
  return new Map(found.map((row) => [`${row.cluster_id}/${row.name}`, labelsOf(unpackBody(row.body))]));
}

function stateOf(row: ViolationRow, moment: Date): ViolationShape['state'] {
  if (row.resolved_at !== null) return 'resolved';
  if (row.intervals > 1) return 'regressed';
  return moment.getTime() - row.opened_at.getTime() < NEW_FOR_MS ? 'new' : 'ongoing';
}

/** A violation as the API shows it. */
export function violationShape(row: ViolationRow, about: AboutViolations): ViolationShape {
  const unknownSince = row.resolved_at === null ? about.unknownSince(row) : null;
  return {
    id: publicId('violation', row.violation_id),
    fingerprint: row.fingerprint.toString('hex'),
    cluster: { id: publicId('cluster', row.cluster_id), name: row.cluster_name },
    policy: { id: publicId('policy', row.policy_id), slug: row.slug, title: row.title, version: row.policy_version },
    instance: row.instance,
    bindings: about.bindings(row),
    severity: severityOfRank(row.severity),
    category: row.category as ViolationShape['category'],
    state: stateOf(row, about.moment),
    disposition: row.disposition,
    unknown_since: unknownSince?.toISOString() ?? null,
    opened_at: row.opened_at.toISOString(),
    resolved_at: row.resolved_at?.toISOString() ?? null,
    resolution: row.resolution as ViolationShape['resolution'],
    object: {
      id: publicId('object', row.object_id),
      api_version: row.api_version,
      kind: row.kind,
      namespace: row.namespace,
      name: row.name,
    },
    findings: findingsOf(row.findings),
    waiver_id: row.waiver_id === null ? null : publicId('waiver', row.waiver_id),
    assignee: null,
  };
}

/** @returns findings as they are kept, `found` among them where nothing was found */
export function findingsOf(kept: readonly unknown[]): ViolationShape['findings'] {
  return kept.map((finding) => ({ found: null, ...(finding as object) })) as ViolationShape['findings'];
}
