import { Injectable } from '@nestjs/common';
import { publicId, systemScope } from '#kernel';
import type { QuarantineEvent } from '#engine';
import { Database } from '#platform';

/** Own policies that went too far too often: kept, so that no process runs them again before somebody lifts it (H2). */
@Injectable()
export class QuarantineService {
  constructor(private readonly database: Database) {}

  /**
   * Notes that the acting version of a policy is not run any more; its owner reads why in the policy and the audit log.
   * @param event of the pool that ran it
   */
  async note({ owner, policy, reason }: QuarantineEvent): Promise<void> {
    await this.database.run(systemScope(owner, 'quarantine'), async (tx) => {
      const rows = await tx.query<{ policy_id: string; version: number }>(
        `insert into app.policy_quarantine (org_id, policy_id, version, reason, since)
         select org_id, policy_id, version, $3, $4 from app.policy where org_id = $1 and slug = $2 and origin <> 'builtin'
         on conflict (org_id, policy_id) do update set version = excluded.version, reason = excluded.reason, since = excluded.since
         returning policy_id, version`,
        [owner, policy, reason, tx.now],
      );
      for (const { policy_id: policyId, version } of rows)
        tx.audit({
          action: 'policy.quarantine',
          subject: publicId('policy', policyId),
          after: { slug: policy, version, reason },
        });
    });
  }
}
