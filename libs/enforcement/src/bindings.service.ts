import { Injectable } from '@nestjs/common';
import { AppError, type Enforcement, type JsonObject, parsePublicId, publicId, type Scope, uuidV7 } from '#kernel';
import type { CreateBinding, PatchBinding } from '#contracts';
import type { TargetCondition } from '#decision';
import { BuiltInLibrary } from '#policies';
import { Database, requireRevision, type Tx } from '#platform';
import { Binding } from './binding.entity.js';
import { auditShape, type BindingState, loadState, meansOther, requireRoom, writeState } from './binding.store.js';
import { checkMembers, membersOf, pinnedLibrary, type BindingMembers } from './binding-members.store.js';
import { numberChecks } from './checks.store.js';
import { refusingTakenNames } from './editing.rules.js';
import { ENFORCEMENT_CHANGED, type EnforcementChanged } from './enforcement.events.js';
import { decidePin, LATEST } from './pin.rules.js';

/** Bindings: which policies, where, when, and how strictly. */
@Injectable()
export class BindingsService {
  constructor(
    private readonly database: Database,
    private readonly library: BuiltInLibrary,
  ) {}

  /**
   * @returns its UUID
   * @throws AppError `name_taken`, `unprocessable`, `policy_not_active`, `invalid_parameters`, `pin_refused`, `not_enforceable`,
   *   `quota_exceeded`
   */
  async create(scope: Scope, request: CreateBinding): Promise<string> {
    return refusingTakenNames('binding', request.name, () =>
      this.database.run(scope, async (tx) => {
        const bindingId = uuidV7(tx.now.getTime());
        const members = await membersOf(tx, request);
        if (members === undefined) throw new Error('a binding without policies passed its schema');
        await this.save(tx, undefined, bindingId, request, members);
        return bindingId;
      }),
    );
  }

  /**
   * Changes what is given; what it meant before and what it means now is looked at again.
   * @param revision that the change was made to
   * @throws AppError as `create`, and `not_found`, `stale_revision`
   */
  async patch(scope: Scope, bindingId: string, revision: number | undefined, change: PatchBinding): Promise<void> {
    await refusingTakenNames('binding', change.name ?? '', () =>
      this.database.run(scope, async (tx) => {
        const before = await loadState(tx, bindingId);
        requireRevision(before.binding.revision, revision);
        const members = (await membersOf(tx, change)) ?? before.members;
        await this.save(tx, before, bindingId, change, members);
      }),
    );
  }

  /**
   * Ends a binding; the violations that only it asked for are resolved as `target-changed`.
   * @throws AppError `not_found`, `stale_revision`
   */
  async remove(scope: Scope, bindingId: string, revision: number | undefined): Promise<void> {
    await this.database.run(scope, async (tx) => {
      const before = await loadState(tx, bindingId);
      requireRevision(before.binding.revision, revision);
      for (const table of ['binding_trigger', 'binding_item', 'binding'])
        await tx.query(`delete from app.${table} where org_id = $1 and binding_id = $2`, [scope.orgId, bindingId]);
      tx.audit({
        action: 'binding.delete',
        subject: publicId('binding', bindingId),
        before: auditShape(before),
      });
      emitChange(tx, [await conditionOf(tx, before.binding.targetId)]);
    });
  }

  private async save(
    tx: Tx,
    before: BindingState | undefined,
    bindingId: string,
    change: PatchBinding,
    members: BindingMembers,
  ): Promise<void> {
    const now = before?.binding;
    const enforcement: Enforcement = change.enforcement ?? now?.enforcement ?? 'audit';
    const targetId = await requireTarget(tx, change.target_id, now?.targetId);
    const triggerIds = await requireTriggers(tx, change.trigger_ids, before?.triggerIds ?? []);
    const parameters: Record<string, JsonObject> = change.parameters ?? now?.parameters ?? {};
    const { pin, takeVersions } = decidePin({
      enforcement,
      asked: change.pin,
      present: now?.pin,
      release: this.library.module.manifest.release,
      membersChange: before !== undefined && members !== before.members,
    });
    const kept = pin !== LATEST && !takeVersions && now !== undefined ? now : undefined;
    await checkMembers(tx, { members, parameters, triggerIds, enforcement, pinned: kept?.pinned ?? null });
    const fresh = takeVersions ? await pinnedLibrary(tx, this.library, members) : { pinned: null, pinnedModule: null };
    const binding: Binding = {
      orgId: tx.scope.orgId,
      bindingId,
      revision: (now?.revision ?? 0) + 1,
      name: change.name ?? now?.name ?? '',
      targetId,
      policySetId: members.policySetId,
      enforcement,
      onError: change.on_error === undefined ? (now?.onError ?? null) : change.on_error,
      priority: change.priority ?? now?.priority ?? 0,
      parameters,
      pin,
      ...(kept === undefined ? fresh : { pinned: kept.pinned, pinnedModule: kept.pinnedModule }),
      activeFrom: now?.activeFrom ?? tx.now,
    };
    const after: BindingState = { binding, members, triggerIds };
    if (before !== undefined && meansOther(before, after)) binding.activeFrom = tx.now;
    await writeState(tx, before, after);
    await requireRoom(tx);
    await numberChecks(tx);
    tx.audit({
      action: before === undefined ? 'binding.create' : 'binding.update',
      subject: publicId('binding', bindingId),
      ...(before && { before: auditShape(before) }),
      after: auditShape(after),
    });
    const targets = new Set([now?.targetId ?? targetId, targetId]);
    emitChange(tx, await Promise.all([...targets].map((id) => conditionOf(tx, id))));
  }
}

function emitChange(tx: Tx, conditions: TargetCondition[]): void {
  const payload: EnforcementChanged = { conditions };
  tx.emit({ topic: ENFORCEMENT_CHANGED, payload: { ...payload } });
}

async function requireTarget(tx: Tx, given: string | undefined, present: string | undefined): Promise<string> {
  const targetId = given === undefined ? present : parsePublicId('target', given);
  const rows = await tx.query('select 1 from app.target where org_id = $1 and target_id = $2 for share', [
    tx.scope.orgId,
    targetId ?? null,
  ]);
  if (rows.length > 0 && targetId != null) return targetId;
  throw missing('target', '/target_id', given ?? '');
}

async function requireTriggers(
  tx: Tx,
  given: readonly string[] | undefined,
  present: readonly string[],
): Promise<readonly string[]> {
  if (given === undefined) return present;
  const wanted = [...new Set(given.flatMap((id) => parsePublicId('trigger', id) ?? []))];
  const rows = await tx.query<{ trigger_id: string }>(
    'select trigger_id from app.trigger where org_id = $1 and trigger_id = any($2::uuid[]) for share',
    [tx.scope.orgId, wanted],
  );
  const found = new Set(rows.map((row) => row.trigger_id));
  const index = given.findIndex((id) => !found.has(parsePublicId('trigger', id) ?? ''));
  if (index >= 0) throw missing('trigger', `/trigger_ids/${index}`, given[index] ?? '');
  return wanted;
}

async function conditionOf(tx: Tx, targetId: string): Promise<TargetCondition> {
  const rows = await tx.query<{ condition: TargetCondition }>(
    'select condition from app.target where org_id = $1 and target_id = $2',
    [tx.scope.orgId, targetId],
  );
  return rows[0]?.condition ?? {};
}

function missing(kind: string, pointer: string, id: string): AppError {
  const detail = `There is no ${kind} ${id.slice(0, 80)}.`;
  return new AppError('unprocessable', detail, { errors: [{ pointer, detail }] });
}
