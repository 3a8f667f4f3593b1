import type { Enforcement, JsonObject } from '#kernel';
import type { BindingItem, EffectiveBinding, TargetCondition } from '#decision';
import { mergeParameters, type PolicyMetadata } from '#engine';
import { requireParameters } from '#policies';
import type { ReadTx, Tx } from '#platform';

interface BindingRow {
  binding_id: string;
  name: string;
  condition: TargetCondition;
  enforcement: Enforcement;
  on_error: 'deny' | null;
  priority: number;
  active_from: Date;
  parameters: Record<string, JsonObject>;
  triggers: string[];
}

/** A version of a policy that takes the place of the one that acts. */
export interface TriedVersion {
  /** UUID */
  policyId: string;
  version: number;
}

interface ItemRow {
  binding_id: string;
  check_id: number;
  policy_id: string;
  slug: string;
  instance: string;
  version: number;
  origin: BindingItem['origin'];
  module: string | null;
  quarantine: string | null;
  metadata: PolicyMetadata;
  parameters: JsonObject;
}

/**
 * Every policy of every binding of the organization `$1`: its own items, those of its set, or, of a built-in set at an
 * earlier release, those that it had then.
 */
export const BOUND_ITEMS = `
  select b.binding_id, i.policy_id, i.instance, i.parameters from app.binding b
    join app.policy_set_item i on i.org_id = b.org_id and i.policy_set_id = b.policy_set_id
    where b.org_id = $1 and not coalesce(b.pinned ? 'members', false)
  union all select b.binding_id, (m ->> 'policy_id')::uuid, m ->> 'instance', m -> 'parameters'
    from app.binding b, jsonb_array_elements(b.pinned -> 'members') m where b.org_id = $1 and b.pinned ? 'members'
  union all select binding_id, policy_id, instance, parameters from app.binding_item where org_id = $1`;

/**
 * The version of policy `p` that binding `b` means: the one it is pinned to, where the policy is built in (V5). Null where
 * it is pinned and the policy came later: that one waits.
 */
export const ACTING_VERSION = `case when p.origin = 'builtin' and b.pinned is not null
  then (b.pinned -> 'versions' ->> p.policy_id::text)::int else p.version end`;

/** A trigger's type that makes a run look at inventory pairs (F1). */
const INVENTORY_TRIGGERS = ['object-change', 'schedule'];

/**
 * Loads an organization's bindings with everything that a verdict depends on.
 * @param tx the organization's transaction
 * @param use which bindings look: for `inventory` those that `object-change` or `schedule` triggers, for `ci` those that CI
 *   triggers, for `git-push` those that a push triggers. The others come too, as far as they say something of the same checks
 * @param tried is tried out in place of the version that acts
 */
export async function loadBindings(
  tx: ReadTx,
  use: 'inventory' | 'ci' | 'git-push' | 'all',
  tried?: TriedVersion,
): Promise<EffectiveBinding[]> {
  const bindings = await tx.query<BindingRow>(
    `select b.binding_id, b.name, t.condition, b.enforcement, b.on_error, b.priority, b.active_from, b.parameters,
       array(select g.type from app.binding_trigger bt join app.trigger g on g.org_id = bt.org_id and g.trigger_id = bt.trigger_id
         where bt.org_id = b.org_id and bt.binding_id = b.binding_id) as triggers
     from app.binding b join app.target t on t.org_id = b.org_id and t.target_id = b.target_id where b.org_id = $1`,
    [tx.scope.orgId],
  );
  const items = await loadItems(tx, tried);
  const wanted = use === 'inventory' ? INVENTORY_TRIGGERS : [use];
  const looking = new Set(
    bindings
      .filter(({ triggers }) => use === 'all' || triggers.some((type) => wanted.includes(type)))
      .map(({ binding_id: id }) => id),
  );
  const lookedAt = new Set([...looking].flatMap((id) => items.get(id)?.map(({ check_id: checkId }) => checkId) ?? []));
  return bindings.flatMap((binding) => {
    const looks = looking.has(binding.binding_id);
    const own = (items.get(binding.binding_id) ?? []).filter(({ check_id: checkId }) => lookedAt.has(checkId));
    if (!looks && own.length === 0) return [];
    return {
      bindingId: binding.binding_id,
      name: binding.name,
      condition: binding.condition,
      enforcement: binding.enforcement,
      onError: binding.on_error ?? undefined,
      priority: binding.priority,
      activeFrom: binding.active_from,
      looks,
      items: own.map((item) => bindingItem(item, binding.parameters)),
    };
  });
}

