import type { Scope } from '#kernel';
import type { Database } from './database.js';
import { IDEMPOTENCY_KEPT_MS } from './idempotency.store.js';

const WINDOWS_KEPT_MS = 3_600_000;

/** Rows that time alone makes worthless. */
export class ExpiredRows {
  constructor(private readonly database: Database) {}

  /**
   * Takes away answers whose key has expired, and windows that ended long ago.
   * @param scope the organization
   */
  async forget(scope: Scope): Promise<void> {
    await this.database.run(scope, async (tx) => {
      const before = (ms: number): Date => new Date(tx.now.getTime() - ms);
      await tx.query('delete from app.idempotency_key where org_id = $1 and created_at <= $2', [
        scope.orgId,
        before(IDEMPOTENCY_KEPT_MS),
      ]);
      await tx.query('delete from app.rate_window where org_id = $1 and ends_at < $2', [
        scope.orgId,
        before(WINDOWS_KEPT_MS),
      ]);
    });
  }
}
