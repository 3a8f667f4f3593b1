import type { Tx } from '#platform';
import type { CheckCounts, ObjectCounts } from './compliance.rules.js';

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

/**
 * The steps of every count that touch the time from `first` to `last` (P3): those that go on, and those that ended since.
 * @param first SQL of a time
 * @param last SQL of a time
 * @param columns what is counted
 * @param table of `app` with the heads, and of `hist` with what ended
 */
export function stepsBetween(
  { head, span }: { head: string; span: string },
  columns: string,
  first: string,
  last: string,
): string {
  const filter = '($2::uuid is null or cluster_id = $2) and ($4::text is null or namespace = $4)';
  return `
    select ${columns}, since as valid_from, 'infinity'::timestamptz as valid_to from app.${head}
      where org_id = $1 and since <= ${last} and ${filter}
    union all select ${columns}, valid_from, valid_to from hist.${span}
      where org_id = $1 and valid_to > ${first} and valid_from <= ${last} and ${filter}`;
}

export const CHECK_STEPS = { head: 'compliance_head', span: 'compliance_span' };
export const OBJECT_STEPS = { head: 'object_count_head', span: 'object_count_span' };

const SUMS = ['pass', 'fail', 'waived', 'error', 'skipped'].map((name) => `sum(c.${name})::int as ${name}`).join(', ');
const CELL = 'cluster_id, namespace, check_id, pass, fail, waived, error, skipped';

/**
 * @param at a moment; null: now
 * @returns what every check counted in every cluster
 */
export async function loadCounts(tx: Tx, filter: CountsFilter, at: Date | null): Promise<CheckCounts[]> {
  return tx.query<CheckCounts>(
    `select c.cluster_id as "clusterId", p.severity, p.category, ${SUMS}
     from (${at === null ? headsOf(CHECK_STEPS.head, CELL) : stepsBetween(CHECK_STEPS, CELL, '$5::timestamptz', '$5::timestamptz')}) c
       join app.check_def d on d.org_id = $1 and d.check_id = c.check_id
       join app.policy p on p.org_id = d.org_id and p.policy_id = d.policy_id
     where $3::uuid is null or d.policy_id = $3
     group by c.cluster_id, p.severity, p.category`,
    [tx.scope.orgId, ...filterParameters(filter), ...(at === null ? [] : [at])],
  );
}

/**
 * Objects under checks, failing in one, and under none. Of one policy: those that it judged, of a policy with several
 * instances by the instance that judged most.
 * @param at a moment; null: now
 */
export async function loadObjects(tx: Tx, filter: CountsFilter, at: Date | null): Promise<ObjectCounts[]> {
  const parameters = [tx.scope.orgId, ...filterParameters(filter), ...(at === null ? [] : [at])];
  const time = '$5::timestamptz';
  if (filter.policyId !== null) {
    const cells = at === null ? headsOf(CHECK_STEPS.head, CELL) : stepsBetween(CHECK_STEPS, CELL, time, time);
    return tx.query<ObjectCounts>(
      `with largest as (
         select c.cluster_id, c.namespace, max(c.pass + c.fail + c.waived + c.error + c.skipped) as judged, max(c.fail) as failing
         from (${cells}) c join app.check_def d on d.org_id = $1 and d.check_id = c.check_id and d.policy_id = $3
         group by c.cluster_id, c.namespace)
       select cluster_id as "clusterId", sum(judged)::int as judged, sum(failing)::int as failing, 0 as excluded from largest group by cluster_id`,
      parameters,
    );
  }
  const columns = 'cluster_id, namespace, judged, failing, excluded';
  const cells = at === null ? headsOf(OBJECT_STEPS.head, columns) : stepsBetween(OBJECT_STEPS, columns, time, time);
  return tx.query<ObjectCounts>(
    `select c.cluster_id as "clusterId", sum(c.judged)::int as judged, sum(c.failing)::int as failing, sum(c.excluded)::int as excluded
     from (${cells}) c where $3::uuid is null group by c.cluster_id`,
    parameters,
  );
}

function headsOf(head: string, columns: string): string {
  return `select ${columns} from app.${head}
    where org_id = $1 and ($2::uuid is null or cluster_id = $2) and ($4::text is null or namespace = $4)`;
}
