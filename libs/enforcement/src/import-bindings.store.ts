import { AppError, canonicalJson, type Json, publicId, uuidV7 } from '#kernel';
import type { TargetCondition } from '#decision';
import type { Tx } from '#platform';
import { Binding } from './binding.entity.js';
import { auditShape, type BindingState, loadState, meansOther, writeState } from './binding.store.js';
import { type BindingMembers, checkMembers } from './binding-members.store.js';
import { triggersOfTypes } from './default-triggers.js';
import { freeName } from './editing.rules.js';
import type { ConvertedBinding, ConvertedBindings } from './import-conversion.js';
import { LATEST } from './pin.rules.js';
import { Target } from './target.entity.js';

/** What became of a document's bindings. */
export type WrittenBindings =
  | { as: 'imported'; changed: boolean; bindings: { id: string; name: string }[] }
  /** Nothing of it was written. */
  | { as: 'failed'; reason: string };

/** What is the same for all documents of one import. */
export interface ImportState {
  tx: Tx;
  /** By import key. */
  policies: ReadonlyMap<string, string>;
  triggers: ReadonlyMap<string, string>;
  present: ReadonlyMap<string, { targetId: string | undefined; bindingId: string | undefined }>;
  names: { target: Set<string>; binding: Set<string> };
  /** Targets whose matches are to be looked at again. */
  conditions: TargetCondition[];
}

/**
 * @param tx in which the policies were written
 * @param documents of one import
 * @returns what is there of them already, under a lock that ends with the transaction
 */
export async function beginImport(tx: Tx, documents: readonly ConvertedBindings[]): Promise<ImportState> {
  // Another import of the same documents finds what this one made.
  await tx.query(`select pg_advisory_xact_lock(hashtextextended('bylaw import ' || $1::text, 0))`, [tx.scope.orgId]);
  const policies = await tx.query<{ import_key: string; policy_id: string }>(
    `select import_key, policy_id from app.policy where org_id = $1 and import_key = any($2::text[])
     and status in ('published', 'deprecated') order by policy_id for share`,
    [tx.scope.orgId, documents.map(({ policy }) => policy)],
  );
  const types = new Set(documents.flatMap(({ bindings }) => bindings.flatMap(({ triggers }) => triggers)));
  return {
    tx,
    policies: new Map(policies.map((row) => [row.import_key, row.policy_id])),
    triggers: await triggersOfTypes(tx, [...types]),
    present: await loadPresent(tx, documents),
    names: { target: await namesOf(tx, 'target'), binding: await namesOf(tx, 'binding') },
    conditions: [],
  };
}

async function loadPresent(tx: Tx, documents: readonly ConvertedBindings[]): Promise<ImportState['present']> {
  const rows = await tx.query<{ import_key: string; target_id: string | null; binding_id: string | null }>(
    `select import_key, max(target_id::text) as target_id, max(binding_id::text) as binding_id from (
       select import_key, target_id, null::uuid as binding_id from app.target where org_id = $1
       union all select import_key, null, binding_id from app.binding where org_id = $1) as imported
     where split_part(import_key, '#', 1) = any($2::text[]) group by import_key`,
    [tx.scope.orgId, documents.map(({ key }) => key)],
  );
  return new Map(
    rows.map((row) => [
      row.import_key,
      { targetId: row.target_id ?? undefined, bindingId: row.binding_id ?? undefined },
    ]),
  );
}

async function namesOf(tx: Tx, table: 'target' | 'binding'): Promise<Set<string>> {
  const rows = await tx.query<{ name: string }>(`select name from app.${table} where org_id = $1`, [tx.scope.orgId]);
  return new Set(rows.map(({ name }) => name));
}

/**
 * Makes one document's targets and bindings as it asks for them, and ends what it does not ask for any more.
 * @param all by `beginImport`; what is to be looked at again is noted there
 */
export async function writeDocument(all: ImportState, document: ConvertedBindings): Promise<WrittenBindings> {
  const policyId = all.policies.get(document.policy);
  if (policyId === undefined)
    return { as: 'failed', reason: 'the policy that it is for is not imported, or does not act' };
  const asked = document.bindings.map((binding) => ({ binding, members: membersOf(policyId, binding) }));
  try {
    for (const { binding, members } of asked) await check(all, binding, members);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { as: 'failed', reason: error.message };
  }
  let changed = false;
  const bindings: { id: string; name: string }[] = [];
  for (const { binding, members } of asked) {
    const target = await writeTarget(all, document, binding);
    const state = await writeBinding(all, document, binding, members, target.targetId);
    changed ||= target.changed || state.changed;
    bindings.push({ id: publicId('binding', state.binding.bindingId), name: state.binding.name });
  }
  const ended = await endOthers(all, document);
  return { as: 'imported', changed: changed || ended, bindings };
}

function membersOf(policyId: string, { instance, parameters }: ConvertedBinding): BindingMembers {
  return { policySetId: null, items: [{ policyId, instance, parameters }] };
}

function check({ tx, triggers }: ImportState, binding: ConvertedBinding, members: BindingMembers): Promise<void> {
  const { enforcement } = binding;
  const triggerIds = binding.triggers.flatMap((type) => triggers.get(type) ?? []);
  return checkMembers(tx, { members, parameters: {}, triggerIds, enforcement, pinned: null });
}

function keyOf({ key }: ConvertedBindings, { part }: Pick<ConvertedBinding, 'part'>): string {
  return part === '' ? key : `${key}#${part}`;
}

function calledAfter({ name }: ConvertedBindings, { part }: ConvertedBinding): string {
  return part === '' ? name : `${name} (${part})`;
}

