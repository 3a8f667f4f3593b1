import { AppError, canonicalJson, publicId, type Json } from '#kernel';
import type { Tx } from '#platform';
import { Binding, BindingItemRow, BindingTrigger } from './binding.entity.js';
import type { BindingMembers } from './binding-members.store.js';
import { BOUND_ITEMS } from './effective-bindings.read-model.js';

/** A binding with everything that belongs to it. */
export interface BindingState {
  binding: Binding;
  members: BindingMembers;
  /** UUIDs. */
  triggerIds: readonly string[];
}

/**
 * Reads a binding and keeps others from changing it until the commit.
 * @throws AppError `not_found`
 */
export async function loadState(tx: Tx, bindingId: string): Promise<BindingState> {
  const where = { orgId: tx.scope.orgId, bindingId };
  const binding = await tx.repository(Binding).findOne({ where, lock: { mode: 'pessimistic_write' } });
  if (binding === null) throw new AppError('not_found', 'There is no binding with this id.');
  const triggers = await tx.repository(BindingTrigger).findBy(where);
  const items = await tx.repository(BindingItemRow).findBy(where);
  return {
    binding,
    members: {
      policySetId: binding.policySetId,
      items: binding.policySetId === null ? items : null,
    },
    triggerIds: triggers.map(({ triggerId }) => triggerId),
  };
}

/** Writes a binding as it is now; `before` where there was one. */
export async function writeState(tx: Tx, before: BindingState | undefined, after: BindingState): Promise<void> {
  const { orgId } = tx.scope;
  const { bindingId } = after.binding;
  await tx.repository(Binding).save(after.binding);
  if (before?.members !== after.members) {
    await tx.repository(BindingItemRow).delete({ orgId, bindingId });
    const rows = (after.members.items ?? []).map(({ policyId, instance, parameters }) => ({
      policy_id: policyId,
      instance,
      parameters,
    }));
    await tx.query(
      `insert into app.binding_item (org_id, binding_id, policy_id, instance, parameters)
       select $1, $2, policy_id, instance, parameters from jsonb_to_recordset($3::jsonb) as r(policy_id uuid, instance text, parameters jsonb)`,
      [orgId, bindingId, JSON.stringify(rows)],
    );
  }
  if (before?.triggerIds !== after.triggerIds) {
    await tx.repository(BindingTrigger).delete({ orgId, bindingId });
    const rows = after.triggerIds.map((triggerId) => ({ orgId, bindingId, triggerId }));
    if (rows.length > 0) await tx.repository(BindingTrigger).insert(rows);
  }
}

/** Every run and every validation reads all bindings of its organization with their items. */
const BINDINGS_MAX = 500;
const ITEMS_MAX = 10_000;

/**
 * @param tx in which a binding was written
 * @throws AppError `quota_exceeded` where an organization has more bindings, or more policies in them, than can be judged by
 */
export async function requireRoom(tx: Tx): Promise<void> {
  const rows = await tx.query<{ bindings: number; items: number }>(
    `select (select count(*) from app.binding where org_id = $1) as bindings, (select count(*) from (${BOUND_ITEMS}) i) as items`,
    [tx.scope.orgId],
  );
  const { bindings, items } = rows[0] ?? { bindings: 0, items: 0 };
  if (bindings > BINDINGS_MAX)
    throw new AppError('quota_exceeded', `An organization has at most ${BINDINGS_MAX} bindings: join some into one.`);
  if (items > ITEMS_MAX) {
    throw new AppError(
      'quota_exceeded',
      `All bindings together hold at most ${ITEMS_MAX} policies; with this one they were ${items}: use fewer instances.`,
    );
  }
}

/**
 * Whether a change makes another rule of a binding, so that it counts as the newer one (F1): its name and its triggers
 * say nothing of verdicts.
 */
export function meansOther(before: BindingState, after: BindingState): boolean {
  const meaning = ({ binding, members }: BindingState): string => {
    const { targetId, enforcement, onError, priority, parameters, pin, pinned } = binding;
    return canonicalJson([
      targetId,
      enforcement,
      onError,
      priority,
      parameters,
      pin,
      pinned,
      members,
    ] as unknown as Json);
  };
  return meaning(before) !== meaning(after);
}

/** @returns a binding as the audit log keeps it */
export function auditShape({ binding, members, triggerIds }: BindingState): object {
  return {
    name: binding.name,
    policy_set: members.policySetId === null ? null : publicId('policySet', members.policySetId),
    policies:
      members.items?.map(({ policyId, instance, parameters }) => ({
        policy: publicId('policy', policyId),
        instance,
        parameters,
      })) ?? null,
    parameters: binding.parameters,
    target: publicId('target', binding.targetId),
    triggers: triggerIds.map((id) => publicId('trigger', id)),
    enforcement: binding.enforcement,
    on_error: binding.onError,
    priority: binding.priority,
    pin: binding.pin,
  };
}
