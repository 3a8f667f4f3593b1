import { publicId } from '#kernel';
import type { Tx } from '#platform';
import type { BuiltInLibrary } from './built-in-library.js';

/** What an organization made itself under slugs that are built in as well, by slug, each with its UUID. */
export interface Shadowing {
  policies: ReadonlyMap<string, string>;
  sets: ReadonlyMap<string, string>;
}

/** @returns which of the library's slugs an organization has taken already */
export async function shadowing(tx: Tx, library: BuiltInLibrary): Promise<Shadowing> {
  const rows = await tx.query<{ kind: 'policy' | 'set'; slug: string; id: string }>(
    `select 'policy' as kind, slug, policy_id as id from app.policy
       where org_id = $1 and origin <> 'builtin' and slug = any($2::text[])
     union all select 'set', slug, policy_set_id from app.policy_set
       where org_id = $1 and origin <> 'builtin' and slug = any($3::text[])`,
    [tx.scope.orgId, library.policies.map(({ slug }) => slug), library.sets.map(({ slug }) => slug)],
  );
  const ofKind = (wanted: string): Map<string, string> =>
    new Map(rows.flatMap(({ kind, slug, id }) => (kind === wanted ? [[slug, id]] : [])));
  return { policies: ofKind('policy'), sets: ofKind('set') };
}

/**
 * Tells the owner, once each, in the audit log.
 * @returns what was not told before
 */
export async function noteShadowed(
  tx: Tx,
  { policies, sets }: Shadowing,
): Promise<{ subject: string; slug: string }[]> {
  const found = [
    ...[...policies].map(([slug, id]) => ({ action: 'policy.shadowed', subject: publicId('policy', id), slug })),
    ...[...sets].map(([slug, id]) => ({ action: 'policy-set.shadowed', subject: publicId('policySet', id), slug })),
  ];
  const told = await tx.query<{ subject: string }>(
    `select distinct subject from app.audit_log
     where org_id = $1 and subject = any($2::text[]) and action in ('policy.shadowed', 'policy-set.shadowed')`,
    [tx.scope.orgId, found.map(({ subject }) => subject)],
  );
  const known = new Set(told.map(({ subject }) => subject));
  const news = found.filter(({ subject }) => !known.has(subject));
  for (const { action, subject, slug } of news) tx.audit({ action, subject, after: { slug, left_out: 'builtin' } });
  return news.map(({ subject, slug }) => ({ subject, slug }));
}
