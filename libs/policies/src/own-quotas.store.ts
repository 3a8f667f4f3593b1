import { AppError } from '#kernel';
import type { Tx } from '#platform';
import { OWN_SOURCES_MAX, VERSIONS_MAX } from './own-policy.rules.js';

/**
 * @param version of the policy that would be saved
 * @throws AppError `quota_exceeded`
 */
export function requireRoomForVersion(version: number): void {
  if (version <= VERSIONS_MAX) return;
  throw new AppError(
    'quota_exceeded',
    `A policy has at most ${VERSIONS_MAX} versions: save its Rego as a policy of another slug, and archive this one.`,
  );
}

/**
 * Makes room for the sources of a version among those that act; one that is smaller than what it replaces always has it.
 * @param policyId UUID of the policy, locked
 * @param version that would act
 * @throws AppError `quota_exceeded`
 */
export async function requireRoomToAct(tx: Tx, policyId: string, version: number): Promise<void> {
  await lockOrganization(tx);
  const rows = await tx.query<{ others: number; before: number; after: number }>(
    `with source as (
       select p.policy_id, p.policy_id = $2 and v.version = $3 as wanted,
         v.version = p.version and p.status in ('published', 'deprecated') as acting,
         octet_length(v.rego) + octet_length(v.given::text) + octet_length(v.libs::text) as bytes
       from app.policy p join app.policy_version v on v.org_id = p.org_id and v.policy_id = p.policy_id
         and (v.version = p.version or (p.policy_id = $2 and v.version = $3))
       where p.org_id = $1 and p.origin <> 'builtin')
     select coalesce(sum(bytes) filter (where acting and policy_id <> $2), 0)::int as others,
       coalesce(sum(bytes) filter (where acting and policy_id = $2), 0)::int as before,
       coalesce(sum(bytes) filter (where wanted), 0)::int as after
     from source`,
    [tx.scope.orgId, policyId, version],
  );
  const { others = 0, before = 0, after = 0 } = rows[0] ?? {};
  if (others + after <= OWN_SOURCES_MAX || after <= before) return;
  throw tooMuchActs(others + after);
}

/** @returns how many bytes the organization's policies that act have together */
export async function actingBytes(tx: Tx): Promise<number> {
  const rows = await tx.query<{ bytes: number }>(
    `select coalesce(sum(octet_length(v.rego) + octet_length(v.given::text) + octet_length(v.libs::text)), 0)::int as bytes
     from app.policy p join app.policy_version v on v.org_id = p.org_id and v.policy_id = p.policy_id and v.version = p.version
     where p.org_id = $1 and p.origin <> 'builtin' and p.status in ('published', 'deprecated')`,
    [tx.scope.orgId],
  );
  return rows[0]?.bytes ?? 0;
}

/**
 * Sees that what acts now has room; what is less than before always has it.
 * @param before bytes that acted, see `actingBytes`
 * @throws AppError `quota_exceeded`
 */
export async function requireRoomForActing(tx: Tx, before: number): Promise<void> {
  const after = await actingBytes(tx);
  if (after > OWN_SOURCES_MAX && after > before) throw tooMuchActs(after);
}

function tooMuchActs(bytes: number): AppError {
  return new AppError(
    'quota_exceeded',
    `The policies of an organization that act have at most ${OWN_SOURCES_MAX} bytes of Rego and metadata together; with this they would have ${bytes}: archive those that nobody uses, or make them smaller.`,
  );
}

/** Who counts in the same moment waits, so that two can't take the last place. */
export async function lockOrganization(tx: Tx): Promise<void> {
  await tx.query('select 1 from app.organization where org_id = $1 for no key update', [tx.scope.orgId]);
}
