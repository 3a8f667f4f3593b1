import { z } from 'zod';
import { timeSchema } from './common.contract.js';
import { complianceCountsSchema } from './compliance.contract.js';

export const TIMELINE_GROUPS = ['cluster', 'namespace', 'category', 'severity', 'policy'] as const;
export type TimelineGroup = (typeof TIMELINE_GROUPS)[number];
export const TIMELINE_STEPS = ['day', 'hour'] as const;
export type TimelineStep = (typeof TIMELINE_STEPS)[number];
/** Of one series; a longer range takes longer steps. */
export const TIMELINE_POINTS_MAX = 1_000;

export const timelineQuery = z.strictObject({
  from: timeSchema.optional().describe('30 days before `to`, unless given'),
  to: timeSchema.optional().describe('now, unless given'),
  step: z.enum(TIMELINE_STEPS).default('day'),
  time_zone: z.string().min(1).max(60).default('UTC').describe('IANA name: where days and hours begin'),
  group_by: z.enum(TIMELINE_GROUPS).optional(),
  cluster_id: z.string().max(60).optional(),
  policy: z.string().max(200).optional().describe('slug or id'),
  namespace: z.string().max(253).optional(),
});
export type TimelineQuery = z.infer<typeof timelineQuery>;

export const timelinePointSchema = z
  .object({
    at: timeSchema,
    score: z.number().min(0).max(1).nullable().describe('null is a gap: nothing was evaluated, or nothing was known'),
    coverage: z.number().min(0).max(1).nullable(),
    counts: complianceCountsSchema,
  })
  .meta({ id: 'TimelinePoint' });
export type TimelinePoint = z.infer<typeof timelinePointSchema>;

export const MARKER_KINDS = ['policy', 'policy-set', 'binding', 'target', 'waiver'] as const;
export const timelineMarkerSchema = z.object({
  at: timeSchema,
  kind: z.enum(MARKER_KINDS),
  action: z.string().describe('as in the audit log'),
  id: z.string(),
  name: z.string().nullable(),
});
export type TimelineMarker = z.infer<typeof timelineMarkerSchema>;

export const timelineSchema = z
  .object({
    from: timeSchema,
    to: timeSchema,
    step: z.enum(TIMELINE_STEPS),
    time_zone: z.string(),
    group_by: z.enum(TIMELINE_GROUPS).nullable(),
    points: z.array(timelinePointSchema).describe('how it was at `from`, at the beginning of each step, and at `to`'),
    groups: z.array(z.object({ key: z.string(), name: z.string(), points: z.array(timelinePointSchema) })),
    groups_omitted: z.int().describe('the groups with the fewest checks, where there are too many'),
    like_for_like: z
      .array(z.object({ at: timeSchema, score: z.number().min(0).max(1).nullable() }))
      .describe('only checks in clusters where they were counted both at `from` and at `to`'),
    gaps: z
      .array(
        z.object({
          cluster: z.object({ id: z.string(), name: z.string() }),
          from: timeSchema,
          to: timeSchema.nullable().describe('null: until now'),
        }),
      )
      .describe('when clusters were disconnected'),
    markers: z
      .array(timelineMarkerSchema)
      .describe('changes of policies, sets, bindings and targets, the latest first'),
  })
  .meta({ id: 'Timeline' });
export type TimelineShape = z.infer<typeof timelineSchema>;
