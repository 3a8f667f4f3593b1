import { decodeCursor, encodeCursor, parsePublicId, severityRank } from '#kernel';
import type { ListViolations } from '#contracts';
import { Conditions } from '#platform';

/** A violation younger than this is new. */
export const NEW_FOR_MS = 86_400_000;

/** The row of a violation with what it is about. */
export interface ViolationRow {
  violation_id: string;
  fingerprint: Buffer;
  cluster_id: string;
  cluster_name: string;
  labels: Record<string, string>;
  environment: string | null;
  last_seen_at: Date | null;
  check_id: number;
  policy_id: string;
  slug: string;
  title: string;
  category: string;
  instance: string;
  policy_version: number;
  severity: number;
  disposition: 'failing' | 'waived';
  intervals: number;
  opened_at: Date;
  resolved_at: Date | null;
  resolution: string | null;
  findings: unknown[];
  waiver_id: string | null;
  object_id: string;
  api_group: string;
  api_version: string;
  kind: string;
  namespace: string;
  name: string;
}

/** The heads: what is open, and what was resolved last. */
const HEADS = 'app.violation';

/** What was open at the moment that stands in the place of `?`: heads since then, and intervals that ended later (P1). */
const OPEN_AT = `(
    select org_id, violation_id, fingerprint, cluster_id, object_id, check_id, policy_version, severity, disposition, intervals, opened_at,
      resolved_at, resolution, findings, waiver_id
    from app.violation where org_id = $1 and resolved_at is null and since <= ?
    union all
    select s.org_id, s.violation_id, h.fingerprint, s.cluster_id, s.object_id, s.check_id, s.policy_version, s.severity,
      s.disposition, s.intervals, s.opened_at, null, null, s.findings, s.waiver_id
    from hist.violation_span s join app.violation h on h.org_id = s.org_id and h.violation_id = s.violation_id
    where s.org_id = $1 and s.valid_from <= ? and s.valid_to > ?)`;

const selectFrom = (source: string): string => `
  select v.violation_id, v.fingerprint, v.cluster_id, c.name as cluster_name, c.labels, c.environment, c.last_seen_at, v.check_id, p.policy_id, p.slug, p.title,
    p.category, d.instance, v.policy_version, v.severity, v.disposition, v.intervals, v.opened_at, v.resolved_at, v.resolution, v.findings,
    v.waiver_id, v.object_id, o.api_group, o.api_version, o.kind, o.namespace, o.name
  from ${source} v
    join app.cluster c on c.org_id = v.org_id and c.cluster_id = v.cluster_id
    join app.inventory_object o on o.org_id = v.org_id and o.object_id = v.object_id
    join app.check_def d on d.org_id = v.org_id and d.check_id = v.check_id
    join app.policy p on p.org_id = d.org_id and p.policy_id = d.policy_id
  where v.org_id = $1`;

export const VIOLATION_SELECT = selectFrom(HEADS);

const SORTS = {
  '-opened_at': {
    order: 'v.opened_at desc, v.violation_id desc',
    keys: ['v.opened_at', 'v.violation_id'],
    parts: ['time', 'uuid'],
  },
  '-severity': {
    order: 'v.severity desc, v.opened_at desc, v.violation_id desc',
    keys: ['v.severity', 'v.opened_at', 'v.violation_id'],
    parts: ['integer', 'time', 'uuid'],
  },
} as const;

/**
 * Turns a list's filters into SQL: by columns with `=`, `<` and `>` alone (P4).
 * @param orgId UUID
 * @param query the filters
 * @param clusterId UUID where one is asked for
 * @param moment now, or the one that `at` asks for
 */
export function violationsQuery(
  orgId: string,
  query: ListViolations,
  clusterId: string | undefined,
  moment: Date,
): { sql: string; parameters: unknown[] } {
  const where = new Conditions(orgId);
  const select =
    query.at === undefined ? VIOLATION_SELECT : selectFrom(OPEN_AT.replaceAll('?', where.parameter(moment)));
  if (clusterId !== undefined) where.add('v.cluster_id = ?', clusterId);
  if (query.policy !== undefined)
    where.add('(p.slug = ? or p.policy_id = ?::uuid)', query.policy, parsePublicId('policy', query.policy));
  if (query.severity !== undefined) where.add('v.severity = ?', severityRank(query.severity));
  if (query.namespace !== undefined) where.add('o.namespace = ?', query.namespace);
  if (query.q !== undefined) addPrefix(where, query.q);
  addState(where, query, moment);
  const sort = SORTS[query.sort];
  if (query.cursor !== undefined) {
    const key = decodeCursor(query.cursor, query.sort, sort.parts);
    where.add(`(${sort.keys.join(', ')}) < (${sort.keys.map(() => '?').join(', ')})`, ...key);
  }
  const limit = query.limit + 1;
  return { sql: `${select}${where.sql} order by ${sort.order} limit ${limit}`, parameters: where.parameters };
}

/** @returns the cursor of a row in the order that was asked for */
export function violationCursor(sort: ListViolations['sort'], row: ViolationRow): string {
  const opened = row.opened_at.toISOString();
  return encodeCursor(
    sort,
    sort === '-severity' ? [row.severity, opened, row.violation_id] : [opened, row.violation_id],
  );
}

function addPrefix(where: Conditions, prefix: string): void {
  const columns = ['o.name', 'o.namespace', 'p.slug'];
  const range = columns.map((column) => `(${column} >= ? and ${column} < ? || chr(1114111))`).join(' or ');
  where.add(`(${range})`, ...columns.flatMap(() => [prefix, prefix]));
}

function addState(where: Conditions, query: ListViolations, now: Date): void {
  const { state, disposition, from, to } = query;
  if (disposition !== undefined) where.add('v.disposition = ?', disposition);
  if (state === undefined && disposition === undefined && from === undefined && to === undefined) {
    where.add(`v.resolved_at is null and v.disposition = ?`, 'failing');
  }
  if (from !== undefined) where.add('(v.resolved_at is null or v.resolved_at >= ?)', from);
  if (to !== undefined) where.add('v.opened_at < ?', to);
  const newSince = new Date(now.getTime() - NEW_FOR_MS);
  if (state === 'resolved') where.add('v.resolved_at is not null');
  if (state === 'regressed') where.add('v.resolved_at is null and v.intervals > 1');
  if (state === 'new') where.add('v.resolved_at is null and v.intervals = 1 and v.opened_at > ?', newSince);
  if (state === 'ongoing') where.add('v.resolved_at is null and v.intervals = 1 and v.opened_at <= ?', newSince);
}