/** By binding. What a version says of itself is read once, however many bindings use it. */
async function loadItems(tx: ReadTx, tried: TriedVersion | undefined): Promise<Map<string, ItemRow[]>> {
  const acting = await tx.query<Omit<ItemRow, 'metadata'>>(
    `with item as (${BOUND_ITEMS})
     select i.binding_id, c.check_id, p.policy_id, p.slug, i.instance, v.version, p.origin, q.reason as quarantine,
       case when v.version <> p.version then encode(b.pinned_module, 'hex') end as module, i.parameters
     from item i
       join app.binding b on b.org_id = $1 and b.binding_id = i.binding_id
       join app.check_def c on c.org_id = $1 and c.policy_id = i.policy_id and c.instance = i.instance
       join app.policy p on p.org_id = $1 and p.policy_id = i.policy_id and p.status in ('published', 'deprecated')
       join app.policy_version v on v.org_id = $1 and v.policy_id = p.policy_id
         and v.version = ${ACTING_VERSION}
       left join app.policy_quarantine q on q.org_id = $1 and q.policy_id = p.policy_id and q.version = v.version
     order by c.check_id`,
    [tx.scope.orgId],
  );
  const rows = acting.map((row) =>
    row.policy_id === tried?.policyId ? { ...row, version: tried.version, module: null, quarantine: null } : row,
  );
  const metadata = await loadMetadata(tx, rows);
  const byBinding = new Map<string, ItemRow[]>();
  for (const row of rows) {
    const own = byBinding.get(row.binding_id) ?? [];
    byBinding.set(row.binding_id, own);
    const about = metadata.get(versionKey(row));
    if (about !== undefined) own.push({ ...row, metadata: about });
  }
  return byBinding;
}

async function loadMetadata(
  tx: ReadTx,
  used: readonly Pick<ItemRow, 'policy_id' | 'version'>[],
): Promise<Map<string, PolicyMetadata>> {
  const versions = [...new Map(used.map((row) => [versionKey(row), row])).values()];
  const rows = await tx.query<Pick<ItemRow, 'policy_id' | 'version' | 'metadata'>>(
    `select v.policy_id, v.version, v.metadata from unnest($2::uuid[], $3::int[]) as u (policy_id, version)
       join app.policy_version v on v.org_id = $1 and v.policy_id = u.policy_id and v.version = u.version`,
    [tx.scope.orgId, versions.map(({ policy_id: id }) => id), versions.map(({ version }) => version)],
  );
  return new Map(rows.map((row) => [versionKey(row), row.metadata]));
}

function versionKey({ policy_id: id, version }: Pick<ItemRow, 'policy_id' | 'version'>): string {
  return `${id}/${version}`;
}

function bindingItem(row: ItemRow, overrides: Record<string, JsonObject>): BindingItem {
  const parameters = { ...row.parameters, ...overrides[row.slug] };
  return {
    checkId: row.check_id,
    policyId: row.policy_id,
    slug: row.slug,
    instance: row.instance,
    title: row.metadata.title,
    version: row.version,
    severity: row.metadata.severity,
    category: row.metadata.category,
    kinds: row.metadata.kinds,
    origin: row.origin,
    ...(row.module !== null && { module: row.module }),
    ...(row.quarantine !== null && { quarantine: row.quarantine }),
    parameters: mergeParameters(row.metadata.parameters, parameters),
  };
}

/** @returns the targets of the bindings that use a set */
export async function conditionsOfSet(tx: Tx, policySetId: string): Promise<TargetCondition[]> {
  const rows = await tx.query<{ condition: TargetCondition }>(
    `select t.condition from app.binding b join app.target t on t.org_id = b.org_id and t.target_id = b.target_id
     where b.org_id = $1 and b.policy_set_id = $2`,
    [tx.scope.orgId, policySetId],
  );
  return rows.map(({ condition }) => condition);
}

/** @returns the targets of the bindings that use any of these policies */
export async function conditionsOfPolicies(tx: Tx, policyIds: readonly string[]): Promise<TargetCondition[]> {
  const rows = await tx.query<{ condition: TargetCondition }>(
    `select distinct on (b.binding_id) t.condition from (${BOUND_ITEMS}) item
       join app.binding b on b.org_id = $1 and b.binding_id = item.binding_id
       join app.target t on t.org_id = $1 and t.target_id = b.target_id
     where item.policy_id = any($2::uuid[])`,
    [tx.scope.orgId, policyIds],
  );
  return rows.map(({ condition }) => condition);
}

/**
 * Refuses a version of a policy whose parameters are not those that bindings give it.
 * @param tx in which the version was made to act
 * @throws AppError `invalid_parameters` with the bindings
 */
export async function requireBindingsToFit(tx: Tx, policyId: string): Promise<void> {
  const rows = await tx.query<{
    name: string;
    slug: string;
    metadata: PolicyMetadata;
    parameters: JsonObject;
    overrides: JsonObject;
  }>(
    `select b.name, p.slug, v.metadata, i.parameters, coalesce(b.parameters -> p.slug, '{}') as overrides
     from (${BOUND_ITEMS}) i
       join app.binding b on b.org_id = $1 and b.binding_id = i.binding_id
       join app.policy p on p.org_id = $1 and p.policy_id = i.policy_id
       join app.policy_version v on v.org_id = $1 and v.policy_id = p.policy_id and v.version = p.version
     where i.policy_id = $2 order by b.name`,
    [tx.scope.orgId, policyId],
  );
  await requireParameters(
    rows.map(({ name, slug, metadata, parameters, overrides }) => ({
      slug: `binding "${name}", ${slug}`,
      metadata,
      parameters: { ...parameters, ...overrides },
      pointer: '',
    })),
  );
}
