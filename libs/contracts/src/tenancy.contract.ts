import { z } from 'zod';
import { changeOf, nameOfAtMost, pageOf, pageQuery, severitySchema, timeSchema } from './common.contract.js';
import { quotaChangeSchema, quotasSchema } from './quotas.contract.js';
import { secretShown } from './secret-shown.contract.js';

export const API_KEY_SCOPES = ['validate', 'clusters', 'read', 'export', 'admin'] as const;
export type ApiKeyScope = (typeof API_KEY_SCOPES)[number];

export const slugSchema = z
  .string()
  .regex(
    /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
    'lower-case letters, digits and dashes, at most 63, as in "acme-shop"',
  );

export const createOrganizationSchema = z.strictObject({ slug: slugSchema, name: nameOfAtMost(200) });
export const createdOrganizationSchema = z.object({
  id: z.string(),
  slug: z.string(),
  name: z.string(),
  key: z.string().optional().describe('the owner’s, shown once'),
  ...secretShown,
});

export const organizationSchema = z
  .object({
    id: z.string(),
    slug: z.string(),
    name: z.string(),
    fail_on: severitySchema,
    ignores: z.boolean().describe('whether comments and annotations of posted specs may have policies ignored'),
    quotas: quotasSchema,
    created_at: timeSchema,
    revision: z.int(),
  })
  .meta({ id: 'Organization' });
export const patchOrganizationSchema = changeOf({
  name: nameOfAtMost(200),
  fail_on: severitySchema,
  ignores: z.boolean(),
});
/** What the operator alone decides. */
export const operateOrganizationSchema = z.strictObject({ quotas: quotaChangeSchema });

export const createApiKeySchema = z.strictObject({
  name: nameOfAtMost(200),
  scopes: z.array(z.enum(API_KEY_SCOPES)).min(1).max(API_KEY_SCOPES.length),
  expires_at: timeSchema.optional(),
  fail_on: severitySchema.optional(),
});
export type CreateApiKey = z.infer<typeof createApiKeySchema>;

export const apiKeySchema = z
  .object({
    id: z.string(),
    name: z.string(),
    hint: z.string().describe('the last characters of the key'),
    scopes: z.array(z.string()),
    fail_on: severitySchema.nullable(),
    created_at: timeSchema,
    expires_at: timeSchema.nullable(),
    revoked_at: timeSchema.nullable(),
  })
  .meta({ id: 'ApiKey' });
export type ApiKeyShape = z.infer<typeof apiKeySchema>;
export const createdApiKeySchema = apiKeySchema.extend({
  key: z.string().optional().describe('shown once'),
  ...secretShown,
});
/** Who asks, for those who hold no more than a credential. */
export const meSchema = z
  .object({
    organization: organizationSchema.pick({ id: true, slug: true, name: true }),
    api_key: apiKeySchema.pick({ id: true, name: true, scopes: true, fail_on: true }),
  })
  .meta({ id: 'Me' });
export type Me = z.infer<typeof meSchema>;

export const listApiKeysQuery = z.strictObject(pageQuery);
export const apiKeyPageSchema = pageOf(apiKeySchema);
