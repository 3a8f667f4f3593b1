import { z } from 'zod';
import { jsonObjectSchema, pageOf, pageQuery, severitySchema, timeSchema } from './common.contract.js';

export const CATEGORIES = [
  'reliability',
  'security',
  'network',
  'access-control',
  'operational-excellence',
  'resources',
] as const;
/** Of policies and their sets; the compiler makes a package of it. */
export const policySlugSchema = z
  .string()
  .max(63)
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'lower-case letters, digits and single dashes, as in no-latest-tag');
export const categorySchema = z.enum(CATEGORIES);
export const originSchema = z.enum(['builtin', 'custom', 'imported']);
export const policyStatusSchema = z.enum(['draft', 'published', 'deprecated', 'archived']);

export const admissionSchema = z.enum(['deny', 'warn', 'none']);

export const policySummarySchema = z
  .object({
    id: z.string(),
    slug: z.string(),
    title: z.string(),
    category: categorySchema,
    severity: severitySchema,
    origin: originSchema,
    status: policyStatusSchema,
    version: z.int(),
    kinds: z.array(z.string()),
    updated_at: timeSchema,
  })
  .meta({ id: 'PolicySummary' });
export type PolicySummary = z.infer<typeof policySummarySchema>;
export const policyDetailSchema = policySummarySchema
  .extend({
    description: z.string(),
    remediation: z.string(),
    parameters_schema: jsonObjectSchema,
    standards: z.array(jsonObjectSchema),
    related: z.array(jsonObjectSchema),
    policy_sets: z.array(z.string()).describe('slugs'),
    expand: z.boolean(),
    admission: admissionSchema,
    latest_version: z.int().describe('newer than `version` where something is saved and not published'),
    quarantine: z
      .object({ version: z.int(), reason: z.string(), since: timeSchema })
      .nullable()
      .describe('why it is not run any more'),
    source: z.string().nullable().describe('where it is kept, if not here: it can only be read here then'),
    revision: z.int(),
  })
  .meta({ id: 'Policy' });
export type PolicyDetail = z.infer<typeof policyDetailSchema>;
export const listPoliciesQuery = z.strictObject({
  ...pageQuery,
  category: categorySchema.optional(),
  severity: severitySchema.optional(),
  origin: originSchema.optional(),
  status: policyStatusSchema.optional(),
  kind: z.string().max(200).optional(),
  q: z.string().max(200).optional().describe('prefix of the slug'),
});
export type ListPolicies = z.infer<typeof listPoliciesQuery>;
export const policyPageSchema = pageOf(policySummarySchema);
