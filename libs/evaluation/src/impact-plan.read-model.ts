import { AppError, type Enforcement, type JsonObject, parsePublicId } from '#kernel';
import type { BindingItem, EffectiveBinding, TargetCondition } from '#decision';
import { mergeParameters, type PolicyMetadata } from '#engine';
import { loadBindings } from '#enforcement';
import { requireParameters } from '#policies';
import type { Tx } from '#platform';

/** A version of a policy that is tried out. */
export interface TriedPolicy {
  /** UUID */
  policyId: string;
  slug: string;
  version: number;
  /** The one that is published. */
  actingVersion: number | null;
}

/** What is tried out: the policy, and by which bindings. */
export interface ImpactPlan {
  policy: TriedPolicy;
  bindings: EffectiveBinding[];
  /** Whether they are bindings of the organization, and not one that was made up for the trial. */
  bound: boolean;
}

/** How somebody wants a policy to be tried. */
export interface ImpactWish {
  version?: number | undefined;
  /** Public id. */
  target_id?: string | undefined;
  parameters?: JsonObject | undefined;
  enforcement?: Enforcement | undefined;
}

/** The strongest enforcement that a policy can carry. */
const STRONGEST: Record<PolicyMetadata['admission'], Enforcement> = { deny: 'deny', warn: 'warn', none: 'audit' };

interface PolicyRow {
  policy_id: string;
  slug: string;
  origin: BindingItem['origin'];
  status: string;
  acting: number;
  version: number;
  latest: number;
  metadata: PolicyMetadata;
}

/**
 * Where its bindings apply, with their parameters and enforcement; where it has none, or something else is wanted, one
 * that is made up: everywhere unless a target is named, with the defaults, as strictly as the policy can be enforced.
 * @param idOrSlug of the policy
 * @throws AppError `not_found`, `unprocessable` for an earlier version of a built-in policy, `invalid_parameters`
 */
export async function planImpact(tx: Tx, idOrSlug: string, wish: ImpactWish): Promise<ImpactPlan> {
  const row = await loadPolicy(tx, idOrSlug, wish.version);
  const policy: TriedPolicy = {
    policyId: row.policy_id,
    slug: row.slug,
    version: row.version,
    actingVersion: row.status === 'draft' ? null : row.acting,
  };
  const asWished = [wish.target_id, wish.parameters, wish.enforcement].some((one) => one !== undefined);
  const bound = asWished ? [] : await loadBindings(tx, 'all', policy);
  const bindings = bound.flatMap((binding) => {
    const items = binding.items.filter(({ policyId }) => policyId === row.policy_id);
    return items.length === 0 ? [] : [{ ...binding, items }];
  });
  if (bindings.length > 0) return { policy, bindings, bound: true };
  return { policy, bindings: [await trialBinding(tx, row, wish)], bound: false };
}

async function loadPolicy(tx: Tx, idOrSlug: string, version: number | undefined): Promise<PolicyRow> {
  const rows = await tx.query<PolicyRow>(
    `select p.policy_id, p.slug, p.origin, p.status, p.version as acting, v.version, v.metadata,
       (select max(version) from app.policy_version where org_id = p.org_id and policy_id = p.policy_id) as latest
     from app.policy p join app.policy_version v on v.org_id = p.org_id and v.policy_id = p.policy_id
     where p.org_id = $1 and (p.slug = $2 or p.policy_id = $3) and ($4::int is null or v.version = $4)
     order by v.version desc limit 1`,
    [tx.scope.orgId, idOrSlug, parsePublicId('policy', idOrSlug), version ?? null],
  );
  const row = rows[0];
  if (row === undefined)
    throw new AppError('not_found', 'There is no policy with this id or slug, or no such version.');
  if (row.origin === 'builtin' && row.version !== row.latest) {
    const detail = `Version ${row.version} of "${row.slug}" came with an earlier release: only version ${row.latest} can be tried.`;
    throw new AppError('unprocessable', detail);
  }
  return row;
}

