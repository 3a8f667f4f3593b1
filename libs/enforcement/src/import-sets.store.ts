import { canonicalJson, type Json, publicId, uuidV7 } from '#kernel';
import { policySlugSchema } from '#contracts';
import { POLICY_SET_CHANGED, PolicySet, type PolicySetChanged, PolicySetItem } from '#policies';
import type { Tx } from '#platform';
import type { ConvertedSet } from './import-bindings.rules.js';

const SLUG_MAX = 60;
const TITLE_MAX = 120;

/**
 * Makes policy sets as documents ask for them, or makes those of an earlier import so.
 * @param tx in which their policies were written
 * @param sets of which no two have one key; a policy that is not there is left out
 * @returns whether it changed, by key
 */
export async function writeSets(tx: Tx, sets: readonly ConvertedSet[]): Promise<Map<string, boolean>> {
  const orgId = tx.scope.orgId;
  const policies = await tx.query<{ import_key: string; policy_id: string }>(
    `select import_key, policy_id from app.policy where org_id = $1 and import_key = any($2::text[])
     and status in ('published', 'deprecated') order by policy_id for share`,
    [orgId, sets.flatMap(({ policies: keys }) => keys)],
  );
  const ids = new Map(policies.map((row) => [row.import_key, row.policy_id]));
  const rows = await tx.query<{ slug: string }>('select slug from app.policy_set where org_id = $1', [orgId]);
  const taken = new Set(rows.map(({ slug }) => slug));
  const changed = new Map<string, boolean>();
  for (const set of sets) {
    const members = [...new Set(set.policies.flatMap((key) => ids.get(key) ?? []))].sort();
    changed.set(set.key, await writeSet(tx, set, members, taken));
  }
  return changed;
}

async function writeSet(
  tx: Tx,
  { key, title }: ConvertedSet,
  members: readonly string[],
  taken: Set<string>,
): Promise<boolean> {
  const orgId = tx.scope.orgId;
  const sets = tx.repository(PolicySet);
  const before = await sets.findOne({ where: { orgId, importKey: key }, lock: { mode: 'pessimistic_write' } });
  const kept =
    before === null ? [] : await tx.repository(PolicySetItem).findBy({ orgId, policySetId: before.policySetId });
  const membersBefore = kept.map(({ policyId }) => policyId).sort();
  const called = title.slice(0, TITLE_MAX);
  const same = canonicalJson(membersBefore) === canonicalJson(members as Json);
  if (before !== null && same && before.title === called) return false;
  const policySetId = before?.policySetId ?? uuidV7(tx.now.getTime());
  const after: PolicySet = {
    orgId,
    policySetId,
    slug: before?.slug ?? freeSlug(title, taken),
    title: called,
    description: before?.description ?? '',
    origin: 'custom',
    revision: (before?.revision ?? 0) + 1,
    importKey: key,
  };
  await sets.save(after);
  await tx.repository(PolicySetItem).delete({ orgId, policySetId });
  await tx.query(
    `insert into app.policy_set_item (org_id, policy_set_id, policy_id, instance, parameters)
     select $1, $2, policy_id, '', '{}' from unnest($3::uuid[]) as policy_id`,
    [orgId, policySetId, members],
  );
  const payload: PolicySetChanged = { policy_set_id: policySetId };
  tx.emit({ topic: POLICY_SET_CHANGED, payload: { ...payload } });
  tx.audit({
    action: before === null ? 'policy-set.create' : 'policy-set.update',
    subject: publicId('policySet', policySetId),
    ...(before !== null && { before: auditShape(before, membersBefore) }),
    after: auditShape(after, members),
  });
  return true;
}

function freeSlug(title: string, taken: Set<string>): string {
  const plain = title
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, SLUG_MAX)
    .replace(/-$/, '');
  const wanted = policySlugSchema.safeParse(plain).success ? plain : 'imported';
  let slug = wanted;
  for (let number = 2; taken.has(slug); number++) slug = `${wanted.slice(0, SLUG_MAX - 4).replace(/-$/, '')}-${number}`;
  taken.add(slug);
  return slug;
}

function auditShape({ slug, title }: PolicySet, members: readonly string[]): object {
  return { slug, title, policies: members.map((id) => publicId('policy', id)) };
}
