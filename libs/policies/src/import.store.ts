import { publicId, uuidV7 } from '#kernel';
import type { Tx } from '#platform';
import { requireRoom } from '#tenancy';
import { freeSlug, type PolicyDraft, slugOf } from './import.rules.js';
import { countOwn } from './own-policies.read-model.js';
import { headOf, insertVersion, markPublished, type OwnVersion } from './own-policies.store.js';
import { lockOrganization, requireRoomForVersion } from './own-quotas.store.js';
import { Policy } from './policy.entity.js';

/** A policy that was imported before. */
export interface KnownImport {
  policyId: string;
  slug: string;
  status: Policy['status'];
  /** The latest. */
  version: number;
  /** Which of its versions was imported last, and of what. */
  importedVersion: number;
  importDigest: Buffer | null;
}

/** A draft that compiled, with all of its version but the number. */
export interface CompiledDraft {
  draft: PolicyDraft;
  version: Omit<OwnVersion, 'version'>;
  digest: Buffer;
}

export interface SavedImport {
  policyId: string;
  slug: string;
  version: number;
  /** Whether a person changed the policy here since it was last imported. */
  editedHere: boolean;
}

/**
 * @param keys of documents
 * @returns what was imported of them before, by key
 */
export async function loadImports(tx: Tx, keys: readonly string[]): Promise<Map<string, KnownImport>> {
  const rows = await tx.query<KnownImport & { key: string }>(
    `select p.import_key as key, p.policy_id as "policyId", p.slug, p.status, l.version,
       coalesce(i.version, 0) as "importedVersion", i.import_digest as "importDigest"
     from app.policy p
       join lateral (select max(v.version) as version from app.policy_version v
         where v.org_id = p.org_id and v.policy_id = p.policy_id) l on true
       left join lateral (select v.version, v.import_digest from app.policy_version v
         where v.org_id = p.org_id and v.policy_id = p.policy_id and v.import_digest is not null
         order by v.version desc limit 1) i on true
     where p.org_id = $1 and p.import_key = any($2::text[])`,
    [tx.scope.orgId, keys],
  );
  return new Map(rows.map(({ key, ...known }) => [key, known]));
}

/**
 * Keeps others from changing what was imported before, and from making policies, until the commit. In this order, which is
 * that of publishing too.
 */
export async function lockImports(tx: Tx, keys: readonly string[]): Promise<void> {
  await tx.query(
    'select 1 from app.policy where org_id = $1 and import_key = any($2::text[]) order by policy_id for update',
    [tx.scope.orgId, keys],
  );
  await lockOrganization(tx);
}

/**
 * @param more how many policies will be made
 * @returns the slugs that somebody has; nobody takes another until the commit
 * @throws AppError `quota_exceeded`
 */
export async function takenSlugs(tx: Tx, more: number): Promise<Set<string>> {
  if (more > 0) await requireRoom(tx, 'custom_policies', countOwn, more);
  const rows = await tx.query<{ slug: string }>('select slug from app.policy where org_id = $1', [tx.scope.orgId]);
  return new Set(rows.map(({ slug }) => slug));
}

/**
 * Saves a draft as a policy, or as the next version of the one that its document was imported as; it acts at once.
 * @param taken slugs that somebody has; a new one is added
 */
export async function saveDraft(
  tx: Tx,
  { draft, version, digest }: CompiledDraft,
  known: KnownImport | undefined,
  taken: Set<string>,
): Promise<SavedImport> {
  const number = (known?.version ?? 0) + 1;
  requireRoomForVersion(number);
  const policyId = known?.policyId ?? uuidV7(tx.now.getTime());
  const slug = known?.slug ?? freeSlug(slugOf(draft.name), taken);
  const next: OwnVersion = { ...version, version: number };
  const where = { orgId: tx.scope.orgId, policyId };
  const before = known === undefined ? null : await tx.repository(Policy).findOneByOrFail(where);
  const head = headOf(tx, policyId, slug, next, {
    status: 'published',
    revision: (before?.revision ?? 0) + 1,
    source: before?.source ?? null,
    origin: 'imported',
    importKey: draft.importKey,
  });
  if (before === null) await tx.repository(Policy).insert(head);
  else await tx.repository(Policy).update(where, head);
  await insertVersion(tx, policyId, next, { note: `imported from ${draft.importKey}`, importDigest: digest });
  await markPublished(tx, policyId, number, undefined);
  tx.audit({
    action: 'policy.import',
    subject: publicId('policy', policyId),
    ...(before && { before: { slug, version: before.version } }),
    after: { slug, version: number, from: draft.importKey },
  });
  return { policyId, slug, version: number, editedHere: known !== undefined && known.importedVersion < known.version };
}
