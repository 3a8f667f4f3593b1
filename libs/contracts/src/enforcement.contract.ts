import { z } from 'zod';
import {
  changeOf,
  enforcementSchema,
  jsonObjectSchema,
  labelsSchema,
  nameOfAtMost,
  objectRefSchema,
  pageOf,
  pageQuery,
  timeSchema,
} from './common.contract.js';
import { policySlugSchema } from './policies.contract.js';

/** What people call their targets, triggers, bindings. */
const nameSchema = nameOfAtMost(120);
const glob = z.string().min(1).max(317).describe('`*` stands for any run of characters, `?` for one');
const globs = z.array(glob).min(1).max(200);
export const publicIdOf = (prefix: string) =>
  z.string().regex(new RegExp(`^${prefix}_[0-9A-HJKMNP-TV-Z]{26}$`, 'i'), `an id as in ${prefix}_01J…`);

export const labelSelectorSchema = z.strictObject({
  matchLabels: labelsSchema.optional(),
  matchExpressions: z
    .array(
      z
        .strictObject({
          key: z.string().min(1).max(317),
          operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']),
          values: z.array(z.string().max(63)).max(200).optional(),
        })
        .refine(
          ({ operator, values }) => (operator === 'In' || operator === 'NotIn') === (values?.length ?? 0) > 0,
          'In and NotIn take values, Exists and DoesNotExist take none',
        )
        .meta({
          oneOf: [
            { properties: { operator: { enum: ['In', 'NotIn'] }, values: { minItems: 1 } }, required: ['values'] },
            { properties: { operator: { enum: ['Exists', 'DoesNotExist'] }, values: { maxItems: 0 } } },
          ],
        }),
    )
    .max(64)
    .optional(),
});

/** What an object itself has to be; what is unset matches. */
const objectFields = {
  namespaces: z.strictObject({ include: globs.optional(), exclude: globs.optional() }).optional(),
  namespace_selector: labelSelectorSchema.optional(),
  scope: z.enum(['Namespaced', 'Cluster']).optional(),
  kinds: globs.optional().describe('`Kind` in any group, `group/Kind`, globs in both'),
  label_selector: labelSelectorSchema.optional(),
  names: globs.optional().describe('of one that ends in `*`, the object’s generateName is asked too'),
  include_cluster_scoped: z.boolean().optional(),
};
export const objectConditionSchema = changeOf(objectFields, 'condition');
const objectConditions = z.array(objectConditionSchema).min(1).max(200);

/** Where something applies (F2); what is unset matches. */
const conditionFields = {
  clusters: z
    .strictObject({
      ids: z.array(publicIdOf('cls')).min(1).max(1_000).optional(),
      labels: labelsSchema.optional(),
      environments: z.array(z.string().min(1).max(63)).min(1).max(100).optional(),
    })
    .optional(),
  ...objectFields,
  subjects: z
    .array(
      z.strictObject({
        kind: z.enum(['User', 'Group', 'ServiceAccount']),
        name: glob,
        namespace: glob.optional(),
      }),
    )
    .min(1)
    .max(200)
    .optional()
    .describe('who asks, at admission only'),
  repositories: globs.optional(),
  paths: globs.optional(),
  any_of: objectConditions.optional().describe('one of these at least has to hold'),
  none_of: objectConditions.optional().describe('none of these may hold'),
};

/** What a target asks, without its name. */
export const targetConditionSchema = z.strictObject(conditionFields);
export const createTargetSchema = z.strictObject({ name: nameSchema, ...conditionFields });
export type CreateTarget = z.infer<typeof createTargetSchema>;
/** null takes a condition away. */
export const patchTargetSchema = z
  .strictObject({
    name: nameSchema,
    ...(Object.fromEntries(Object.entries(conditionFields).map(([key, schema]) => [key, schema.nullable()])) as {
      [Key in keyof typeof conditionFields]: z.ZodNullable<(typeof conditionFields)[Key]>;
    }),
  })
  .partial();
export type PatchTarget = z.infer<typeof patchTargetSchema>;
export const targetSchema = z
  .object({ id: z.string(), name: z.string(), ...conditionFields, revision: z.int() })
  .meta({ id: 'Target' });
export type TargetShape = z.infer<typeof targetSchema>;
export const targetPageSchema = pageOf(targetSchema);

/** What a target matches at this moment. */
export const targetMatchesSchema = z
  .object({
    clusters: z.array(z.object({ id: z.string(), name: z.string(), objects: z.int() })),
    objects: z.object({
      total: z.int(),
      by_kind: z.array(z.object({ kind: z.string(), count: z.int() })),
    }),
    sample: z.array(objectRefSchema.extend({ cluster: z.string() })).describe('the first few, by cluster and name'),
  })
  .meta({ id: 'TargetMatches' });
export type TargetMatches = z.infer<typeof targetMatchesSchema>;

