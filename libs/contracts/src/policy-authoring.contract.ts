import { z } from 'zod';
import {
  findingSchema,
  INT_MAX,
  jsonObjectSchema,
  jsonValueSchema,
  nameOfAtMost,
  pageOf,
  severitySchema,
  timeSchema,
} from './common.contract.js';
import { admissionSchema, categorySchema, policySlugSchema } from './policies.contract.js';

/** More than any policy of the library by far; the compiler takes no more either. */
export const REGO_MAX = 256 * 1024;
const rego = z.string().min(1).max(REGO_MAX);
const kind = z
  .string()
  .max(317)
  .regex(
    /^(?:\*|@(?:pod-spec|long-running|namespaced)|(?:[a-z0-9.*?-]+\/)?[A-Za-z0-9*?]+)$/,
    '`Kind`, `group/Kind`, `*`, `@pod-spec`, `@long-running` or `@namespaced`',
  );

/** How a policy is written that another engine was to run (E8). */
const written = {
  dialect: z
    .enum(['native', 'gatekeeper', 'weave', 'conftest', 'conftest-warn'])
    .optional()
    .describe('whose engine it was written for; `conftest-warn` is what conftest warns of by the same file'),
  rego_version: z.enum(['v0', 'v1']).optional(),
  libs: z
    .array(z.strictObject({ file: nameOfAtMost(300), source: z.string().min(1).max(REGO_MAX) }))
    .max(100)
    .optional()
    .describe('modules of this policy alone; of other dialects than `native`'),
};

/** An object that a policy is tested on, and what it has to say of it. */
export const policyCaseSchema = z
  .strictObject({
    name: nameOfAtMost(200),
    expect: z.enum(['pass', 'fail', 'skipped', 'not_applicable']),
    object: jsonObjectSchema,
    parameters: jsonObjectSchema.optional().describe('beside the defaults'),
    related: z.record(z.string().max(120), z.array(jsonObjectSchema).max(1_000)).optional(),
    context: jsonObjectSchema.optional(),
    findings: z
      .array(jsonObjectSchema)
      .max(100)
      .optional()
      .describe('of `fail`: all of them, each compared on the members that are given'),
    reason: z.string().max(2_000).optional().describe('of `skipped` and `not_applicable`'),
  })
  .meta({ id: 'PolicyCase' });
export type PolicyCase = z.infer<typeof policyCaseSchema>;
const cases = z.array(policyCaseSchema).max(500);
const source = z
  .string()
  .min(1)
  .max(300)
  .describe('where the policy is kept, as a repository: only who names the same may change it from then on');

/** What a policy says of itself; each of them wins over the METADATA annotation in its Rego. */
const policyFields = {
  title: nameOfAtMost(200).optional(),
  category: categorySchema.optional(),
  severity: severitySchema.optional(),
  description: z.string().max(20_000).optional(),
  remediation: z.string().max(20_000).optional(),
  kinds: z.array(kind).min(1).max(100).optional(),
  container_lists: z
    .array(z.enum(['containers', 'initContainers', 'sidecars', 'ephemeralContainers']))
    .max(4)
    .optional()
    .describe('the container lists it claims to judge, where it judges containers'),
  parameters_schema: jsonObjectSchema.optional().describe('JSON Schema (2020-12) of an object, with defaults'),
  related: z.array(jsonObjectSchema).max(20).optional(),
  expand: z.boolean().optional(),
  admission: admissionSchema.optional(),
  standards: z
    .array(z.strictObject({ framework: z.string().min(1).max(100), section: z.string().min(1).max(200) }))
    .max(100)
    .optional(),
  rego,
  ...written,
  tests: z.string().max(REGO_MAX).optional().describe('`_test.rego`'),
  cases: cases.optional().describe('objects that it is tested on'),
  note: z.string().max(2_000).optional().describe('what changed and why'),
  source: source.optional(),
};
export const createPolicySchema = z.strictObject({ slug: policySlugSchema, ...policyFields });
export type CreatePolicy = z.infer<typeof createPolicySchema>;
/** What is left out stays as in the latest version; with `source` and `rego`, what is left out is as the Rego says. */
export const newVersionSchema = z.strictObject({ ...policyFields, rego: rego.optional() });
export type NewVersion = z.infer<typeof newVersionSchema>;
export const publishPolicySchema = z
  .strictObject({
    version: z.int().min(1).max(INT_MAX).optional().describe('the latest unless given'),
    note: z.string().max(2_000).optional(),
    source: source.optional(),
  })
  .prefault({});
