import { decodeCursor, encodeCursor, parsePublicId, severityRank } from '#kernel';
import type { ExportViolations, ListViolations } from '#contracts';
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

/** What a list shows of a row `v`, about its object `o`, check `d`, policy `p` and cluster `c`. */
const shown = ({
  fingerprint = 'v.fingerprint',
  findings = 'v.findings',
  end = 'v.resolved_at, v.resolution',
}): string => `
  select v.violation_id, ${fingerprint}, v.cluster_id, c.name as cluster_name, c.labels, c.environment, c.last_seen_at, v.check_id, p.policy_id, p.slug,
    p.title, p.category, d.instance, v.policy_version, v.severity, v.disposition, v.intervals, v.opened_at, ${end}, ${findings},
    v.waiver_id, v.object_id, o.api_group, o.api_version, o.kind, o.namespace, o.name`;
const ABOUT = `
    join app.cluster c on c.org_id = v.org_id and c.cluster_id = v.cluster_id
    join app.inventory_object o on o.org_id = v.org_id and o.object_id = v.object_id
    join app.check_def d on d.org_id = v.org_id and d.check_id = v.check_id
    join app.policy p on p.org_id = d.org_id and p.policy_id = d.policy_id
  where v.org_id = $1`;

/** The heads: what is open, and what was resolved last, whose findings are in its last interval. */
export const VIOLATION_SELECT = `${shown({ findings: 'coalesce(l.findings, v.findings) as findings' })}
  from app.violation v
    left join hist.violation_span l on l.org_id = v.org_id and l.violation_id = v.violation_id and l.valid_to = v.resolved_at${ABOUT}`;

/**
 * What was open at the moment that stands in the place of `?` (P1): heads since then, and intervals that ended later. Each
 * is sorted and cut by itself, so that it is read by its index, from that moment backwards.
 */
const OPEN_SINCE = `${shown({})}
  from app.violation v${ABOUT} and v.resolved_at is null and v.since <= ? and v.opened_at <= ?`;
const OPEN_UNTIL = `${shown({ fingerprint: 'h.fingerprint', end: 'null::timestamptz as resolved_at, null::text as resolution' })}
  from hist.violation_span v
    join app.violation h on h.org_id = v.org_id and h.violation_id = v.violation_id${ABOUT}
    and v.valid_from <= ? and v.valid_to > ? and v.opened_at <= ?`;

/** An interval of a violation with what it is about. */
export type IntervalRow = Omit<ViolationRow, 'opened_at' | 'resolved_at' | 'intervals'> & {
  valid_from: Date;
  valid_to: Date | null;
};

/** What an interval `s` of violation `v` is about. */
const INTERVAL_SELECT = `
  select v.violation_id, v.fingerprint, v.cluster_id, c.name as cluster_name, p.policy_id, p.slug, p.title, p.category, d.instance, s.severity,
    s.valid_from, s.valid_to, s.disposition, s.resolution, s.policy_version, s.findings, s.waiver_id,
    v.object_id, o.api_group, o.api_version, o.kind, o.namespace, o.name`;
const INTERVAL_JOINS = `
    join app.cluster c on c.org_id = v.org_id and c.cluster_id = v.cluster_id
    join app.inventory_object o on o.org_id = v.org_id and o.object_id = v.object_id
    join app.check_def d on d.org_id = v.org_id and d.check_id = v.check_id
    join app.policy p on p.org_id = d.org_id and p.policy_id = d.policy_id
  where v.org_id = $1`;

/**
 * Closed intervals are history, the one that lasts is in the head (P1). Joined apart: over the union of both, row-level
 * security would let each row of one look through all of the other.
 */
const CLOSED = `${INTERVAL_SELECT}
  from hist.violation_span s join app.violation v on v.org_id = s.org_id and v.violation_id = s.violation_id${INTERVAL_JOINS} and s.org_id = $1`;
const LASTING = `${INTERVAL_SELECT}
  from app.violation v
    cross join lateral (select v.since as valid_from, null::timestamptz as valid_to, v.severity, v.disposition, null::text as resolution,
      v.policy_version, v.findings, v.waiver_id) s${INTERVAL_JOINS} and v.resolved_at is null`;

type Filters = Omit<ListViolations, 'limit'>;

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
 * @param query the filters; without a limit, all rows
 * @param clusterId UUID where one is asked for
 * @param moment now, or the one that `at` asks for
 */
