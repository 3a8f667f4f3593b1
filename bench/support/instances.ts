import { systemScope } from '#kernel';
import { numberChecks } from '#enforcement';
import { Database } from '#platform';
import { OrganizationsDirectory } from '#tenancy';
import type { TestPlatform } from '../../test/support/test-platform.js';

/**
 * Repeats the default binding's policies under further instances, until so many checks apply to a Deployment.
 * @param platform with its first organization
 * @param checks how many
 * @returns the organization's id
 */
export async function repeatPolicies(platform: TestPlatform, checks: number): Promise<string> {
  const [orgId = ''] = await platform.app.get(OrganizationsDirectory).dangerouslyListAll();
  await platform.app.get(Database).run(systemScope(orgId, 'bench'), async (tx) => {
    await tx.query(
      `with applicable as (
         select p.policy_id, row_number() over (order by p.slug) as place, count(*) over () as size
         from app.policy_set s join app.policy_set_item i on i.org_id = s.org_id and i.policy_set_id = s.policy_set_id
           join app.policy p on p.org_id = i.org_id and p.policy_id = i.policy_id
         where i.org_id = $1 and s.slug = 'best-practices' and 'ClusterRole' <> all(p.kinds))
       insert into app.binding_item (org_id, binding_id, policy_id, instance)
       select $1, b.binding_id, a.policy_id, 'copy-' || n
       from app.binding b, applicable a, generate_series(1, 100) n
       where b.org_id = $1 and b.name = 'default' and n * a.size + a.place <= $2`,
      [orgId, checks],
    );
    await numberChecks(tx);
  });
  return orgId;
}
