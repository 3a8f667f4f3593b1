import type { TargetCondition } from '#decision';

/** What is checked, where, or how changed. Payload: `EnforcementChanged`. */
export const ENFORCEMENT_CHANGED = 'enforcement.changed';

export interface EnforcementChanged {
  /** The targets before and after: whatever they match is looked at again. */
  conditions: TargetCondition[];
}
