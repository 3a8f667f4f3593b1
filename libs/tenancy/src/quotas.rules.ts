import type { QuotaChange, Quotas } from '#contracts';

/** Of organizations for which the operator said nothing else. */
export const QUOTA_DEFAULTS = {
  clusters: 10_000,
  objects: 1_000_000,
  custom_policies: 500,
  body_bytes: 16 * 1024 * 1024,
} as const;

/** What the operator said of one organization; what is absent has its default. */
export type QuotaOverrides = Partial<Quotas>;

/**
 * @param overrides of the organization
 * @param validationsPerMinute the installation's limit, by its settings
 * @returns what the organization may
 */
export function quotasOf(overrides: QuotaOverrides, validationsPerMinute: number): Quotas {
  return { ...QUOTA_DEFAULTS, validations_per_minute: validationsPerMinute, ...overrides };
}

/**
 * @param change null gives the default back; what is absent stays
 * @returns the overrides after it
 */
export function changedQuotas(overrides: QuotaOverrides, change: QuotaChange): QuotaOverrides {
  const merged = Object.entries({ ...overrides, ...change });
  return Object.fromEntries(merged.filter(([, limit]) => limit !== null && limit !== undefined));
}
