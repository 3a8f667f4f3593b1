import { setImmediate } from 'node:timers/promises';
import { AppError, type ErrorPlace, type JsonObject, parsePublicId } from '#kernel';
import type { PolicyItem } from '#contracts';
import { mergeParameters, parameterProblems, type PolicyMetadata } from '#engine';
import type { Tx } from '#platform';

/** A policy that a set or a binding names, under one name. */
export interface ResolvedItem {
  policyId: string;
  slug: string;
  instance: string;
  parameters: JsonObject;
  /** Of the version that acts. */
  metadata: PolicyMetadata;
  version: number;
  origin: 'builtin' | 'custom' | 'imported';
}

interface PolicyRow {
  policy_id: string;
  slug: string;
  status: string;
  version: number;
  origin: ResolvedItem['origin'];
  metadata: PolicyMetadata;
}

const PROBLEMS_MAX = 100;

/**
 * Finds the policies that items name, and checks their parameters.
 * @param tx the organization's transaction
 * @param items as they were given, by id or slug
 * @throws AppError `policy_not_active` with every policy that is not there or does not act, `unprocessable` where one is
 *   named twice under one instance, `invalid_parameters`; each with pointers
 */
export async function resolveItems(tx: Tx, items: readonly PolicyItem[]): Promise<ResolvedItem[]> {
  const found = await loadPolicies(tx, items);
  const problems: ErrorPlace[] = [];
  const resolved: ResolvedItem[] = [];
  for (const [index, item] of items.entries()) {
    const pointer = `/policies/${index}/policy`;
    const row = found.get(item.policy.toLowerCase()) ?? found.get(parsePublicId('policy', item.policy) ?? '');
    const refusal = refusalOf(item.policy, row);
    if (row === undefined || refusal !== undefined) problems.push({ pointer, detail: refusal ?? '' });
    else resolved.push({ ...resolvedOf(row), instance: item.instance ?? '', parameters: item.parameters ?? {} });
  }
  if (problems.length > 0) throw new AppError('policy_not_active', joined(problems), { errors: problems });
  refuseTwins(resolved);
  await requireParameters(resolved.map((item, index) => ({ ...item, pointer: `/policies/${index}/parameters` })));
  return resolved;
}

/**
 * Checks as many items as there are; others get their turn between any two.
 * @param items with the parameters that were given and where they stand
 * @throws AppError `invalid_parameters` with the places, the first hundred of them
 */
export async function requireParameters(
  items: readonly (Pick<ResolvedItem, 'slug' | 'metadata' | 'parameters'> & { pointer: string })[],
): Promise<void> {
  const problems: ErrorPlace[] = [];
  for (const { slug, metadata, parameters, pointer } of items) {
    const found = parameterProblems(metadata.parameters, mergeParameters(metadata.parameters, parameters));
    const details = found.map(({ pointer: place, detail }) => ({
      pointer: pointer + place,
      detail: `${slug}: ${place.slice(1) || 'parameters'} ${detail}`,
    }));
    problems.push(...details);
    if (problems.length >= PROBLEMS_MAX) break;
    await setImmediate();
  }
  const errors = problems.slice(0, PROBLEMS_MAX);
  if (errors.length > 0) throw new AppError('invalid_parameters', joined(errors), { errors });
}

async function loadPolicies(tx: Tx, items: readonly PolicyItem[]): Promise<Map<string, PolicyRow>> {
  const names = items.map(({ policy }) => policy.toLowerCase());
  const ids = items.flatMap(({ policy }) => parsePublicId('policy', policy) ?? []);
  // Against whoever would archive one of them before they are bound; what is built in is never archived.
  await tx.query(
    `select 1 from app.policy where org_id = $1 and (slug = any($2::text[]) or policy_id = any($3::uuid[])) and origin <> 'builtin'
     order by policy_id for share`,
    [tx.scope.orgId, names, ids],
  );
  const rows = await tx.query<PolicyRow>(
    `select p.policy_id, p.slug, p.status, p.version, p.origin, v.metadata
     from app.policy p left join app.policy_version v on v.org_id = p.org_id and v.policy_id = p.policy_id and v.version = p.version
     where p.org_id = $1 and (p.slug = any($2::text[]) or p.policy_id = any($3::uuid[]))`,
    [tx.scope.orgId, names, ids],
  );
  return new Map(rows.flatMap((row) => [[row.slug, row] as const, [row.policy_id, row] as const]));
}

function refusalOf(asked: string, row: PolicyRow | undefined): string | undefined {
  if (row === undefined) return `there is no policy ${asked.slice(0, 120)}`;
  if (row.status === 'draft') return `${row.slug} is a draft: publish it first`;
  if (row.status === 'archived') return `${row.slug} is archived: it acts no more`;
  return undefined;
}

function resolvedOf(row: PolicyRow): Omit<ResolvedItem, 'instance' | 'parameters'> {
  const { policy_id: policyId, slug, metadata, version, origin } = row;
  return { policyId, slug, metadata, version, origin };
}

function refuseTwins(items: readonly ResolvedItem[]): void {
  const seen = new Set<string>();
  for (const [index, { slug, instance }] of items.entries()) {
    const key = `${slug}/${instance}`;
    if (seen.has(key)) {
      const name = instance === '' ? 'without an instance' : `as instance "${instance}"`;
      const detail = `${slug} stands here twice ${name}: give one of them an instance of its own.`;
      throw new AppError('unprocessable', detail, { errors: [{ pointer: `/policies/${index}`, detail }] });
    }
    seen.add(key);
  }
}

function joined(problems: readonly ErrorPlace[]): string {
  return problems.map(({ pointer, detail }) => `${pointer}: ${detail}`).join('; ');
}
