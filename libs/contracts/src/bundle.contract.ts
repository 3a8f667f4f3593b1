import { z } from 'zod';
import { enforcementSchema, jsonObjectSchema, labelsSchema, severitySchema, timeSchema } from './common.contract.js';
import { categorySchema } from './policies.contract.js';

/** Where what is to be judged comes from, as a validation says it. */
export const bundleRequestSchema = z.strictObject({
  cluster: z.string().max(120).optional().describe('id or name'),
  environment: z.string().max(63).optional(),
  cluster_labels: labelsSchema.optional(),
  repository: z.string().max(500).optional(),
});
export type BundleRequest = z.infer<typeof bundleRequestSchema>;

const digestSchema = z.string().regex(/^[0-9a-f]{64}$/);

export const bundleItemSchema = z.object({
  check_id: z.int(),
  policy_id: z.string(),
  slug: z.string(),
  instance: z.string(),
  title: z.string(),
  version: z.int(),
  severity: severitySchema,
  category: categorySchema,
  kinds: z.array(z.string()),
  parameters: jsonObjectSchema,
  origin: z.enum(['builtin', 'custom', 'imported']),
  module: digestSchema.nullable().describe('`key` of the module that judges by it; null where none has it'),
  quarantine: z.string().nullable().describe('why it is not run any more'),
});
export type BundleItem = z.infer<typeof bundleItemSchema>;

export const bundleBindingSchema = z.object({
  id: z.string(),
  name: z.string(),
  condition: jsonObjectSchema.describe('a target’s, but for its name'),
  enforcement: enforcementSchema,
  on_error: z.literal('deny').nullable(),
  priority: z.int(),
  active_from: timeSchema,
  looks: z.boolean().describe('whether a trigger for CI makes it look; the others say something of the same checks'),
  items: z.array(bundleItemSchema),
});
export type BundleBinding = z.infer<typeof bundleBindingSchema>;

export const bundleModuleSchema = z.object({
  key: digestSchema,
  sha256: digestSchema.describe('of its bytes, as `GET /validate/modules/{key}` sends them'),
  bytes: z.int(),
  role: z.enum(['library', 'own', 'pinned']),
  policies: z
    .array(z.looseObject({ slug: z.string(), metadata: jsonObjectSchema }))
    .describe('what each says of itself, as the compiler read it'),
  broken: z.record(z.string(), z.string()).describe('reasons, by slug, why a policy is not in it'),
});
export type BundleModule = z.infer<typeof bundleModuleSchema>;

/** Everything that `POST /validate` would judge by (E10), without what lies in a cluster. */
export const bundleSchema = z
  .object({
    digest: digestSchema.describe('SHA-256 of the members but this and `made_at`, as canonical JSON (RFC 8785)'),
    made_at: timeSchema,
    engine_abi: z.int().describe('what the modules expect of who runs them'),
    origin: z.object({
      cluster: z.object({ id: z.string(), labels: labelsSchema, environment: z.string() }).partial(),
      repository: z.string().optional(),
    }),
    kubernetes_version: z.string().nullable(),
    fail_on: severitySchema,
    ignores: z.boolean().describe('whether comments and annotations may ask for policies to be ignored'),
    bindings: z.array(bundleBindingSchema),
    modules: z.array(bundleModuleSchema),
  })
  .meta({ id: 'Bundle' });
export type Bundle = z.infer<typeof bundleSchema>;