export type PublishPolicy = z.infer<typeof publishPolicySchema>;

/** Of deprecating and archiving. */
export const endPolicySchema = z.strictObject({ source: source.optional() }).prefault({});
export type EndPolicy = z.infer<typeof endPolicySchema>;
export const clonePolicySchema = z.strictObject({
  slug: policySlugSchema,
  version: z.int().min(1).max(INT_MAX).optional().describe('of an own policy; the latest unless given'),
  title: policyFields.title,
  note: policyFields.note,
});
export type ClonePolicy = z.infer<typeof clonePolicySchema>;

/** Of a path. */
export const policyVersionParam = z.coerce.number().int().min(1).max(INT_MAX);
export const policyVersionSchema = z
  .object({
    version: z.int(),
    acting: z.boolean(),
    author: z.object({ type: z.string(), id: z.string() }).nullable(),
    note: z.string().nullable(),
    created_at: timeSchema,
    published_at: timeSchema.nullable(),
  })
  .meta({ id: 'PolicyVersion' });
export type PolicyVersionShape = z.infer<typeof policyVersionSchema>;
export const policyVersionPageSchema = pageOf(policyVersionSchema);
export const policyVersionDetailSchema = policyVersionSchema
  .extend({
    rego: z.string().nullable(),
    dialect: written.dialect.unwrap(),
    rego_version: written.rego_version.unwrap(),
    libs: z.array(z.object({ file: z.string(), source: z.string() })),
    tests: z.string().nullable(),
    cases: z.array(policyCaseSchema),
    metadata: jsonObjectSchema,
  })
  .meta({ id: 'PolicyVersionDetail' });
export type PolicyVersionDetail = z.infer<typeof policyVersionDetailSchema>;

export const policyDiffQuery = z.strictObject({
  from: policyVersionParam.optional().describe('the one that acts unless given'),
  to: policyVersionParam.optional().describe('the latest unless given'),
});
export type PolicyDiffQuery = z.infer<typeof policyDiffQuery>;
export const policyDiffSchema = z
  .object({
    from: z.int(),
    to: z.int(),
    same: z.boolean(),
    rego: z.string().nullable().describe('unified diff; null where nothing differs, or the Rego came with a release'),
    tests: z.string().nullable(),
    cases: z.object({ added: z.array(z.string()), removed: z.array(z.string()), changed: z.array(z.string()) }),
    metadata: z.array(
      z.object({ pointer: z.string(), before: jsonValueSchema.optional(), after: jsonValueSchema.optional() }),
    ),
  })
  .meta({ id: 'PolicyDiff' });
export type PolicyDiff = z.infer<typeof policyDiffSchema>;

export const testPolicySchema = z
  .strictObject({
    version: z.int().min(1).max(INT_MAX).optional().describe('the latest unless given'),
    tests: z.string().max(REGO_MAX).optional().describe('`_test.rego` in place of that of the version'),
    cases: cases.optional().describe('in place of those of the version'),
  })
  .prefault({});
