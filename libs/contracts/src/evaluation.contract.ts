import { z } from 'zod';
import { VALIDATION_FORMATS } from './validation-formats.js';
import {
  enforcementSchema,
  findingSchema,
  fixOperationSchema,
  labelsSchema,
  objectRefSchema,
  pageOf,
  pageQuery,
  severitySchema,
  timeSchema,
  verdictCountsSchema,
} from './common.contract.js';
import { categorySchema } from './policies.contract.js';

export const RUN_TRIGGERS = ['manual', 'schedule', 'policy-change', 'object-change'] as const;
export type RunTrigger = (typeof RUN_TRIGGERS)[number];
export const RUN_STATUSES = ['waiting', 'running', 'done', 'failed'] as const;

export const runSchema = z
  .object({
    id: z.string(),
    cluster_id: z.string(),
    trigger: z.enum(RUN_TRIGGERS),
    triggers: z.array(z.enum(RUN_TRIGGERS)),
    status: z.enum(RUN_STATUSES),
    attempt: z.int(),
    state_as_of: timeSchema.nullable(),
    requested_at: timeSchema,
    started_at: timeSchema.nullable(),
    finished_at: timeSchema.nullable(),
    counts: verdictCountsSchema.extend({ objects: z.int(), evaluated: z.int(), reused: z.int() }).partial(),
    error: z.string().nullable(),
  })
  .meta({ id: 'Run' });
export type RunShape = z.infer<typeof runSchema>;
export const listRunsQuery = z.strictObject({
  ...pageQuery,
  cluster_id: z.string().max(60).optional(),
  trigger: z.enum(RUN_TRIGGERS).optional(),
  status: z.enum(RUN_STATUSES).optional(),
});
export type ListRuns = z.infer<typeof listRunsQuery>;
export const runPageSchema = pageOf(runSchema);

/** Objects of one validation; more are posted in parts. */
export const VALIDATION_OBJECTS_MAX = 5_000;

export const validationContextSchema = z.strictObject({
  repository: z.string().max(500).optional(),
  ref: z.string().max(500).optional(),
  commit: z.string().max(100).optional(),
  actor: z.string().max(200).optional(),
  url: z.string().max(2_000).optional(),
});

export const validateEnvelopeSchema = z.strictObject({
  specs: z.array(z.unknown()).optional(),
  manifest: z.string().optional(),
  files: z
    .array(z.strictObject({ path: z.string().min(1).max(1_000), content: z.string() }))
    .max(5_000)
    .optional(),
  cluster: z.string().max(120).optional().describe('id or name'),
  environment: z.string().max(63).optional(),
  cluster_labels: labelsSchema.optional(),
  namespace: z
    .string()
    .regex(
      /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/,
      'a namespace as Kubernetes takes it: lower-case letters, digits and dashes',
    )
    .optional(),
  context: validationContextSchema.optional(),
  fail_on: severitySchema.optional(),
  baseline: z
    .enum(['cluster', 'previous'])
    .optional()
    .describe('what the cluster has, or the last validation of the same repository and ref had, does not count'),
});
export type ValidateEnvelope = z.infer<typeof validateEnvelopeSchema>;

/** What `POST /validate` takes, for the API's description: which of the forms it is, is told by looking. */
export const postedSpecsSchema = z
  .union([
    validateEnvelopeSchema.meta({
      anyOf: [
        { required: ['specs'], properties: { specs: { minItems: 1 } } },
        { required: ['manifest'] },
        { required: ['files'], properties: { files: { minItems: 1 } } },
      ],
    }),
    z.looseObject({ apiVersion: z.string(), kind: z.string() }),
    z.array(z.unknown()).min(1),
  ])
  .meta({
    id: 'PostedSpecs',
    description:
      'An envelope (JSON only), one object, a List, or an array of objects; as YAML, a stream of objects and Lists',
  });

/** What an answer is written as; a format that is not served is refused, rather than answered with another. */
export const validateQuery = z.strictObject({
  format: z.enum(VALIDATION_FORMATS).optional().describe('wins over `Accept`'),
});
export type ValidateQuery = z.infer<typeof validateQuery>;

export const decisionSchema = z.enum(['allow', 'warn', 'deny']);

/** Where it is written. */
export const sourceLocationSchema = z.object({ path: z.string(), line: z.int(), column: z.int() });
export type SourceLocation = z.infer<typeof sourceLocationSchema>;

/** A finding with its own place in the text that was posted. */
export const validationFindingSchema = findingSchema
  .extend({ location: sourceLocationSchema.optional() })
  .meta({ id: 'ValidationFinding' });
export type ValidationFinding = z.infer<typeof validationFindingSchema>;

export const validationViolationSchema = z.object({
  policy: z.object({ id: z.string(), slug: z.string(), title: z.string(), version: z.int() }),
  instance: z.string(),
  severity: severitySchema,
  category: categorySchema,
  enforcement: enforcementSchema,
  object: objectRefSchema,
  location: sourceLocationSchema.optional().describe('of the first finding'),
  message: z.string(),
  findings: z.array(validationFindingSchema),
  remediation: z.string(),
  fix: z.object({ patch: z.array(fixOperationSchema), verified: z.literal(true) }).optional(),
  waiver: z
    .object({ kind: z.enum(['comment', 'annotation']), reason: z.string() })
    .optional()
    .describe('why it does not count'),
  baseline: z.enum(['new', 'existing']).optional().describe('`existing` does not count'),
  fingerprint: z.string(),
});
export type ValidationViolation = z.infer<typeof validationViolationSchema>;

export const validationDocumentSchema = z.object({
  index: z.int(),
  path: z.string().nullable(),
  status: z.enum(['ok', 'invalid', 'ignored']),
  object: objectRefSchema.optional(),
  error: z
    .object({
      code: z.string(),
      message: z.string(),
      line: z.int().optional(),
      column: z.int().optional(),
      pointer: z.string().optional(),
    })
    .optional(),
  warnings: z
    .array(z.object({ code: z.string(), message: z.string(), line: z.int(), column: z.int() }))
    .optional()
    .describe('what was read, but hardly meant: a key that is there twice, for example'),
});
export type ValidationDocument = z.infer<typeof validationDocumentSchema>;

export const validationResultSchema = z
  .object({
    id: z.string(),
    decision: decisionSchema,
    fail_on: severitySchema,
    not_considered: z.array(z.object({ binding: z.string(), reason: z.string() })),
    summary: verdictCountsSchema.extend({
      objects: z.int(),
      evaluated: z.int(),
      by_severity: z.record(severitySchema, z.int()),
    }),
    violations: z.array(validationViolationSchema),
    unresolved: z
      .array(
        z.object({
          policy: z.string(),
          instance: z.string(),
          verdict: z.enum(['error', 'skipped']),
          reason: z.string(),
          enforcement: enforcementSchema.optional(),
          object: objectRefSchema,
        }),
      )
      .describe('checks that gave no judgement, and why'),
    documents: z.array(validationDocumentSchema),
  })
  .meta({ id: 'Validation' });
export type ValidationResult = z.infer<typeof validationResultSchema>;

export const validationSummarySchema = validationResultSchema
  .pick({ id: true, decision: true, fail_on: true, summary: true })
  .extend({
    at: timeSchema,
    trigger: z.enum(['ci', 'git-push']).describe('whose bindings looked'),
    context: validationContextSchema,
  });
export const validationPageSchema = pageOf(validationSummarySchema);
export const listValidationsQuery = z.strictObject(pageQuery);
