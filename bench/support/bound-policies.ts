import { systemScope } from '#kernel';
import { numberChecks } from '#enforcement';
import { gvkOf, kindMatches } from '#kube';
import { Database } from '#platform';
import { BuiltInLibrary } from '#policies';
import { OrganizationsDirectory } from '#tenancy';
import type { TestPlatform } from '../../test/support/test-platform.js';
import { aDeployment } from './objects.js';

/**
 * Adds policies of the library to the default binding until so many checks apply to a Deployment; where the library has no
 * more that judge one, they are repeated under other instances.
 * @param platform with its first organization
 * @param checks how many
 * @returns the organization's id, and how many different policies they are
 */
export async function bindPolicies(
  platform: TestPlatform,
  checks: number,
): Promise<{ orgId: string; policies: number }> {
  const [orgId = ''] = await platform.app.get(OrganizationsDirectory).dangerouslyListAll();
  const judging = policiesOfDeployments(platform.app.get(BuiltInLibrary));
  await platform.app.get(Database).run(systemScope(orgId, 'bench'), async (tx) => {
    await tx.query(
      `with judging as (
         select p.policy_id, i.policy_id is not null as bound,
           row_number() over (order by i.policy_id is null, place) - 1 as place, count(*) over () as size
         from unnest($3::text[]) with ordinality as s (slug, place)
           join app.policy p on p.org_id = $1 and p.slug = s.slug
           join app.policy_set b on b.org_id = $1 and b.slug = 'best-practices'
           left join app.policy_set_item i on i.org_id = $1 and i.policy_set_id = b.policy_set_id and i.policy_id = p.policy_id)
       insert into app.binding_item (org_id, binding_id, policy_id, instance)
       select $1, b.binding_id, j.policy_id, case n when 0 then '' else 'copy-' || n end
       from app.binding b, judging j, generate_series(0, 100) n
       where b.org_id = $1 and b.name = 'default' and n * j.size + j.place < $2 and not (n = 0 and j.bound)`,
      [orgId, checks, judging],
    );
    await numberChecks(tx);
  });
  return { orgId, policies: Math.min(checks, judging.length) };
}

function policiesOfDeployments({ policies }: BuiltInLibrary): string[] {
  const deployment = aDeployment(0);
  const gvk = gvkOf(deployment) ?? { group: '', version: '', kind: '' };
  return policies
    .filter(({ metadata }) => metadata.kinds.some((kind) => kindMatches(kind, gvk, deployment)))
    .map(({ slug }) => slug);
}
