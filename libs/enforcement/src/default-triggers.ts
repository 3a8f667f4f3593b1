import { publicId, uuidV7 } from '#kernel';
import type { TriggerType } from '#contracts';
import type { Tx } from '#platform';
import { freeName } from './editing.rules.js';
import { nextTick } from './schedule.rules.js';
import { Trigger } from './trigger.entity.js';

/** Spread over half an hour, so that not all organizations are judged at one moment. */
const DAILY = { cron: '0 3 * * *', timeZone: 'UTC', jitterSeconds: 1_800 };

/** What the triggers that nobody made are called. */
export const TRIGGER_NAMES: Readonly<Record<TriggerType, string>> = {
  'object-change': 'on every change',
  schedule: 'daily',
  admission: 'at admission',
  ci: 'in CI',
  'git-push': 'on git push',
};

/**
 * @param triggerId UUID
 * @param now when it is made
 * @returns a trigger of a type as an organization gets it; a schedule is daily
 */
export function defaultTrigger(orgId: string, triggerId: string, type: TriggerType, now: Date): Trigger {
  const trigger: Trigger = {
    orgId,
    triggerId,
    name: TRIGGER_NAMES[type],
    type,
    cron: null,
    timeZone: null,
    jitterSeconds: 0,
    nextDueAt: null,
    lastFiredAt: null,
    revision: 1,
  };
  return type === 'schedule' ? { ...trigger, ...DAILY, nextDueAt: nextTick(DAILY, triggerId, now) } : trigger;
}

/**
 * Finds a trigger of each type, the one that nobody renamed before others, and makes those that are missing.
 * @param tx the organization's transaction
 * @param types each once
 * @returns ids by type
 */
export async function triggersOfTypes(tx: Tx, types: readonly TriggerType[]): Promise<Map<TriggerType, string>> {
  const orgId = tx.scope.orgId;
  const rows = await tx.query<{ trigger_id: string; name: string; type: TriggerType }>(
    `select trigger_id, name, type from app.trigger where org_id = $1
     order by (name = any($2::text[])) desc, name for share`,
    [orgId, Object.values(TRIGGER_NAMES)],
  );
  const taken = new Set(rows.map(({ name }) => name));
  const found = new Map<TriggerType, string>();
  for (const type of types) {
    const present = rows.find((row) => row.type === type);
    if (present !== undefined) {
      found.set(type, present.trigger_id);
      continue;
    }
    const trigger = defaultTrigger(orgId, uuidV7(tx.now.getTime()), type, tx.now);
    trigger.name = freeName(trigger.name, taken);
    await tx.repository(Trigger).insert(trigger);
    tx.audit({
      action: 'trigger.create',
      subject: publicId('trigger', trigger.triggerId),
      after: {
        name: trigger.name,
        type,
        cron: trigger.cron,
        time_zone: trigger.timeZone,
        jitter_seconds: trigger.jitterSeconds,
      },
    });
    found.set(type, trigger.triggerId);
  }
  return found;
}