async function writeTarget(
  { tx, present, names, conditions }: ImportState,
  document: ConvertedBindings,
  binding: ConvertedBinding,
): Promise<{ targetId: string; changed: boolean }> {
  const orgId = tx.scope.orgId;
  const importKey = keyOf(document, binding);
  const { condition } = binding;
  const known = present.get(importKey)?.targetId;
  if (known === undefined) {
    const targetId = uuidV7(tx.now.getTime());
    const name = freeName(calledAfter(document, binding), names.target);
    await tx.repository(Target).insert({ orgId, targetId, name, condition, revision: 1, importKey });
    tx.audit({ action: 'target.create', subject: publicId('target', targetId), after: { name, ...condition } });
    return { targetId, changed: true };
  }
  const where = { orgId, targetId: known };
  const before = await tx.repository(Target).findOneOrFail({ where, lock: { mode: 'pessimistic_write' } });
  if (sameJson(before.condition, condition)) return { targetId: known, changed: false };
  await tx.repository(Target).update(where, { condition, revision: before.revision + 1 });
  tx.audit({
    action: 'target.update',
    subject: publicId('target', known),
    before: { name: before.name, ...before.condition },
    after: { name: before.name, ...condition },
  });
  conditions.push(before.condition, condition);
  return { targetId: known, changed: true };
}

async function writeBinding(
  all: ImportState,
  document: ConvertedBindings,
  asked: ConvertedBinding,
  members: BindingMembers,
  targetId: string,
): Promise<{ binding: Binding; changed: boolean }> {
  const { tx, present, names, triggers, conditions } = all;
  const importKey = keyOf(document, asked);
  const known = present.get(importKey)?.bindingId;
  const before = known === undefined ? undefined : await loadState(tx, known);
  const binding: Binding = {
    orgId: tx.scope.orgId,
    bindingId: known ?? uuidV7(tx.now.getTime()),
    revision: (before?.binding.revision ?? 0) + 1,
    name: before?.binding.name ?? freeName(calledAfter(document, asked), names.binding),
    targetId,
    policySetId: null,
    enforcement: asked.enforcement,
    onError: before?.binding.onError ?? null,
    priority: asked.priority,
    parameters: {},
    // A pin is about built-in policies, which it binds none of.
    pin: LATEST,
    pinned: null,
    pinnedModule: null,
    activeFrom: before?.binding.activeFrom ?? tx.now,
    importKey,
  };
  const after: BindingState = {
    binding,
    members,
    triggerIds: asked.triggers.flatMap((type) => triggers.get(type) ?? []),
  };
  if (before !== undefined && sameState(before, after)) return { binding: before.binding, changed: false };
  if (before !== undefined && meansOther(comparable(before), after)) binding.activeFrom = tx.now;
  await writeState(tx, before, after);
  tx.audit({
    action: before === undefined ? 'binding.create' : 'binding.update',
    subject: publicId('binding', binding.bindingId),
    ...(before && { before: auditShape(before) }),
    after: auditShape(after),
  });
  conditions.push(asked.condition);
  if (before !== undefined && before.binding.targetId !== targetId)
    conditions.push(await conditionOf(tx, before.binding.targetId));
  return { binding, changed: true };
}

function sameState(before: BindingState, after: BindingState): boolean {
  const triggers = ({ triggerIds }: BindingState): string[] => [...triggerIds].sort();
  return !meansOther(comparable(before), after) && sameJson(triggers(before), triggers(after));
}

/** Members as they are written, without the rows that they are of. */
function comparable(state: BindingState): BindingState {
  const items = state.members.items?.map(({ policyId, instance, parameters }) => ({ policyId, instance, parameters }));
  return { ...state, members: { ...state.members, items: items ?? null } };
}

/** What an earlier import of the document asked for, and this one does not. */
async function endOthers(all: ImportState, document: ConvertedBindings): Promise<boolean> {
  const { tx, present, conditions } = all;
  const wanted = new Set(document.bindings.map((binding) => keyOf(document, binding)));
  let ended = false;
  for (const [importKey, { bindingId, targetId }] of present) {
    if (importKey.split('#', 1)[0] !== document.key || wanted.has(importKey)) continue;
    if (bindingId !== undefined) {
      const before = await loadState(tx, bindingId);
      conditions.push(await conditionOf(tx, before.binding.targetId));
      for (const table of ['binding_trigger', 'binding_item', 'binding'])
        await tx.query(`delete from app.${table} where org_id = $1 and binding_id = $2`, [tx.scope.orgId, bindingId]);
      tx.audit({ action: 'binding.delete', subject: publicId('binding', bindingId), before: auditShape(before) });
      ended = true;
    }
    if (targetId !== undefined) ended = (await endTarget(tx, targetId)) || ended;
  }
  return ended;
}

/** Unless somebody uses it otherwise: then it is theirs. */
async function endTarget(tx: Tx, targetId: string): Promise<boolean> {
  const rows = await tx.query<{ name: string; condition: TargetCondition }>(
    `delete from app.target t where org_id = $1 and target_id = $2
       and not exists (select 1 from app.binding b where b.org_id = t.org_id and b.target_id = t.target_id) returning name, condition`,
    [tx.scope.orgId, targetId],
  );
  const [gone] = rows;
  if (gone === undefined) return false;
  const before = { name: gone.name, ...gone.condition };
  tx.audit({ action: 'target.delete', subject: publicId('target', targetId), before });
  return true;
}

async function conditionOf(tx: Tx, targetId: string): Promise<TargetCondition> {
  const target = await tx.repository(Target).findOneByOrFail({ orgId: tx.scope.orgId, targetId });
  return target.condition;
}

function sameJson(one: unknown, other: unknown): boolean {
  return canonicalJson(one as Json) === canonicalJson(other as Json);
}
