import type { RelatedDeclaration } from '#engine';
import type { Tx } from '#platform';
import { ACTING_VERSION, BOUND_ITEMS } from './effective-bindings.read-model.js';

/**
 * What the policies that act in an organization say of other objects (E7), whatever triggers their bindings: CI asks of an
 * inventory what no run may have asked yet.
 * @param tx the organization's transaction
 */
export async function loadBoundRelations(tx: Tx): Promise<RelatedDeclaration[]> {
  const rows = await tx.query<{ related: RelatedDeclaration[] }>(
    `select distinct v.metadata -> 'related' as related from (${BOUND_ITEMS}) i
       join app.binding b on b.org_id = $1 and b.binding_id = i.binding_id
       join app.policy p on p.org_id = $1 and p.policy_id = i.policy_id and p.status in ('published', 'deprecated')
       join app.policy_version v on v.org_id = $1 and v.policy_id = p.policy_id
         and v.version = ${ACTING_VERSION}
     where case jsonb_typeof(v.metadata -> 'related') when 'array' then v.metadata -> 'related' <> '[]' else false end`,
    [tx.scope.orgId],
  );
  return rows.flatMap(({ related }) => related);
}
