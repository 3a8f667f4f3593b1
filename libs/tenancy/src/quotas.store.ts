import { AppError } from '#kernel';
import type { Tx } from '#platform';
import { QUOTA_DEFAULTS, type QuotaOverrides } from './quotas.rules.js';

/** Quotas of things that are made one at a time, with what they are called and how room is made. */
const COUNTED = {
  clusters: { noun: 'clusters', remedy: 'remove one that is gone' },
  custom_policies: { noun: 'policies of its own', remedy: 'archive those that nobody uses' },
} as const;

/**
 * @param quota which
 * @returns the organization's limit
 */
export async function loadQuota(tx: Tx, quota: keyof typeof QUOTA_DEFAULTS): Promise<number> {
  const [row] = await tx.query<{ quotas: QuotaOverrides }>('select quotas from app.organization where org_id = $1', [
    tx.scope.orgId,
  ]);
  return row?.quotas[quota] ?? QUOTA_DEFAULTS[quota];
}

/**
 * Sees that one more fits, or as many as are to be made. Who makes another at the same time waits for this transaction, so that two never take the last
 * place.
 * @param quota which
 * @param countUsed how many there are
 * @param more how many are to be made
 * @throws AppError `quota_exceeded`, with limit and count
 */
export async function requireRoom(
  tx: Tx,
  quota: keyof typeof COUNTED,
  countUsed: (tx: Tx) => Promise<number>,
  more = 1,
): Promise<void> {
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`quota ${quota} ${tx.scope.orgId}`]);
  const limit = await loadQuota(tx, quota);
  const used = await countUsed(tx);
  if (used + more <= limit) return;
  const { noun, remedy } = COUNTED[quota];
  throw new AppError(
    'quota_exceeded',
    `The organization may have ${limit} ${noun} and has ${used}: ${remedy}, or ask the operator for a higher quota.`,
    { extra: { quota, limit, used } },
  );
}
