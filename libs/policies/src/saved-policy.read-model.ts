import { AppError, type JsonObject, parsePublicId } from '#kernel';
import type { PolicyCase } from '#contracts';
import type { DialectOptions, PolicySource } from '#engine';
import type { ReadTx } from '#platform';
import type { LibrarySamples } from './library-samples.js';
import { ownSource } from './own-policy.rules.js';

/** A version of a policy with everything that its author wrote. */
export interface SavedPolicy {
  version: number;
  source: PolicySource;
  /** `_test.rego`, where there is one. */
  tests: string | undefined;
  cases: readonly PolicyCase[];
}

interface SavedRow extends DialectOptions {
  slug: string;
  version: number;
  rego: string | null;
  tests: string | null;
  cases: PolicyCase[];
  given: JsonObject;
}

/**
 * @param samples of the library, which has what built-in policies are made of
 * @param idOrSlug of the policy
 * @param version of an own policy; the latest unless given. Of a built-in one there is what this release has
 * @throws AppError `not_found`
 */
export async function loadSaved(
  tx: ReadTx,
  samples: LibrarySamples,
  idOrSlug: string,
  version?: number,
): Promise<SavedPolicy> {
  const rows = await tx.query<SavedRow>(
    `select p.slug, v.version, v.rego, v.tests, v.cases, v.given, v.dialect, v.rego_version, v.libs
     from app.policy p join app.policy_version v on v.org_id = p.org_id and v.policy_id = p.policy_id
     where p.org_id = $1 and (p.slug = $2 or p.policy_id = $3) and ($4::int is null or v.version = $4)
     order by v.version desc limit 1`,
    [tx.scope.orgId, idOrSlug, parsePublicId('policy', idOrSlug), version ?? null],
  );
  const found = rows[0];
  if (found === undefined)
    throw new AppError('not_found', 'There is no policy with this id or slug, or no such version.');
  const { slug, rego } = found;
  if (rego === null) return { version: found.version, ...(await samples.policy(slug)) };
  return {
    version: found.version,
    source: ownSource(slug, rego, found.given, found),
    tests: found.tests ?? undefined,
    cases: found.cases,
  };
}