async function trialBinding(tx: Tx, row: PolicyRow, wish: ImpactWish): Promise<EffectiveBinding> {
  const { slug, metadata } = row;
  const given = wish.parameters ?? {};
  await requireParameters([{ slug, metadata, parameters: given, pointer: '/parameters' }]);
  const item: BindingItem = {
    checkId: 0,
    policyId: row.policy_id,
    slug,
    instance: '',
    title: metadata.title,
    version: row.version,
    severity: metadata.severity,
    category: metadata.category,
    kinds: metadata.kinds,
    origin: row.origin,
    parameters: mergeParameters(metadata.parameters, given),
  };
  return {
    bindingId: tx.scope.orgId,
    name: 'trial',
    condition: wish.target_id === undefined ? {} : await conditionOf(tx, wish.target_id),
    enforcement: wish.enforcement ?? STRONGEST[metadata.admission],
    onError: undefined,
    priority: 0,
    activeFrom: tx.now,
    looks: true,
    items: [item],
  };
}

async function conditionOf(tx: Tx, targetId: string): Promise<TargetCondition> {
  const rows = await tx.query<{ condition: TargetCondition }>(
    'select condition from app.target where org_id = $1 and target_id = $2',
    [tx.scope.orgId, parsePublicId('target', targetId)],
  );
  if (rows[0] === undefined)
    throw new AppError('not_found', 'There is no target with this id.', {
      errors: [{ pointer: '/target_id', detail: 'there is no such target' }],
    });
  return rows[0].condition;
}

/**
 * @param bindingId UUID
 * @returns the binding with those of its policies that can refuse anything, as if it were enforced with deny
 * @throws AppError `not_found`
 */
export async function planDeny(tx: Tx, bindingId: string): Promise<EffectiveBinding> {
  const bindings = await loadBindings(tx, 'all');
  const binding = bindings.find((one) => one.bindingId === bindingId);
  if (binding !== undefined)
    return { ...binding, items: await refusing(tx, binding.items), enforcement: 'deny', looks: true };
  throw new AppError('not_found', 'There is no binding with this id, or it binds no policy that acts.');
}

async function refusing(tx: Tx, items: readonly BindingItem[]): Promise<BindingItem[]> {
  const rows = await tx.query<{ policy_id: string; version: number }>(
    `select v.policy_id, v.version from unnest($2::uuid[], $3::int[]) as i (policy_id, version)
       join app.policy_version v on v.org_id = $1 and v.policy_id = i.policy_id and v.version = i.version
     where v.metadata ->> 'admission' = 'deny'`,
    [tx.scope.orgId, items.map(({ policyId }) => policyId), items.map(({ version }) => version)],
  );
  const able = new Set(rows.map(({ policy_id: id, version }) => `${id}/${version}`));
  return items.filter(({ policyId, version }) => able.has(`${policyId}/${version}`));
}

/** A cluster that is looked at. */
export interface TriedCluster {
  /** UUID */
  clusterId: string;
  name: string;
  labels: Record<string, string>;
  environment: string | null;
}

/**
 * @param clusterId public id; undefined: all of them
 * @returns clusters by name
 * @throws AppError `not_found`
 */
export async function listTriedClusters(tx: Tx, clusterId: string | undefined): Promise<TriedCluster[]> {
  const rows = await tx.query<{
    cluster_id: string;
    name: string;
    labels: TriedCluster['labels'];
    environment: string | null;
  }>(
    `select cluster_id, name, labels, environment from app.cluster
     where org_id = $1 and removed_at is null and ($2::uuid is null or cluster_id = $2) order by name`,
    [tx.scope.orgId, clusterId === undefined ? null : (parsePublicId('cluster', clusterId) ?? tx.scope.orgId)],
  );
  if (rows.length === 0 && clusterId !== undefined)
    throw new AppError('not_found', 'There is no cluster with this id.');
  return rows.map(({ cluster_id: id, ...row }) => ({ clusterId: id, ...row }));
}
