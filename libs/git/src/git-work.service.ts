import { Injectable } from '@nestjs/common';
import type { Scope } from '#kernel';
import { Database } from '#platform';
import { GitChecks } from './git-checks.service.js';
import { GitPoll } from './git-poll.service.js';
import { GitReports } from './git-reports.service.js';

const DELIVERIES_KEPT_MS = 30 * 86_400_000;
const CHECKS_KEPT_MS = 400 * 86_400_000;

/** All that is to be done with an organization's repositories, a piece at a time. */
@Injectable()
export class GitWork {
  constructor(
    private readonly database: Database,
    private readonly checks: GitChecks,
    private readonly reports: GitReports,
    private readonly poll: GitPoll,
  ) {}

  /**
   * Does the next piece: tells of a result, checks a commit, or looks for pushes that nobody told of.
   * @param scope the platform's own
   * @returns whether there was one
   */
  async executeNext(scope: Scope): Promise<boolean> {
    return (
      (await this.reports.sendNext(scope)) ||
      (await this.checks.executeNext(scope)) ||
      (await this.poll.lookAtNext(scope))
    );
  }

  /** This worker ends: checks that are under way begin anew in another one. */
  handOver(): void {
    this.checks.handOver();
  }

  /** Takes away what has expired: deliveries long after anybody sends them again, checks after the time of retention. */
  async forget(scope: Scope): Promise<void> {
    await this.database.run(scope, async (tx) => {
      const before = (ms: number): Date => new Date(tx.now.getTime() - ms);
      await tx.query('delete from app.git_delivery where org_id = $1 and received_at < $2', [
        scope.orgId,
        before(DELIVERIES_KEPT_MS),
      ]);
      await tx.query('delete from app.git_check where org_id = $1 and requested_at < $2', [
        scope.orgId,
        before(CHECKS_KEPT_MS),
      ]);
    });
  }
}