export const TRIGGER_TYPES = ['schedule', 'object-change', 'admission', 'ci', 'git-push'] as const;
export type TriggerType = (typeof TRIGGER_TYPES)[number];
const scheduleFields = {
  cron: nameOfAtMost(120).optional().describe('five fields: minute hour day month weekday'),
  time_zone: z.string().min(1).max(64).optional().describe('IANA name, as in Europe/Berlin; UTC unless given'),
  jitter_seconds: z
    .int()
    .min(0)
    .max(3_600)
    .optional()
    .describe('spreads the clusters of many organizations: every tick comes up to this much later'),
};
export const createTriggerSchema = z.strictObject({
  name: nameSchema,
  type: z.enum(TRIGGER_TYPES),
  ...scheduleFields,
});
export type CreateTrigger = z.infer<typeof createTriggerSchema>;
export const patchTriggerSchema = z.strictObject({ name: nameSchema, ...scheduleFields }).partial();
export type PatchTrigger = z.infer<typeof patchTriggerSchema>;
export const triggerSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    type: z.enum(TRIGGER_TYPES),
    cron: z.string().nullable(),
    time_zone: z.string().nullable(),
    jitter_seconds: z.int(),
    next_due_at: timeSchema.nullable(),
    last_fired_at: timeSchema.nullable(),
    served: z.boolean().describe('whether anything acts on it yet'),
    revision: z.int(),
  })
  .meta({ id: 'Trigger' });
export type TriggerShape = z.infer<typeof triggerSchema>;
export const triggerPageSchema = pageOf(triggerSchema);

/** One policy under one name; without an instance, the policy's only one. */
export const policyItemSchema = z.strictObject({
  policy: z.string().min(1).max(120).describe('id or slug'),
  instance: z
    .string()
    .max(63)
    .regex(/^(?:[a-z0-9]+(?:-[a-z0-9]+)*)?$/, 'lower-case letters, digits and single dashes, or empty')
    .optional(),
  parameters: jsonObjectSchema.optional(),
});
export type PolicyItem = z.infer<typeof policyItemSchema>;
const items = z.array(policyItemSchema).min(1).max(500);

export const createPolicySetSchema = z.strictObject({
  slug: policySlugSchema,
  title: nameSchema,
  description: z.string().max(5_000).optional(),
  policies: items,
});
export type CreatePolicySet = z.infer<typeof createPolicySetSchema>;
export const patchPolicySetSchema = createPolicySetSchema.omit({ slug: true }).partial();
export type PatchPolicySet = z.infer<typeof patchPolicySetSchema>;
const itemShape = z.object({ policy: z.string().describe('slug'), instance: z.string(), parameters: jsonObjectSchema });
export const policySetSchema = z
  .object({
    id: z.string(),
    slug: z.string(),
    title: z.string(),
    description: z.string(),
    origin: z.enum(['builtin', 'custom']),
    policies: z.array(itemShape),
    revision: z.int(),
  })
  .meta({ id: 'PolicySet' });
export type PolicySetShape = z.infer<typeof policySetSchema>;
export const policySetPageSchema = pageOf(policySetSchema);

const bindingFields = {
  name: nameSchema,
  policies: items.optional(),
  policy_set: z.string().min(1).max(120).optional().describe('id or slug'),
  parameters: z.record(z.string().max(63), jsonObjectSchema).optional().describe('by slug; they win over the items’'),
  target_id: publicIdOf('tgt'),
  trigger_ids: z.array(publicIdOf('trg')).max(100),
  enforcement: enforcementSchema,
  on_error: z.literal('deny').nullable().optional(),
  priority: z.int().min(-1_000_000).max(1_000_000).optional(),
  pin: z.string().min(1).max(60).optional().describe('`latest`, or the release of the library whose versions act'),
};
export const createBindingSchema = z
  .strictObject(bindingFields)
  .refine(({ policies, policy_set: set }) => (policies === undefined) !== (set === undefined), {
    message: 'either policies or policy_set',
    path: ['policies'],
  })
  .meta({ oneOf: [{ required: ['policies'] }, { required: ['policy_set'] }] });
export type CreateBinding = z.infer<typeof createBindingSchema>;
export const patchBindingSchema = z
  .strictObject(bindingFields)
  .partial()
  .refine(({ policies, policy_set: set }) => policies === undefined || set === undefined, {
    message: 'either policies or policy_set',
    path: ['policies'],
  })
  .meta({ not: { required: ['policies', 'policy_set'] } });
export type PatchBinding = z.infer<typeof patchBindingSchema>;

/** Two bindings that ask for the same check otherwise, where both can match. */
export const bindingConflictSchema = z.object({
  policy: z.string(),
  instance: z.string(),
  other: z.object({ id: z.string(), name: z.string() }),
  differs: z.array(z.enum(['parameters', 'version'])),
  wins: z.enum(['this', 'other']),
  because: z.enum(['priority', 'newer']),
});
export type BindingConflict = z.infer<typeof bindingConflictSchema>;

export const bindingSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    policies: z.array(itemShape).nullable(),
    policy_set: z.string().nullable().describe('slug'),
    parameters: z.record(z.string(), jsonObjectSchema),
    target_id: z.string(),
    trigger_ids: z.array(z.string()),
    enforcement: enforcementSchema,
    on_error: z.literal('deny').nullable(),
    priority: z.int(),
    pin: z.string(),
    waiting: z
      .array(z.object({ policy: z.string(), from: z.int(), to: z.int() }))
      .describe('newer versions of built-in policies that act once it is saved with a newer pin'),
    unserved_triggers: z.array(z.enum(TRIGGER_TYPES)).describe('types among its triggers that nothing acts on yet'),
    conflicts: z.array(bindingConflictSchema),
    revision: z.int(),
  })
  .meta({ id: 'Binding' });
export type BindingShape = z.infer<typeof bindingSchema>;
export const bindingPageSchema = pageOf(bindingSchema);

export const namedPageQuery = z.strictObject(pageQuery);
export type NamedPageQuery = z.infer<typeof namedPageQuery>;