export type TestPolicy = z.infer<typeof testPolicySchema>;
export const policyTestSchema = z
  .object({
    ok: z.boolean(),
    version: z.int(),
    errors: z
      .array(
        z.object({
          file: z.enum(['policy', 'tests']),
          row: z.int(),
          col: z.int(),
          code: z.string(),
          message: z.string(),
        }),
      )
      .describe('for which nothing could be run'),
    tests: z.array(z.object({ name: z.string(), row: z.int(), ok: z.boolean(), message: z.string().optional() })),
    cases: z.array(
      z.object({
        name: z.string(),
        ok: z.boolean(),
        verdict: z.enum(['pass', 'fail', 'error', 'skipped', 'not_applicable']).nullable(),
        problems: z.array(z.string()).describe('what differs from what was expected'),
      }),
    ),
    coverage: z
      .object({ share: z.number(), not_covered: z.array(z.int()).describe('rows that neither tests nor cases reach') })
      .nullable(),
  })
  .meta({ id: 'PolicyTest' });
export type PolicyTestShape = z.infer<typeof policyTestSchema>;

export const checkPolicySchema = z.strictObject({
  rego: z.string().max(REGO_MAX),
  ...written,
});
export type CheckPolicy = z.infer<typeof checkPolicySchema>;
export const regoErrorSchema = z.object({ row: z.int(), col: z.int(), code: z.string(), message: z.string() });
export type RegoError = z.infer<typeof regoErrorSchema>;
export const checkAnswerSchema = z
  .object({ ok: z.boolean(), errors: z.array(regoErrorSchema) })
  .meta({ id: 'PolicyCheck' });
export type CheckAnswer = z.infer<typeof checkAnswerSchema>;

export const evaluatePolicySchema = z
  .strictObject({
    rego: rego.optional(),
    ...written,
    policy: z.string().min(1).max(120).optional().describe('id or slug'),
    object: jsonObjectSchema,
    parameters: jsonObjectSchema.optional(),
    related: z.record(z.string().max(120), z.array(jsonObjectSchema).max(1_000)).optional(),
    context: jsonObjectSchema.optional(),
  })
  .refine((body) => (body.rego === undefined) !== (body.policy === undefined), {
    message: 'either rego or policy',
    path: ['rego'],
  })
  .meta({
    oneOf: [{ required: ['rego'] }, { required: ['policy'] }],
    examples: [
      {
        policy: 'no-latest-tag',
        object: {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { name: 'web', namespace: 'shop' },
          spec: { containers: [{ name: 'app', image: 'nginx' }] },
        },
      },
    ],
  });
export type EvaluatePolicy = z.infer<typeof evaluatePolicySchema>;
export const evaluateAnswerSchema = z
  .object({
    verdict: z.enum(['pass', 'fail', 'error', 'skipped', 'not_applicable']),
    reason: z.string().optional(),
    findings: z.array(findingSchema),
    trace: z.array(z.string()).optional().describe('how it came to its verdict, line by line'),
    prints: z.array(z.string()).optional().describe('what `print()` wrote'),
  })
  .meta({ id: 'PolicyEvaluation' });
export type EvaluateAnswer = z.infer<typeof evaluateAnswerSchema>;

export const provePolicySchema = z.strictObject({
  cases: z
    .array(
      z.strictObject({
        object: jsonObjectSchema,
        parameters: jsonObjectSchema.optional(),
        related: z.record(z.string().max(120), z.array(jsonObjectSchema).max(100)).optional(),
        context: jsonObjectSchema.optional(),
      }),
    )
    .max(200)
    .optional()
    .describe('objects of yours that it is tried on, beside the library’s'),
});
export type ProvePolicy = z.infer<typeof provePolicySchema>;
export const proofSchema = z
  .object({
    alive: z.boolean(),
    slots: z.array(
      z.object({
        kind: z.string().optional(),
        list: z.string().optional(),
        parameter: z.string().optional(),
        status: z.enum(['fires', 'never_fires', 'not_applicable']),
        reason: z.string(),
      }),
    ),
  })
  .meta({ id: 'PolicyProof' });
export type ProofShape = z.infer<typeof proofSchema>;
