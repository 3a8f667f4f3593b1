import type { Tx } from '#platform';
import type { CheckCounts, ObjectCounts } from './compliance.rules.js';
import { CHECKS, loadRecord, OBJECTS } from './count-record.query.js';

/** Which counts are looked at. */
export interface CountsFilter {
  /** UUID; null: every cluster. */
  clusterId: string | null;
  /** UUID; null: every policy. */
  policyId: string | null;
  /** null: every namespace. */
  namespace: string | null;
}

/** What `$2` to `$4` of a query of counts are. */
export function filterParameters({ clusterId, policyId, namespace }: CountsFilter): unknown[] {
  return [clusterId, policyId, namespace];
}

const CELL = 'cluster_id, namespace, check_id, pass, fail, waived, error, skipped';

/**
 * The steps of every cell's counts that touch the time from `first` to `last` (P3): those that go on, and those that ended
 * since.
 * @param first SQL of a time
 * @param last SQL of a time
 */
export function stepsBetween(first: string, last: string): string {
  const filter = '($2::uuid is null or cluster_id = $2) and ($4::text is null or namespace = $4)';
  return `
    select ${CELL}, since as valid_from, 'infinity'::timestamptz as valid_to from app.compliance_head
      where org_id = $1 and since <= ${last} and ${filter}
    union all select ${CELL}, valid_from, valid_to from hist.compliance_span
      where org_id = $1 and valid_to > ${first} and valid_from <= ${last} and ${filter}`;
}

const SUMS = CHECKS.counted.map((name) => `sum(c.${name})::int as ${name}`).join(', ');

/**
 * @param at a moment; null: now
 * @returns what every check counted in every cluster
 */
export async function loadCounts(tx: Tx, filter: CountsFilter, at: Date | null): Promise<CheckCounts[]> {
  if (filter.clusterId === null) return countsOfAll(tx, filter, at);
  return tx.query<CheckCounts>(
    `select c.cluster_id as "clusterId", p.severity, p.category, ${SUMS}
     from (${cellsAt(at)}) c
       join app.check_def d on d.org_id = $1 and d.check_id = c.check_id
       join app.policy p on p.org_id = d.org_id and p.policy_id = d.policy_id
     where $3::uuid is null or d.policy_id = $3
     group by c.cluster_id, p.severity, p.category`,
    [tx.scope.orgId, ...filterParameters(filter), ...(at === null ? [] : [at])],
  );
}

/** Over all clusters the days' record is shorter than the cells. */
async function countsOfAll(tx: Tx, { policyId }: CountsFilter, at: Date | null): Promise<CheckCounts[]> {
  const checks = await loadChecks(tx);
  const record = await loadRecord(tx, CHECKS, at, at);
  return record
    .rowsAt(at?.getTime() ?? Number.POSITIVE_INFINITY)
    .flatMap(({ clusterId, key, counts }): CheckCounts[] => {
      const check = checks.get(key);
      if (check === undefined || (policyId !== null && check.policyId !== policyId)) return [];
      const [pass = 0, fail = 0, waived = 0, error = 0, skipped = 0] = counts;
      const { severity, category } = check;
      return [{ clusterId, severity, category, pass, fail, waived, error, skipped }];
    });
}

/**
 * Objects under checks, failing in one, and under none. Of one policy: those that it judged, of a policy with several
 * instances by the instance that judged most.
 * @param at a moment; null: now
 */
export async function loadObjects(tx: Tx, filter: CountsFilter, at: Date | null): Promise<ObjectCounts[]> {
  if (filter.policyId !== null)
    return tx.query<ObjectCounts>(
      `with largest as (
         select c.cluster_id, c.namespace, max(c.pass + c.fail + c.waived + c.error + c.skipped) as judged, max(c.fail) as failing
         from (${cellsAt(at)}) c join app.check_def d on d.org_id = $1 and d.check_id = c.check_id and d.policy_id = $3
         group by c.cluster_id, c.namespace)
       select cluster_id as "clusterId", sum(judged)::int as judged, sum(failing)::int as failing, 0 as excluded from largest group by cluster_id`,
      [tx.scope.orgId, ...filterParameters(filter), ...(at === null ? [] : [at])],
    );
  if (at === null)
    return tx.query<ObjectCounts>(
      `select cluster_id as "clusterId", sum(judged)::int as judged, sum(failing)::int as failing, sum(excluded)::int as excluded
       from app.object_count_head where org_id = $1 and ($2::uuid is null or cluster_id = $2) group by cluster_id`,
      [tx.scope.orgId, filter.clusterId],
    );
  const record = await loadRecord(tx, OBJECTS, at, at);
  return record
    .rowsAt(at.getTime())
    .flatMap(({ clusterId, counts: [judged = 0, failing = 0, excluded = 0] }) =>
      filter.clusterId !== null && filter.clusterId !== clusterId ? [] : [{ clusterId, judged, failing, excluded }],
    );
}

/** What a check is, for sums. */
export interface CheckFacts {
  policyId: string;
  slug: string;
  severity: number;
  category: string;
}

/** @returns every check by its number */
export async function loadChecks(tx: Tx): Promise<Map<string, CheckFacts>> {
  const rows = await tx.query<CheckFacts & { key: string }>(
    `select d.check_id::text as key, p.policy_id as "policyId", p.slug, p.severity, p.category
     from app.check_def d join app.policy p on p.org_id = d.org_id and p.policy_id = d.policy_id where d.org_id = $1`,
    [tx.scope.orgId],
  );
  return new Map(rows.map(({ key, ...facts }) => [key, facts]));
}

/** SQL of the cells as they count at `$5`, or now. */
function cellsAt(at: Date | null): string {
  if (at !== null) return stepsBetween('$5::timestamptz', '$5::timestamptz');
  return `select ${CELL} from app.compliance_head
    where org_id = $1 and ($2::uuid is null or cluster_id = $2) and ($4::text is null or namespace = $4)`;
}
