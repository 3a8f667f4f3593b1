import { severityRank, type JsonObject } from '#kernel';
import type { PolicyCase } from '#contracts';
import type { DialectOptions, PolicyInfo, PolicyMetadata } from '#engine';
import type { Tx } from '#platform';
import { type Written, ownDigest, ownSource, refuseBroken, requireParameterSchema } from './own-policy.rules.js';
import type { Policy } from './policy.entity.js';
import { asAuthor, type RegoCompilers } from './rego-compilers.js';

/** One saved version of an organization's own policy. */
export interface OwnVersion extends Written {
  version: number;
  rego: string;
  /** What the author gave beside it. */
  given: JsonObject;
  metadata: PolicyMetadata;
  digest: Buffer;
}

/**
 * Compiles one policy by itself.
 * @param owner the organization
 * @throws AppError `policy_does_not_compile`, `unprocessable`, `too_many_requests`
 */
export async function compileOwn(
  compilers: RegoCompilers,
  owner: string,
  { slug, rego, given, ...written }: { slug: string; rego: string; given: JsonObject } & DialectOptions,
): Promise<Pick<OwnVersion, 'metadata' | 'digest'>> {
  const lib = await compilers.lib();
  const { errors, policies } = await asAuthor(() =>
    compilers.authors.check({ lib, policies: [ownSource(slug, rego, given, written)] }, { owner }),
  );
  const policy: PolicyInfo | undefined = policies[0];
  if (policy === undefined) refuseBroken(errors);
  // What was saved will be published and bound: its module is wanted within a second then.
  compilers.modules.warmUp(lib);
  requireParameterSchema(policy);
  return { metadata: policy.metadata, digest: ownDigest(policy) };
}

/** @returns the row that lists show: what the version says of itself */
export function headOf(
  tx: Tx,
  policyId: string,
  slug: string,
  { version, metadata }: Pick<OwnVersion, 'version' | 'metadata'>,
  {
    status,
    revision,
    source,
    origin,
    importKey,
  }: Pick<Policy, 'status' | 'revision' | 'source' | 'origin' | 'importKey'>,
): Policy {
  return {
    orgId: tx.scope.orgId,
    policyId,
    slug,
    title: metadata.title,
    category: metadata.category,
    severity: severityRank(metadata.severity),
    version,
    kinds: metadata.kinds,
    updatedAt: tx.now,
    status,
    revision,
    source,
    origin,
    importKey,
  };
}

/** What a version has beside what it does. */
export interface VersionExtras {
  tests?: string | undefined;
  cases?: PolicyCase[] | undefined;
  note?: string | undefined;
  /** SHA-256 of the foreign document that it was made of. */
  importDigest?: Buffer;
}

/** Notes that a version acts from now on; the first time counts. */
export async function markPublished(
  tx: Tx,
  policyId: string,
  version: number,
  note: string | undefined,
): Promise<void> {
  await tx.query(
    `update app.policy_version set published_at = coalesce(published_at, $4), note = coalesce($5, note)
     where org_id = $1 and policy_id = $2 and version = $3`,
    [tx.scope.orgId, policyId, version, tx.now, note ?? null],
  );
}

/** Keeps a version for ever. */
export async function insertVersion(
  tx: Tx,
  policyId: string,
  { version, rego, given, metadata, digest, dialect, rego_version, libs }: OwnVersion,
  { tests, cases, note, importDigest }: VersionExtras,
): Promise<void> {
  await tx.query(
    `insert into app.policy_version (org_id, policy_id, version, digest, metadata, created_at, rego, tests, note, author, given, cases,
       dialect, rego_version, libs, import_digest)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
    [
      tx.scope.orgId,
      policyId,
      version,
      digest,
      JSON.stringify(metadata),
      tx.now,
      rego,
      tests ?? null,
      note ?? null,
      JSON.stringify(tx.scope.actor),
      JSON.stringify(given),
      JSON.stringify(cases ?? []),
      dialect,
      rego_version,
      JSON.stringify(libs),
      importDigest ?? null,
    ],
  );
}
