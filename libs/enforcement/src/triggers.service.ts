import { Injectable } from '@nestjs/common';
import { AppError, publicId, type Scope, uuidV7 } from '#kernel';
import type { CreateTrigger, PatchTrigger } from '#contracts';
import { Database, refuseInUse, requireRevision, type Tx } from '#platform';
import { bindingUsers, refusingTakenNames } from './editing.rules.js';
import { nextTick } from './schedule.rules.js';
import { Trigger } from './trigger.entity.js';

/** Triggers: when pairs are looked at, never what the verdict is (F1). */
@Injectable()
export class TriggersService {
  constructor(private readonly database: Database) {}

  /**
   * @returns its UUID
   * @throws AppError `name_taken`, `invalid_schedule`
   */
  async create(scope: Scope, request: CreateTrigger): Promise<string> {
    return refusingTakenNames('trigger', request.name, () =>
      this.database.run(scope, async (tx) => {
        const triggerId = uuidV7(tx.now.getTime());
        const trigger = scheduled(
          {
            orgId: scope.orgId,
            triggerId,
            name: request.name,
            type: request.type,
            cron: request.cron ?? null,
            timeZone: request.time_zone ?? null,
            jitterSeconds: request.jitter_seconds ?? 0,
            nextDueAt: null,
            lastFiredAt: null,
            revision: 1,
          },
          tx.now,
        );
        await tx.repository(Trigger).insert(trigger);
        tx.audit({ action: 'trigger.create', subject: publicId('trigger', triggerId), after: auditShape(trigger) });
        return triggerId;
      }),
    );
  }

  /**
   * Changes name or schedule.
   * @param revision that the change was made to
   * @throws AppError `not_found`, `stale_revision`, `name_taken`, `invalid_schedule`
   */
  async patch(scope: Scope, triggerId: string, revision: number | undefined, change: PatchTrigger): Promise<void> {
    await refusingTakenNames('trigger', change.name ?? '', () =>
      this.database.run(scope, async (tx) => {
        const before = await lockTrigger(tx, triggerId);
        requireRevision(before.revision, revision);
        const after = scheduled(
          {
            ...before,
            name: change.name ?? before.name,
            cron: change.cron ?? before.cron,
            timeZone: change.time_zone ?? before.timeZone,
            jitterSeconds: change.jitter_seconds ?? before.jitterSeconds,
            revision: before.revision + 1,
          },
          tx.now,
          before,
        );
        await tx.repository(Trigger).update({ orgId: scope.orgId, triggerId }, after);
        tx.audit({
          action: 'trigger.update',
          subject: publicId('trigger', triggerId),
          before: auditShape(before),
          after: auditShape(after),
        });
      }),
    );
  }

  /** @throws AppError `not_found`, `stale_revision`, `in_use` with the bindings that use it */
  async remove(scope: Scope, triggerId: string, revision: number | undefined): Promise<void> {
    await this.database.run(scope, async (tx) => {
      const before = await lockTrigger(tx, triggerId);
      requireRevision(before.revision, revision);
      const users = await tx.query<{ id: string; name: string }>(
        `select b.binding_id as id, b.name from app.binding b join app.binding_trigger t on t.org_id = b.org_id and t.binding_id = b.binding_id
         where b.org_id = $1 and t.trigger_id = $2 order by b.name`,
        [scope.orgId, triggerId],
      );
      refuseInUse('trigger', before.name, bindingUsers(users));
      await tx.repository(Trigger).delete({ orgId: scope.orgId, triggerId });
      tx.audit({ action: 'trigger.delete', subject: publicId('trigger', triggerId), before: auditShape(before) });
    });
  }
}

/** Only a schedule has a time, and it has one at once. */
function scheduled(trigger: Trigger, now: Date, before?: Trigger): Trigger {
  const { cron, timeZone, jitterSeconds, triggerId, type } = trigger;
  if (type !== 'schedule') {
    if (cron === null && timeZone === null && jitterSeconds === 0) return trigger;
    throw new AppError('invalid_schedule', `A trigger of type ${type} has no cron, time_zone or jitter_seconds.`);
  }
  if (cron === null) {
    const detail = 'A schedule says when: give cron, as in `0 3 * * *` for every night at three.';
    throw new AppError('invalid_schedule', detail, { errors: [{ pointer: '/cron', detail }] });
  }
  const zone = timeZone ?? 'UTC';
  const same = before?.cron === cron && before.timeZone === zone && before.jitterSeconds === jitterSeconds;
  // A tick that is due and not yet taken stays so under a new name.
  if (same) return trigger;
  return { ...trigger, timeZone: zone, nextDueAt: nextTick({ cron, timeZone: zone, jitterSeconds }, triggerId, now) };
}

async function lockTrigger(tx: Tx, triggerId: string): Promise<Trigger> {
  const where = { orgId: tx.scope.orgId, triggerId };
  const found = await tx.repository(Trigger).findOne({ where, lock: { mode: 'pessimistic_write' } });
  if (found === null) throw new AppError('not_found', 'There is no trigger with this id.');
  return found;
}

function auditShape({ name, type, cron, timeZone, jitterSeconds }: Trigger): object {
  return { name, type, cron, time_zone: timeZone, jitter_seconds: jitterSeconds };
}
