import { z } from 'zod';
import { changeOf } from './common.contract.js';

/** The platform takes no larger body than this, whatever an organization may: 16 MiB. */
export const BODY_BYTES_MAX = 16 * 1024 * 1024;

/** As many requests a minute as an installation can be told to take. */
export const RATE_MAX = 999_999_999;

const count = (most: number) => z.int().min(0).max(most);

const limits = {
  clusters: count(1_000_000).describe('registered, not removed'),
  objects: count(1_000_000_000).describe('of all clusters'),
  custom_policies: count(100_000).describe('not archived'),
  validations_per_minute: count(RATE_MAX),
  body_bytes: count(BODY_BYTES_MAX).min(1_024).describe('of one request under an API key'),
};

/** How much an organization may hold and do. */
export const quotasSchema = z.object(limits).meta({ id: 'Quotas' });
export type Quotas = z.infer<typeof quotasSchema>;

/** What the operator changes: `null` gives the installation's default back. */
export const quotaChangeSchema = changeOf(
  {
    clusters: limits.clusters.nullable(),
    objects: limits.objects.nullable(),
    custom_policies: limits.custom_policies.nullable(),
    validations_per_minute: limits.validations_per_minute.nullable(),
    body_bytes: limits.body_bytes.nullable(),
  },
  'quota',
);
export type QuotaChange = z.infer<typeof quotaChangeSchema>;

const used = z.object({ used: z.int(), limit: z.int() });

/** Beside each quota, how much of it is taken. */
export const organizationUsageSchema = z
  .object({
    clusters: used,
    objects: used,
    custom_policies: used,
    validations_per_minute: used.describe('in the minute that runs'),
    body_bytes: z.object({ limit: z.int() }),
  })
  .meta({ id: 'OrganizationUsage' });
export type OrganizationUsage = z.infer<typeof organizationUsageSchema>;
