import { severityOfRank, type Enforcement, type JsonObject } from '#kernel';
import type { BindingItem, EffectiveBinding, TargetCondition } from '#decision';
import { mergeParameters, type PolicyMetadata } from '#engine';
import type { Tx } from '#platform';

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

interface ItemRow {
  binding_id: string;
  check_id: number;
  policy_id: string;
  slug: string;
  instance: string;
  title: string;
  version: number;
  severity: number;
  category: string;
  kinds: string[];
  metadata: PolicyMetadata;
  parameters: JsonObject;
}

/** A trigger's type that makes a run look at inventory pairs (F1). */
const INVENTORY_TRIGGERS = ['object-change', 'schedule'];

/**
 * Loads an organization's bindings with everything that a verdict depends on.
 * @param tx the organization's transaction
 * @param use `inventory` leaves out bindings that only `ci`, `git-push` or `admission` trigger (F1); `ci` takes those that CI triggers
 */
export async function loadBindings(tx: Tx, use: 'inventory' | 'ci'): Promise<EffectiveBinding[]> {
  const bindings = await tx.query<BindingRow>(
    `select b.binding_id, b.name, t.condition, b.enforcement, b.on_error, b.priority, b.active_from, b.parameters,
       array(select g.type from app.binding_trigger bt join app.trigger g on g.org_id = bt.org_id and g.trigger_id = bt.trigger_id
         where bt.org_id = b.org_id and bt.binding_id = b.binding_id) as triggers
     from app.binding b join app.target t on t.org_id = b.org_id and t.target_id = b.target_id where b.org_id = $1`,
    [tx.scope.orgId],
  );
  const items = await loadItems(tx);
  const wanted = use === 'inventory' ? INVENTORY_TRIGGERS : [use];
  return bindings
    .filter((binding) => binding.triggers.some((type) => wanted.includes(type)))
    .map((binding) => ({
      bindingId: binding.binding_id,
      name: binding.name,
      condition: binding.condition,
      enforcement: binding.enforcement,
      onError: binding.on_error ?? undefined,
      priority: binding.priority,
      activeFrom: binding.active_from,
      triggers: binding.triggers,
      items: items
        .filter((item) => item.binding_id === binding.binding_id)
        .map((item) => bindingItem(item, binding.parameters)),
    }));
}

async function loadItems(tx: Tx): Promise<ItemRow[]> {
  return tx.query<ItemRow>(
    `with item as (
       select b.binding_id, i.policy_id, i.instance, i.parameters from app.binding b
         join app.policy_set_item i on i.org_id = b.org_id and i.policy_set_id = b.policy_set_id where b.org_id = $1
       union all select binding_id, policy_id, instance, parameters from app.binding_item where org_id = $1)
     select i.binding_id, c.check_id, p.policy_id, p.slug, i.instance, p.title, p.version, p.severity, p.category, p.kinds, v.metadata, i.parameters
     from item i
       join app.check_def c on c.org_id = $1 and c.policy_id = i.policy_id and c.instance = i.instance
       join app.policy p on p.org_id = $1 and p.policy_id = i.policy_id and p.status in ('published', 'deprecated')
       join app.policy_version v on v.org_id = $1 and v.policy_id = p.policy_id and v.version = p.version
     order by c.check_id`,
    [tx.scope.orgId],
  );
}

function bindingItem(row: ItemRow, overrides: Record<string, JsonObject>): BindingItem {
  const parameters = { ...row.parameters, ...overrides[row.slug] };
  return {
    checkId: row.check_id,
    policyId: row.policy_id,
    slug: row.slug,
    instance: row.instance,
    title: row.title,
    version: row.version,
    severity: severityOfRank(row.severity),
    category: row.category,
    kinds: row.kinds,
    parameters: mergeParameters(row.metadata.parameters, parameters),
  };
}
