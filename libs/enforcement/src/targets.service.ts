import { Injectable } from '@nestjs/common';
import { AppError, parsePublicId, publicId, type Scope, uuidV7 } from '#kernel';
import type { CreateTarget, PatchTarget } from '#contracts';
import type { TargetCondition } from '#decision';
import { Database, refuseInUse, requireRevision, type Tx } from '#platform';
import { bindingUsers, refusingTakenNames } from './editing.rules.js';
import { ENFORCEMENT_CHANGED, type EnforcementChanged } from './enforcement.events.js';
import { Target } from './target.entity.js';

/** Targets: where bindings apply. */
@Injectable()
export class TargetsService {
  constructor(private readonly database: Database) {}

  /**
   * @returns its UUID
   * @throws AppError `name_taken`, `unprocessable` for a cluster that the organization never had
   */
  async create(scope: Scope, { name, ...condition }: CreateTarget): Promise<string> {
    return refusingTakenNames('target', name, () =>
      this.database.run(scope, async (tx) => {
        const targetId = uuidV7(tx.now.getTime());
        const asked = await withKnownClusters(tx, conditionOf(condition));
        const target: Target = { orgId: scope.orgId, targetId, name, condition: asked, revision: 1 };
        await tx.repository(Target).insert(target);
        tx.audit({ action: 'target.create', subject: publicId('target', targetId), after: auditShape(target) });
        return targetId;
      }),
    );
  }

  /**
   * Changes name or conditions; null takes a condition away. What it matched and what it matches is looked at again.
   * @param revision that the change was made to
   * @throws AppError `not_found`, `stale_revision`, `name_taken`, `unprocessable`
   */
  async patch(scope: Scope, targetId: string, revision: number | undefined, change: PatchTarget): Promise<void> {
    const { name, ...conditions } = change;
    await refusingTakenNames('target', name ?? '', () =>
      this.database.run(scope, async (tx) => {
        const before = await lockTarget(tx, targetId);
        requireRevision(before.revision, revision);
        const after: Target = {
          ...before,
          name: name ?? before.name,
          condition: await withKnownClusters(tx, conditionOf({ ...before.condition, ...conditions })),
          revision: before.revision + 1,
        };
        await tx.repository(Target).update({ orgId: scope.orgId, targetId }, after);
        tx.audit({
          action: 'target.update',
          subject: publicId('target', targetId),
          before: auditShape(before),
          after: auditShape(after),
        });
        const payload: EnforcementChanged = { conditions: [before.condition, after.condition] };
        tx.emit({ topic: ENFORCEMENT_CHANGED, payload: { ...payload } });
      }),
    );
  }

  /** @throws AppError `not_found`, `stale_revision`, `in_use` with the bindings that use it */
  async remove(scope: Scope, targetId: string, revision: number | undefined): Promise<void> {
    await this.database.run(scope, async (tx) => {
      const before = await lockTarget(tx, targetId);
      requireRevision(before.revision, revision);
      const users = await tx.query<{ id: string; name: string }>(
        'select binding_id as id, name from app.binding where org_id = $1 and target_id = $2 order by name',
        [scope.orgId, targetId],
      );
      refuseInUse('target', before.name, bindingUsers(users));
      await tx.repository(Target).delete({ orgId: scope.orgId, targetId });
      tx.audit({ action: 'target.delete', subject: publicId('target', targetId), before: auditShape(before) });
    });
  }
}

async function lockTarget(tx: Tx, targetId: string): Promise<Target> {
  const where = { orgId: tx.scope.orgId, targetId };
  const found = await tx.repository(Target).findOne({ where, lock: { mode: 'pessimistic_write' } });
  if (found === null) throw new AppError('not_found', 'There is no target with this id.');
  return found;
}

/** Without what is unset, so that a condition says only what it asks. */
function conditionOf(given: Omit<PatchTarget, 'name'>): TargetCondition {
  const set = Object.entries(given).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(set) as TargetCondition;
}

/** Ids as they are compared later, each of a cluster that is or was there: another one would never match, and say nothing. */
async function withKnownClusters(tx: Tx, condition: TargetCondition): Promise<TargetCondition> {
  const ids = condition.clusters?.ids;
  if (ids === undefined) return condition;
  const uuids = ids.map((id) => parsePublicId('cluster', id));
  const rows = await tx.query<{ cluster_id: string }>(
    'select cluster_id from app.cluster where org_id = $1 and cluster_id = any($2::uuid[])',
    [tx.scope.orgId, uuids],
  );
  const known = new Set(rows.map(({ cluster_id: id }) => id));
  const strange = uuids.findIndex((id) => id === null || !known.has(id));
  if (strange >= 0) {
    const detail = `There is no cluster ${ids[strange]}.`;
    throw new AppError('unprocessable', detail, { errors: [{ pointer: `/clusters/ids/${strange}`, detail }] });
  }
  const canonical = [...known].map((id) => publicId('cluster', id)).sort();
  return { ...condition, clusters: { ...condition.clusters, ids: canonical } };
}

function auditShape({ name, condition }: Target): object {
  return { name, ...condition };
}
