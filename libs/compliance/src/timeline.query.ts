import type { TimelineGroup } from '#contracts';
import type { Tx } from '#platform';
import type { Disconnection } from './connections.query.js';
import { CHECKS, loadRecord } from './count-record.query.js';
import { type CountsFilter, filterParameters, loadChecks, stepsBetween } from './counts.query.js';
import { replay, type SeriesOf } from './timeline-replay.rules.js';
import { COUNTED as COLUMNS, type Counted, SeriesMoves } from './series-moves.rules.js';

/** What a series of a timeline is of, and how it is called. */
const GROUPS: Record<TimelineGroup | 'none', { key: string; name: string }> = {
  none: { key: `''`, name: `''` },
  cluster: {
    key: 'e.cluster_id::text',
    name: '(select name from app.cluster where org_id = $1 and cluster_id = g.key::uuid)',
  },
  namespace: { key: 'e.namespace', name: 'g.key' },
  category: { key: 'p.category', name: 'g.key' },
  severity: { key: 'p.severity::text', name: 'g.key' },
  policy: {
    key: 'p.policy_id::text',
    name: '(select slug from app.policy where org_id = $1 and policy_id = g.key::uuid)',
  },
};

const COUNTED = CHECKS.counted;
const ALL = COUNTED.map((name) => `c.${name}`).join(' + ');
const signed = (sign: '' | '-', alias: string): string => COUNTED.map((name) => `${sign}${alias}.${name}`).join(', ');
const SUMS = [...COUNTED, 'unknown'].map((name) => `sum(${name})::int as ${name}`).join(', ');

/**
 * How counts move between the moments of a timeline: of all clusters by the days' record, of one or of a namespace by its
 * cells.
 * @param steps the moments, in order
 * @param gaps when clusters were disconnected in between
 * @returns by series
 */
export async function loadMoves(
  tx: Tx,
  filter: CountsFilter,
  groupBy: TimelineGroup | undefined,
  steps: readonly Date[],
  gaps: readonly Disconnection[],
): Promise<SeriesMoves[]> {
  if (filter.clusterId !== null || filter.namespace !== null || groupBy === 'namespace')
    return movesOfCells(tx, filter, groupBy, steps, gaps);
  const seriesOf = await loadSeries(tx, groupBy, filter.policyId);
  return replay(await loadRecord(tx, CHECKS, steps[0] ?? null, steps.at(-1) ?? null), steps, gaps, seriesOf);
}

async function loadSeries(
  tx: Tx,
  groupBy: Exclude<TimelineGroup, 'namespace'> | undefined,
  policyId: string | null,
): Promise<SeriesOf> {
  const checks = await loadChecks(tx);
  const clusters = new Map<string, string>();
  if (groupBy === 'cluster') {
    const rows = await tx.query<{ id: string; name: string }>(
      'select cluster_id as id, name from app.cluster where org_id = $1',
      [tx.scope.orgId],
    );
    for (const { id, name } of rows) clusters.set(id, name);
  }
  return ({ clusterId, key }) => {
    const check = checks.get(key);
    if (check === undefined || (policyId !== null && check.policyId !== policyId)) return undefined;
    const named = (name: string): { key: string; name: string } => ({ key: name, name });
    switch (groupBy) {
      case 'cluster':
        return { key: clusterId, name: clusters.get(clusterId) ?? clusterId };
      case 'policy':
        return { key: check.policyId, name: check.slug };
      case 'severity':
        return named(String(check.severity));
      case 'category':
        return named(check.category);
      default:
        return named('');
    }
  };
}

/**
 * In one pass over the steps of all cells that were asked for: each adds what it counts where it begins and takes it away
 * where it ends; while its cluster is disconnected, what it counts is unknown (V1, P3).
 * @param steps the moments, in order
 * @param gaps when clusters were disconnected in between
 * @returns by series
 */
async function movesOfCells(
  tx: Tx,
  filter: CountsFilter,
  groupBy: TimelineGroup | undefined,
  steps: readonly Date[],
  gaps: readonly Disconnection[],
): Promise<SeriesMoves[]> {
  const { key, name } = GROUPS[groupBy ?? 'none'];
  const rows = await tx.query<MoveRow>(
    `with steps as (${stepsBetween('$5::timestamptz', '$6::timestamptz')}),
     gaps as (select * from unnest($8::uuid[], $9::timestamptz[], $10::timestamptz[]) as g (cluster_id, begun, ended)),
     unknown as (
       select c.*, greatest(c.valid_from, g.begun) as begun, least(c.valid_to, g.ended) as ended, ${ALL} as eligible
       from steps c join gaps g on g.cluster_id = c.cluster_id
       where greatest(c.valid_from, g.begun) < least(c.valid_to, g.ended)),
     edges as (
       select cluster_id, namespace, check_id, valid_from as at, ${signed('', 'c')}, 0 as unknown from steps c
       union all select cluster_id, namespace, check_id, valid_to, ${signed('-', 'c')}, 0 from steps c
       union all select cluster_id, namespace, check_id, begun, ${signed('-', 'u')}, u.eligible from unknown u
       union all select cluster_id, namespace, check_id, ended, ${signed('', 'u')}, -u.eligible from unknown u),
     pairs as (
       -- The first moment at or after an edge: those before it, and one more.
       select e.cluster_id, e.check_id, ${key} as key, width_bucket(e.at - interval '1 microsecond', $7::timestamptz[]) as step, ${SUMS}
       from edges e join app.check_def d on d.org_id = $1 and d.check_id = e.check_id
         join app.policy p on p.org_id = d.org_id and p.policy_id = d.policy_id
       where e.at <= $6 and ($3::uuid is null or d.policy_id = $3) group by 1, 2, 3, 4),
     alike as (
       select cluster_id, check_id from pairs group by 1, 2
       having sum(pass + fail + waived + error + skipped + unknown) filter (where step = 0) > 0
         and sum(pass + fail + waived + error + skipped + unknown) > 0),
     g as (
       select pairs.key, step, alike.check_id is not null as alike, ${SUMS}
       from pairs left join alike on alike.cluster_id = pairs.cluster_id and alike.check_id = pairs.check_id group by 1, 2, 3)
     select g.*, ${name} as name from g order by key, step`,
    [
      tx.scope.orgId,
      ...filterParameters(filter),
      steps[0],
      steps.at(-1),
      steps,
      gaps.map(({ clusterId }) => clusterId),
      gaps.map(({ from }) => from),
      gaps.map(({ to }) => to ?? 'infinity'),
    ],
  );
  return summed(rows, steps.length);
}

/** How the counts of a series move at one moment. */
interface MoveRow extends Counted {
  key: string;
  name: string;
  /** Index of the first moment at which it is seen. */
  step: number;
  /** Of checks in clusters that were counted both at the first moment and at the last. */
  alike: boolean;
}

function summed(rows: readonly MoveRow[], moments: number): SeriesMoves[] {
  const series = new Map<string, SeriesMoves>();
  for (const row of rows) {
    const own = series.get(row.key) ?? new SeriesMoves(row.key, row.name, moments);
    series.set(row.key, own);
    for (const [column, name] of COLUMNS.entries()) own.add(row.step, row.alike, column, row[name]);
  }
  return [...series.values()];
}
