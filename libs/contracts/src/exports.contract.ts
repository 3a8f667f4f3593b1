import { z } from 'zod';
import { auditEntrySchema, listAuditLogQuery } from './audit-log.contract.js';
import { findingSchema, objectRefSchema, severitySchema, timeSchema } from './common.contract.js';
import { listViolationsQuery, RESOLUTIONS, VIOLATION_STATES } from './compliance.contract.js';
import { categorySchema } from './policies.contract.js';
import { TIMELINE_GROUPS, timelineQuery } from './timeline.contract.js';

const flag = z
  .enum(['true', 'false'])
  .optional()
  .transform((value) => value === 'true');

/** Of every export that is a CSV file too. */
const csvQuery = {
  bom: flag.describe('CSV only: begins with a byte order mark, by which Excel knows UTF-8'),
};

export const exportViolationsQuery = listViolationsQuery.omit({ limit: true, cursor: true }).extend({
  ...csvQuery,
  history: flag.describe(
    'one row for each interval of each violation, those that ended too, by violation and time: `from` and `to` choose ' +
      'intervals that lie in that span at least in part, `disposition` is the interval’s, `state` the violation’s; ' +
      '`sort` has no say. Without any filter, all intervals',
  ),
});
export type ExportViolations = z.infer<typeof exportViolationsQuery>;

export const exportAuditLogQuery = listAuditLogQuery.omit({ limit: true, cursor: true }).extend(csvQuery);
export type ExportAuditLog = z.infer<typeof exportAuditLogQuery>;

export const exportComplianceQuery = timelineQuery.extend(csvQuery);
export type ExportCompliance = z.infer<typeof exportComplianceQuery>;

/** One interval of a violation: while neither its findings nor anything else about it changed. */
export const violationIntervalSchema = z
  .object({
    violation_id: z.string(),
    fingerprint: z.string(),
    valid_from: timeSchema,
    valid_to: timeSchema.nullable().describe('null while it lasts'),
    disposition: z.enum(['failing', 'waived']),
    resolution: z.enum(RESOLUTIONS).nullable().describe('how the interval ended; null where it only changed, or lasts'),
    policy: z.object({ id: z.string(), slug: z.string(), title: z.string(), version: z.int() }),
    instance: z.string(),
    severity: severitySchema.describe('as of the violation’s last interval'),
    category: categorySchema,
    cluster: z.object({ id: z.string(), name: z.string() }),
    object: objectRefSchema.extend({ id: z.string() }),
    findings: z.array(findingSchema),
    waiver_id: z.string().nullable(),
  })
  .meta({ id: 'ViolationInterval' });
export type ViolationIntervalShape = z.infer<typeof violationIntervalSchema>;

/** A line of the audit log with all that its hash is made of, so that it can be checked without the platform. */
export const auditLineSchema = auditEntrySchema
  .omit({ hash: true })
  .extend({
    organization: z.string(),
    prev_hash: z.string().describe('hash of the line before; 64 zeros before the first'),
    hash: z.string().describe('SHA-256 over `prev_hash` and this line, in hexadecimal'),
  })
  .meta({ id: 'AuditLine' });
export type AuditLineShape = z.infer<typeof auditLineSchema>;

const text = z.string();
const count = z.int();
const OBJECT_COLUMNS = {
  cluster_id: text,
  cluster: text.describe('name'),
  object_id: text,
  api_version: text,
  kind: text,
  namespace: text,
  name: text,
};
const FINDINGS_COLUMNS = {
  findings: count.describe('how many'),
  paths: text.describe('where, separated by `; `'),
  messages: text.describe('what is wrong, separated by `; `'),
};
const POLICY_COLUMNS = {
  policy: text.describe('slug'),
  policy_id: text,
  policy_title: text,
  policy_version: count,
  instance: text,
};

// Columns of CSV files, in their order: one that is there stays where it is, a new one comes at the end.

export const violationColumns = z.object({
  id: text,
  state: z.enum(VIOLATION_STATES),
  severity: severitySchema,
  category: categorySchema,
  disposition: z.enum(['failing', 'waived']),
  ...POLICY_COLUMNS,
  ...OBJECT_COLUMNS,
  opened_at: timeSchema,
  resolved_at: timeSchema.nullable(),
  resolution: z.enum(RESOLUTIONS).nullable(),
  unknown_since: timeSchema.nullable().describe('set while the cluster is disconnected'),
  ...FINDINGS_COLUMNS,
  bindings: text.describe('ids, separated by `; `'),
  waiver_id: text.nullable(),
  assignee: text.nullable(),
  fingerprint: text,
});
export type ViolationColumns = z.infer<typeof violationColumns>;

export const violationIntervalColumns = z.object({
  violation_id: text,
  valid_from: timeSchema,
  valid_to: timeSchema.nullable().describe('empty while it lasts'),
  disposition: z.enum(['failing', 'waived']),
  resolution: z.enum(RESOLUTIONS).nullable().describe('how the interval ended'),
  severity: severitySchema,
  category: categorySchema,
  ...POLICY_COLUMNS,
  ...OBJECT_COLUMNS,
  ...FINDINGS_COLUMNS,
  waiver_id: text.nullable(),
  fingerprint: text,
});
export type ViolationIntervalColumns = z.infer<typeof violationIntervalColumns>;

export const complianceColumns = z.object({
  at: timeSchema.describe('how it was then'),
  group_by: z.enum(TIMELINE_GROUPS).nullable().describe('empty: of everything together'),
  key: text.describe('of the group'),
  name: text.describe('of the group'),
  score: z
    .number()
    .nullable()
    .describe('pass ÷ (pass + fail); empty is a gap: nothing was evaluated, or nothing was known'),
  coverage: z.number().nullable().describe('evaluated ÷ eligible'),
  like_for_like: z
    .number()
    .nullable()
    .describe('score of only what was counted at both ends of the timeline; empty with `group_by`'),
  eligible: count,
  evaluated: count,
  pass: count,
  fail: count,
  waived: count,
  error: count,
  skipped: count,
  unknown: count.describe('in clusters that were disconnected'),
});
export type ComplianceColumns = z.infer<typeof complianceColumns>;

export const auditLogColumns = z.object({
  seq: count,
  at: timeSchema,
  actor_type: text,
  actor_id: text,
  actor_name: text.nullable(),
  action: text,
  subject: text,
  before: text.nullable().describe('JSON'),
  after: text.nullable().describe('JSON'),
  request_id: text.nullable(),
  organization: text,
  prev_hash: text,
  hash: text,
});
export type AuditLogColumns = z.infer<typeof auditLogColumns>;
