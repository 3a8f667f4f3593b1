import { AppError, publicId, type JsonObject } from '#kernel';
import type { PolicyCase } from '#contracts';
import type { PolicyMetadata } from '#engine';
import type { Tx } from '#platform';
import type { Written } from './own-policy.rules.js';
import { Policy } from './policy.entity.js';

/** A version as it was saved, with the slug that it goes by. */
export interface SavedVersion extends Written {
  slug: string;
  version: number;
  rego: string;
  tests: string | null;
  cases: PolicyCase[];
  given: JsonObject;
  metadata: PolicyMetadata;
  digest: Buffer;
}

/**
 * @param tx the organization's transaction
 * @param policyId UUID
 * @param version the latest unless given
 * @throws AppError `not_found`, `read_only` where the policy is built in
 */
export async function loadVersion(tx: Tx, policyId: string, version: number | undefined): Promise<SavedVersion> {
  const rows = await tx.query<Omit<SavedVersion, 'rego'> & { rego: string | null }>(
    `select p.slug, v.version, v.rego, v.tests, v.cases, v.given, v.metadata, v.digest, v.dialect,
       v.rego_version, v.libs
     from app.policy p join app.policy_version v on v.org_id = p.org_id and v.policy_id = p.policy_id
     where p.org_id = $1 and p.policy_id = $2 and ($3::int is null or v.version = $3) order by v.version desc limit 1`,
    [tx.scope.orgId, policyId, version ?? null],
  );
  const found = rows[0];
  if (found === undefined)
    throw new AppError(
      'not_found',
      version === undefined ? 'There is no policy with this id.' : `The policy has no version ${version}.`,
    );
  const { rego } = found;
  if (rego === null) throw builtIn(found.slug);
  return { ...found, rego };
}

/**
 * Reads a policy of the organization's own and keeps others from changing it until the commit.
 * @throws AppError `not_found`, `read_only`
 */
export async function lockOwn(tx: Tx, policyId: string): Promise<Policy> {
  const where = { orgId: tx.scope.orgId, policyId };
  const found = await tx.repository(Policy).findOne({ where, lock: { mode: 'pessimistic_write' } });
  if (found === null) throw new AppError('not_found', 'There is no policy with this id.');
  if (found.origin === 'builtin') throw builtIn(found.slug);
  return found;
}

/** @returns the bindings and sets that name a policy */
export async function usersOf(tx: Tx, policyId: string): Promise<{ id: string; name: string }[]> {
  const rows = await tx.query<{ kind: 'binding' | 'policySet'; id: string; name: string }>(
    `select 'binding' as kind, b.binding_id as id, b.name from app.binding b
       join app.binding_item i on i.org_id = b.org_id and i.binding_id = b.binding_id where b.org_id = $1 and i.policy_id = $2
     union select 'policySet', s.policy_set_id, s.slug from app.policy_set s
       join app.policy_set_item i on i.org_id = s.org_id and i.policy_set_id = s.policy_set_id where s.org_id = $1 and i.policy_id = $2
     order by name`,
    [tx.scope.orgId, policyId],
  );
  return rows.map(({ kind, id, name }) => ({ id: publicId(kind, id), name }));
}

function builtIn(slug: string): AppError {
  return new AppError('read_only', `"${slug}" comes with the library: write a policy of your own under another slug.`);
}

/** @returns how many policies of its own the organization has; archived ones don't count */
export async function countOwn(tx: Tx): Promise<number> {
  const rows = await tx.query<{ n: number }>(
    `select count(*)::int as n from app.policy where org_id = $1 and origin <> 'builtin' and status <> 'archived'`,
    [tx.scope.orgId],
  );
  return rows[0]?.n ?? 0;
}