export function violationsQuery(
  orgId: string,
  query: Filters & { limit?: number },
  clusterId: string | undefined,
  moment: Date,
): { sql: string; parameters: unknown[] } {
  const where = new Conditions(orgId);
  const then = query.at === undefined ? undefined : where.parameter(moment);
  addSubject(where, query, clusterId);
  addDefaults(where, query, then !== undefined);
  addState(where, query.state, moment, then !== undefined);
  const sort = SORTS[query.sort];
  if (query.cursor !== undefined) {
    const key = decodeCursor(query.cursor, query.sort, sort.parts);
    where.add(`(${sort.keys.join(', ')}) < (${sort.keys.map(() => '?').join(', ')})`, ...key);
  }
  const limit = query.limit === undefined ? '' : ` limit ${query.limit + 1}`;
  const tail = ` order by ${sort.order}${limit}`;
  if (then === undefined) return { sql: `${VIOLATION_SELECT}${where.sql}${tail}`, parameters: where.parameters };
  const branches = [OPEN_SINCE, OPEN_UNTIL].map(
    (select) => `(${select.replaceAll('?', then)}${where.sql}${limit && tail})`,
  );
  return { sql: `select * from (${branches.join(' union all ')}) v${tail}`, parameters: where.parameters };
}

/** @returns the cursor of a row in the order that was asked for */
export function violationCursor(sort: ListViolations['sort'], row: ViolationRow): string {
  const opened = row.opened_at.toISOString();
  return encodeCursor(
    sort,
    sort === '-severity' ? [row.severity, opened, row.violation_id] : [opened, row.violation_id],
  );
}

/**
 * Turns an export's filters into SQL over all intervals, closed ones and those that last.
 * @param orgId UUID
 * @param query the filters
 * @param clusterId UUID where one is asked for
 * @param now the platform's time
 */
export function intervalsQuery(
  orgId: string,
  query: ExportViolations,
  clusterId: string | undefined,
  now: Date,
): { sql: string; parameters: unknown[] } {
  const where = new Conditions(orgId);
  addSubject(where, query, clusterId);
  addState(where, query.state, now, false);
  const { disposition, from, to } = query;
  if (disposition !== undefined) where.add('s.disposition = ?', disposition);
  if (from !== undefined) where.add('(s.valid_to is null or s.valid_to > ?)', from);
  if (to !== undefined) where.add('s.valid_from < ?', to);
  return {
    sql: `${CLOSED}${where.sql} union all ${LASTING}${where.sql} order by violation_id, valid_from`,
    parameters: where.parameters,
  };
}

function addSubject(where: Conditions, query: Filters, clusterId: string | undefined): void {
  if (clusterId !== undefined) where.add('v.cluster_id = ?', clusterId);
  if (query.policy !== undefined)
    where.add('(p.slug = ? or p.policy_id = ?::uuid)', query.policy, parsePublicId('policy', query.policy));
  if (query.severity !== undefined) where.add('v.severity = ?', severityRank(query.severity));
  if (query.namespace !== undefined) where.add('o.namespace = ?', query.namespace);
  if (query.q !== undefined) addPrefix(where, query.q);
}

function addPrefix(where: Conditions, prefix: string): void {
  const columns = ['o.name', 'o.namespace', 'p.slug'];
  const range = columns.map((column) => `(${column} >= ? and ${column} < ? || chr(1114111))`).join(' or ');
  where.add(`(${range})`, ...columns.flatMap(() => [prefix, prefix]));
}

function addDefaults(where: Conditions, query: Filters, isPast: boolean): void {
  const { state, disposition, from, to } = query;
  if (disposition !== undefined) where.add('v.disposition = ?', disposition);
  if (state === undefined && disposition === undefined && from === undefined && to === undefined) {
    if (!isPast) where.add('v.resolved_at is null');
    where.add('v.disposition = ?', 'failing');
  }
  if (from !== undefined) where.add('(v.resolved_at is null or v.resolved_at >= ?)', from);
  if (to !== undefined) where.add('v.opened_at < ?', to);
}

/** @param isPast of a moment in the past only what was open is listed */
function addState(where: Conditions, state: Filters['state'], now: Date, isPast: boolean): void {
  const newSince = new Date(now.getTime() - NEW_FOR_MS);
  if (state === 'resolved') where.add('v.resolved_at is not null');
  else if (state !== undefined && !isPast) where.add('v.resolved_at is null');
  if (state === 'regressed') where.add('v.intervals > 1');
  if (state === 'new') where.add('v.intervals = 1 and v.opened_at > ?', newSince);
  if (state === 'ongoing') where.add('v.intervals = 1 and v.opened_at <= ?', newSince);
}
