import { z } from 'zod';
import { ENFORCEMENTS, ERROR_CODES, SEVERITIES, type ErrorCode, type Json } from '#kernel';

export const severitySchema = z.enum(SEVERITIES);
export const enforcementSchema = z.enum(ENFORCEMENTS);
/** Postgres has no year 0. */
export const timeSchema = z.iso
  .datetime()
  .regex(/^(?:[1-9]\d{3}|0[1-9]\d{2}|00[1-9]\d|000[1-9])-/, 'a year from 0001 on')
  .describe('RFC 3339, UTC');
/** Any JSON value: it was parsed as JSON already, so that walking through it once more would only cost time. */
export const jsonValueSchema = z.custom<Json>(() => true).meta({ id: 'Json', description: 'Any JSON value' });
export const jsonObjectSchema = z.record(z.string(), jsonValueSchema);

/**
 * What people call things: spaces around it are dropped, and something has to be left.
 * @param most characters, as they are sent
 */
export function nameOfAtMost(most: number) {
  return z.string().min(1).max(most).regex(/\S/, 'more than spaces').trim();
}

/**
 * A change of an editable resource.
 * @param fields that may be left out, but not all of them
 * @param what each of them is, for the message
 */
export function changeOf<Shape extends z.ZodRawShape>(fields: Shape, what = 'field') {
  return z
    .strictObject(fields)
    .partial()
    .refine((change) => Object.keys(change).length > 0, `name at least one ${what} to change`)
    .meta({ minProperties: 1 });
}

/** Labels as Kubernetes takes them, on things of ours. */
export const labelsSchema = z
  .record(z.string().min(1).max(317), z.string().max(63))
  .refine((labels) => Object.keys(labels).length <= 64, 'at most 64 labels')
  .meta({ maxProperties: 64 });

/** The largest number that a column of four bytes keeps. */
export const INT_MAX = 2_147_483_647;

export const PAGE_LIMIT_DEFAULT = 50;
export const PAGE_LIMIT_MAX = 500;

/** Query parameters of every list. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(PAGE_LIMIT_MAX).default(PAGE_LIMIT_DEFAULT),
  cursor: z.string().min(1).max(2_000).optional(),
};

/**
 * The answer of every list: a page and the way to the next.
 * @param item schema of one item
 */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), next_cursor: z.string().nullable() });
}

/** What a probe is told; the HTTP status says it too. */
export const healthSchema = z.object({ status: z.literal('ok') }).meta({ id: 'Health' });
export type Health = z.infer<typeof healthSchema>;

/** RFC 9457, with our members. */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.enum(Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]),
    detail: z.string(),
    instance: z.string(),
    request_id: z.string(),
    errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
  })
  .loose()
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof problemSchema>;

/** One Kubernetes object, by name. */
export const objectRefSchema = z.object({
  api_version: z.string(),
  kind: z.string(),
  namespace: z.string(),
  name: z.string(),
});

export const fixOperationSchema = z.object({
  op: z.enum(['add', 'remove', 'replace', 'test']),
  path: z.string(),
  value: jsonValueSchema.optional(),
});

/** One place that a policy found wrong. */
export const findingSchema = z
  .object({
    path: z.string().describe('dotted, from the object’s root: spec.template.spec.containers[1].image'),
    found: jsonValueSchema,
    expected: jsonValueSchema,
    message: z.string(),
    container: z.string().optional(),
    sensitive: z.boolean().optional(),
    fix: z.array(fixOperationSchema).optional().describe('RFC 6902, re-evaluated before it is shown'),
  })
  .meta({ id: 'Finding' });
export type FindingShape = z.infer<typeof findingSchema>;

export const verdictCountsSchema = z.object({
  pass: z.int(),
  fail: z.int(),
  waived: z.int(),
  error: z.int(),
  skipped: z.int(),
});
