import { z } from 'zod';
import {
  findingSchema,
  objectRefSchema,
  pageOf,
  pageQuery,
  severitySchema,
  timeSchema,
  verdictCountsSchema,
} from './common.contract.js';
import { categorySchema } from './policies.contract.js';

export const VIOLATION_STATES = ['new', 'ongoing', 'regressed', 'resolved'] as const;
export const RESOLUTIONS = [
  'fixed',
  'deleted',
  'policy-changed',
  'target-changed',
  'not-applicable',
  'cluster-removed',
  'engine-changed',
] as const;
export type Resolution = (typeof RESOLUTIONS)[number];

export const violationSchema = z
  .object({
    id: z.string(),
    fingerprint: z.string(),
    cluster: z.object({ id: z.string(), name: z.string() }),
    policy: z.object({ id: z.string(), slug: z.string(), title: z.string(), version: z.int() }),
    instance: z.string(),
    bindings: z.array(z.string()),
    severity: severitySchema,
    category: categorySchema,
    state: z.enum(VIOLATION_STATES),
    disposition: z.enum(['failing', 'waived']),
    unknown_since: timeSchema.nullable().describe('set while the cluster is disconnected'),
    opened_at: timeSchema,
    resolved_at: timeSchema.nullable(),
    resolution: z.enum(RESOLUTIONS).nullable(),
    object: objectRefSchema.extend({ id: z.string() }),
    findings: z.array(findingSchema),
    waiver_id: z.string().nullable(),
    assignee: z.string().nullable(),
  })
  .meta({ id: 'Violation' });
export type ViolationShape = z.infer<typeof violationSchema>;

export const VIOLATION_SORTS = ['-opened_at', '-severity'] as const;
export const listViolationsQuery = z.strictObject({
  ...pageQuery,
  cluster_id: z.string().max(60).optional(),
  policy: z.string().max(200).optional().describe('slug or id'),
  severity: severitySchema.optional(),
  state: z.enum(VIOLATION_STATES).optional(),
  namespace: z.string().max(253).optional(),
  q: z.string().max(253).optional().describe('prefix of a name, namespace or policy slug'),
  disposition: z.enum(['failing', 'waived']).optional(),
  from: timeSchema.optional(),
  to: timeSchema.optional(),
  at: timeSchema.optional().describe('those that were open at a moment in the past'),
  sort: z.enum(VIOLATION_SORTS).default('-opened_at'),
});
export type ListViolations = z.infer<typeof listViolationsQuery>;
export const violationPageSchema = pageOf(violationSchema);

export const complianceQuery = z.strictObject({
  cluster_id: z.string().max(60).optional(),
  policy: z.string().max(200).optional().describe('slug or id'),
  at: timeSchema.optional().describe('a moment in the past'),
});
export type ComplianceQuery = z.infer<typeof complianceQuery>;

/** Counts with their sums. */
export const complianceCountsSchema = verdictCountsSchema.extend({
  eligible: z.int(),
  evaluated: z.int(),
  unknown: z.int(),
});
export type ComplianceCounts = z.infer<typeof complianceCountsSchema>;

export const complianceSchema = z
  .object({
    as_of: timeSchema,
    data_age_seconds: z
      .number()
      .nullable()
      .describe('age of the oldest state that was counted; of a moment in the past, at most so old'),
    unknown_since: timeSchema
      .nullable()
      .describe('the oldest moment since which a cluster is disconnected, where one is'),
    score: z.number().min(0).max(1).nullable(),
    coverage: z.number().min(0).max(1).nullable(),
    counts: complianceCountsSchema,
    by_severity: z.record(severitySchema, z.object({ pass: z.int(), fail: z.int() })).describe('checks by severity'),
    by_category: z.record(categorySchema, z.object({ pass: z.int(), fail: z.int() })),
    objects: z.object({ total: z.int(), compliant: z.int(), excluded: z.int().describe('under no binding') }),
    clusters: z.object({ total: z.int(), connected: z.int(), stale: z.int(), disconnected: z.int(), pending: z.int() }),
  })
  .meta({ id: 'Compliance' });
export type ComplianceShape = z.infer<typeof complianceSchema>;
