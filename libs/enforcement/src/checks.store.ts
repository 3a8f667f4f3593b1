import type { Tx } from '#platform';
import { BOUND_ITEMS } from './effective-bindings.read-model.js';

/**
 * Numbers every check (policy × instance) that a binding uses and that has no number yet; numbers are never given twice.
 * @param tx the organization's transaction; others that number at the same time wait
 */
export async function numberChecks(tx: Tx): Promise<void> {
  const orgId = tx.scope.orgId;
  await tx.query(`select pg_advisory_xact_lock(hashtextextended('bylaw checks ' || $1::text, 0))`, [orgId]);
  await tx.query(
    `with used as (select distinct policy_id, instance from (${BOUND_ITEMS}) item)
     insert into app.check_def (org_id, check_id, policy_id, instance)
     select $1, coalesce((select max(check_id) from app.check_def where org_id = $1), 0) + row_number() over (order by u.policy_id, u.instance),
       u.policy_id, u.instance
     from used u where not exists (
       select 1 from app.check_def c where c.org_id = $1 and c.policy_id = u.policy_id and c.instance = u.instance)`,
    [orgId],
  );
}
