import { z } from 'zod';
import {
  enforcementSchema,
  findingSchema,
  INT_MAX,
  jsonObjectSchema,
  objectRefSchema,
  timeSchema,
} from './common.contract.js';

/** Days that a look back reaches at most: what a quarter has seen. */
export const BACKTEST_DAYS_MAX = 92;
const ITEMS_MAX = 1_000;
const limit = z.int().min(1).max(ITEMS_MAX).default(100).describe('how many are listed; all are counted');

/** Where and how a policy is tried; unless given, as its bindings have it, or everywhere where it has none. */
const tried = {
  version: z.int().min(1).max(INT_MAX).optional().describe('the latest unless given'),
  cluster_id: z.string().optional().describe('this cluster alone'),
  target_id: z.string().optional().describe('where; everywhere unless given, whatever its bindings say'),
  parameters: jsonObjectSchema.optional().describe('in place of those of its bindings'),
  limit,
};

export const previewPolicySchema = z
  .strictObject({
    ...tried,
    enforcement: enforcementSchema
      .optional()
      .describe('in place of that of its bindings; the strongest that the policy can carry where it has none'),
  })
  .prefault({});
export type PreviewPolicy = z.infer<typeof previewPolicySchema>;
export const backtestPolicySchema = z
  .strictObject({
    ...tried,
    days: z.int().min(1).max(BACKTEST_DAYS_MAX).default(30),
  })
  .prefault({});
export type BacktestPolicy = z.infer<typeof backtestPolicySchema>;
export const previewBindingSchema = z
  .strictObject({
    cluster_id: tried.cluster_id,
    days: z.int().min(1).max(BACKTEST_DAYS_MAX).default(7),
    limit,
  })
  .prefault({});
export type PreviewBinding = z.infer<typeof previewBindingSchema>;

const triedPolicySchema = z.object({
  id: z.string(),
  slug: z.string(),
  version: z.int(),
  acting_version: z.int().nullable().describe('the one that is published, where one is'),
});
const clusterRefSchema = z.object({ id: z.string(), name: z.string() });
const verdictsSchema = z.object({ pass: z.int(), fail: z.int(), error: z.int(), skipped: z.int() });

const impactCountsSchema = z.object({
  ...verdictsSchema.shape,
  newly_failing: z.int().describe('they have no open violation of it today'),
  no_longer_failing: z.int(),
  newly_denied: z.int().describe('newly failing where it is enforced with deny'),
});
export type ImpactCounts = z.infer<typeof impactCountsSchema>;
const impactItemSchema = z.object({
  cluster: clusterRefSchema,
  object: objectRefSchema,
  instance: z.string(),
  verdict: z.enum(['fail', 'error']),
  enforcement: enforcementSchema,
  newly_failing: z.boolean(),
  newly_denied: z.boolean(),
  reason: z.string().optional().describe('of an error'),
  findings: z.array(findingSchema),
});
export type ImpactItem = z.infer<typeof impactItemSchema>;
export const policyPreviewSchema = z
  .object({
    policy: triedPolicySchema,
    bindings: z.array(z.string()).describe('those that it was judged by; none where it was tried by itself'),
    complete: z.boolean().describe('false where there was no time for all of it: name a cluster or a target'),
    objects: z.int().describe('that were looked at'),
    counts: impactCountsSchema,
    clusters: z.array(
      z.object({ cluster: clusterRefSchema, objects: z.int(), complete: z.boolean(), counts: impactCountsSchema }),
    ),
    items: z.array(impactItemSchema).describe('what would be denied comes first, then what would newly fail'),
    omitted: z.int(),
  })
  .meta({ id: 'PolicyPreview' });
export type PolicyPreview = z.infer<typeof policyPreviewSchema>;

const backtestItemSchema = z.object({
  cluster: clusterRefSchema,
  object: objectRefSchema,
  instance: z.string(),
  from: timeSchema,
  to: timeSchema.nullable().describe('null: it still would fail'),
  findings: z.array(findingSchema).describe('of the last content that failed'),
});
export type BacktestItem = z.infer<typeof backtestItemSchema>;
export const policyBacktestSchema = z
  .object({
    policy: triedPolicySchema,
    bindings: z.array(z.string()),
    from: timeSchema,
    to: timeSchema,
    complete: z.boolean(),
    revisions: z.int().describe('contents of objects that were looked at'),
    counts: verdictsSchema.describe('of these contents'),
    days: z.array(z.object({ at: timeSchema.describe('end of the day, in UTC'), failing: z.int(), passing: z.int() })),
    items: z.array(backtestItemSchema).describe('violations that there would have been, those that last first'),
    omitted: z.int(),
    assumptions: z.array(z.string()).describe('what was taken as it is today'),
  })
  .meta({ id: 'PolicyBacktest' });
export type PolicyBacktest = z.infer<typeof policyBacktestSchema>;

const blockedItemSchema = z.object({
  at: timeSchema,
  cluster: clusterRefSchema,
  object: objectRefSchema,
  policy: z.object({ id: z.string(), slug: z.string() }),
  instance: z.string(),
  verdict: z.enum(['fail', 'error']),
  findings: z.array(findingSchema),
});
export type BlockedItem = z.infer<typeof blockedItemSchema>;
export const bindingPreviewSchema = z
  .object({
    binding: z.object({ id: z.string(), name: z.string() }),
    from: timeSchema,
    to: timeSchema,
    complete: z.boolean(),
    changes: z.int().describe('objects made or changed in that time where the binding applies'),
    blocked: z.int().describe('how many of these changes `deny` would have refused'),
    policies: z.array(z.object({ policy: z.object({ id: z.string(), slug: z.string() }), blocked: z.int() })),
    items: z.array(blockedItemSchema).describe('the latest first'),
    omitted: z.int(),
    assumptions: z.array(z.string()),
  })
  .meta({ id: 'BindingPreview' });
export type BindingPreviewShape = z.infer<typeof bindingPreviewSchema>;
