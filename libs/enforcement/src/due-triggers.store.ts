import type { TargetCondition } from '#decision';
import type { Tx } from '#platform';
import { nextTick } from './schedule.rules.js';

/** A binding whose schedule came due. */
export interface DueBinding {
  bindingId: string;
  condition: TargetCondition;
}

interface DueRow {
  trigger_id: string;
  cron: string;
  time_zone: string;
  jitter_seconds: number;
}

/**
 * Takes the schedules that are due, each once however many ask: a row is locked, or another has it. Their next tick
 * commits with whatever is done about this one; ticks that nobody was there for are made up once.
 * @param tx the organization's transaction
 * @returns the bindings of these schedules, each once
 */
export async function takeDueTriggers(tx: Tx): Promise<DueBinding[]> {
  const due = await tx.query<DueRow>(
    `select trigger_id, cron, time_zone, jitter_seconds from app.trigger
     where org_id = $1 and next_due_at <= $2 order by trigger_id for update skip locked`,
    [tx.scope.orgId, tx.now],
  );
  for (const row of due) {
    const schedule = { cron: row.cron, timeZone: row.time_zone, jitterSeconds: row.jitter_seconds };
    await tx.query(
      'update app.trigger set next_due_at = $3, last_fired_at = $4 where org_id = $1 and trigger_id = $2',
      [tx.scope.orgId, row.trigger_id, nextTick(schedule, row.trigger_id, tx.now), tx.now],
    );
  }
  const bindings = await tx.query<{ binding_id: string; condition: TargetCondition }>(
    `select distinct on (b.binding_id) b.binding_id, t.condition
     from app.binding_trigger g join app.binding b on b.org_id = g.org_id and b.binding_id = g.binding_id
       join app.target t on t.org_id = b.org_id and t.target_id = b.target_id
     where g.org_id = $1 and g.trigger_id = any($2::uuid[]) order by b.binding_id`,
    [tx.scope.orgId, due.map((row) => row.trigger_id)],
  );
  return bindings.map((row) => ({ bindingId: row.binding_id, condition: row.condition }));
}
