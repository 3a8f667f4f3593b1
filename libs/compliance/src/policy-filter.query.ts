import { AppError, parsePublicId } from '#kernel';
import type { Tx } from '#platform';

/**
 * @param idOrSlug of a policy
 * @returns its UUID
 * @throws AppError `not_found`
 */
export async function resolvePolicy(tx: Tx, idOrSlug: string): Promise<string> {
  const rows = await tx.query<{ policy_id: string }>(
    'select policy_id from app.policy where org_id = $1 and (slug = $2 or policy_id = $3::uuid)',
    [tx.scope.orgId, idOrSlug, parsePublicId('policy', idOrSlug)],
  );
  const found = rows[0]?.policy_id;
  if (found === undefined) throw new AppError('not_found', 'There is no policy with this id or slug.');
  return found;
}
