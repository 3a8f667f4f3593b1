import { Injectable } from '@nestjs/common';
import { publicId, systemScope } from '#kernel';
import type { QuarantineEvent } from '#engine';
import { Database } from '#platform';
import { OwnModules } from './own-modules.service.js';

/** Own policies that went too far too often: kept, so that no process runs them again before somebody lifts it (H2). */
@Injectable()
export class QuarantineService {
  constructor(
    private readonly database: Database,
    private readonly modules: OwnModules,
  ) {}

  /**
   * Notes that the version of a policy that went too far is not run any more; its owner reads why in the policy and the audit log.
   * @param event of the pool that ran it
   */
  async note({ owner, policy, key, reason }: QuarantineEvent): Promise<void> {
    const version = await this.modules.versionIn(owner, key, policy);
    await this.database.run(systemScope(owner, 'quarantine'), async (tx) => {
      const rows = await tx.query<{ policy_id: string; version: number }>(
        `insert into app.policy_quarantine (org_id, policy_id, version, reason, since)
         select org_id, policy_id, coalesce($5, version), $3, $4 from app.policy where org_id = $1 and slug = $2 and origin <> 'builtin'
         on conflict (org_id, policy_id, version) do update set reason = excluded.reason, since = excluded.since
         returning policy_id, version`,
        [owner, policy, reason, tx.now, version ?? null],
      );
      for (const { policy_id: policyId, version: struck } of rows)
        tx.audit({
          action: 'policy.quarantine',
          subject: publicId('policy', policyId),
          after: { slug: policy, version: struck, reason },
        });
    });
  }
}
