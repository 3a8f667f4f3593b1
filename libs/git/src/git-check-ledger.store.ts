import { Injectable } from '@nestjs/common';
import { publicId, type Scope } from '#kernel';
import type { GitCheckSummary, ValidationViolation } from '#contracts';
import { Database, Queues, type Tx } from '#platform';
import { emitCheck } from './git.events.js';
import { shareSource } from './git-sources.store.js';
import { holdRefs, wakeAfter, type CheckWish } from './git-wishes.store.js';

/** A worker that gives no sign for this long has lost its check to whoever comes next. */
export const CHECK_LEASE_MS = 6_000;
/** The end of the lease of a check that its worker gave back. */
const GIVEN_BACK = new Date(0);

/** A check in the hands of this worker; what it writes counts only under its attempt. */
export interface TakenCheck extends CheckWish {
  /** UUID */
  checkId: string;
  attempt: number;
  failures: number;
  /** The span that wants it; null where nothing was traced. */
  traceparent: string | null;
}

/** What a check found. */
export interface CheckFindings {
  commit: string;
  base: string | null;
  decision: 'allow' | 'warn' | 'deny';
  summary: GitCheckSummary;
  violations: readonly ValidationViolation[];
  /** UUIDs */
  validations: readonly string[];
}

/** The check is in other hands: whatever was found is dropped. */
export class CheckLost extends Error {
  constructor(checkId: string) {
    super(`check ${checkId} was taken over`);
  }
}

/** Checks are the queue (J2): who has which, and what became of it. */
@Injectable()
export class GitCheckLedger {
  constructor(private readonly queues: Queues) {}

  /**
   * Takes the organization's next check: one whose worker has gone silent, or one that waits, of each ref one at a time.
   * @returns undefined where there is nothing to take
   */
  async takeNext(database: Database, scope: Scope): Promise<TakenCheck | undefined> {
    return database.run(scope, async (tx) => {
      const [row] = await tx.query<TakenCheck>(TAKE, [scope.orgId, leaseFrom(tx.now), tx.now]);
      return row;
    });
  }

  /**
   * Fences a write, and renews the lease.
   * @throws CheckLost where the check is in other hands
   */
  async fence(tx: Tx, { checkId, attempt }: TakenCheck): Promise<void> {
    const rows = await tx.query(
      `update app.git_check set lease_until = $4 where org_id = $1 and check_id = $2 and attempt = $3 and status = 'running' returning 1`,
      [tx.scope.orgId, checkId, attempt, leaseFrom(tx.now)],
    );
    if (rows.length === 0) throw new CheckLost(checkId);
  }

  /**
   * Notes which commit it is, once that is known; one that waits for the same commit is superseded by it.
   * @throws CheckLost
   */
  async resolve(tx: Tx, check: TakenCheck, commit: string): Promise<void> {
    await this.fence(tx, check);
    await tx.query(
      `update app.git_check set status = 'superseded', finished_at = $5
       where org_id = $1 and source_id = $2 and ref = $3 and commit_sha = $4 and status = 'waiting'`,
      [tx.scope.orgId, check.sourceId, check.ref, commit, tx.now],
    );
    await tx.query('update app.git_check set commit_sha = $3 where org_id = $1 and check_id = $2', [
      tx.scope.orgId,
      check.checkId,
      commit,
    ]);
  }

  /** Gives a check back, for whichever worker takes it next: this one ends. */
  async handOver(tx: Tx, check: TakenCheck): Promise<void> {
    await this.fence(tx, check);
    await tx.query('update app.git_check set lease_until = $3 where org_id = $1 and check_id = $2', [
      tx.scope.orgId,
      check.checkId,
      GIVEN_BACK,
    ]);
    wakeAfter(tx, this.queues);
  }

  /**
   * Lets a check wait after an attempt that failed, unless a newer one waits for the same ref.
   * @param afterMs how long
   * @throws CheckLost
   */
  async postpone(tx: Tx, check: TakenCheck, afterMs: number, error: string): Promise<void> {
    // Before the check itself: whoever wants one holds its ref first.
    if ((await shareSource(tx, check.sourceId)) === undefined) throw new CheckLost(check.checkId);
    await holdRefs(tx, check.sourceId, [check.ref]);
    await this.fence(tx, check);
    await tx.query(
      `update app.git_check c set lease_until = null, failures = failures + 1, not_before = $3, error = $4,
         status = case when exists (select 1 from app.git_check o where o.org_id = c.org_id and o.source_id = c.source_id
           and o.ref = c.ref and o.status = 'waiting') then 'superseded' else 'waiting' end
       where c.org_id = $1 and c.check_id = $2`,
      [tx.scope.orgId, check.checkId, new Date(tx.now.getTime() + afterMs), error],
    );
  }

  /** @throws CheckLost */
  async finish(tx: Tx, check: TakenCheck, findings: CheckFindings, told: boolean): Promise<void> {
    await this.fence(tx, check);
    await tx.query(
      `update app.git_check set status = 'done', lease_until = null, finished_at = $3, base_sha = $4, decision = $5, summary = $6,
         violations = $7, validations = $8, error = null where org_id = $1 and check_id = $2`,
      [
        tx.scope.orgId,
        check.checkId,
        tx.now,
        findings.base,
        findings.decision,
        JSON.stringify(findings.summary),
        JSON.stringify(findings.violations),
        findings.validations,
      ],
    );
    emitCheck(tx, { ...check, commit: findings.commit }, 'done', findings.decision);
    await this.report(tx, check, told);
  }

  /** @throws CheckLost */
  async fail(tx: Tx, check: TakenCheck, error: string, told: boolean): Promise<void> {
    await this.fence(tx, check);
    await tx.query(
      `update app.git_check set status = 'failed', lease_until = null, finished_at = $3, failures = failures + 1, error = $4
       where org_id = $1 and check_id = $2`,
      [tx.scope.orgId, check.checkId, tx.now, error],
    );
    emitCheck(tx, check, 'failed', null);
    await this.report(tx, check, told);
  }

  /** The ref is gone: nobody waits for what was found in it. */
  async drop(tx: Tx, check: TakenCheck, why: string): Promise<void> {
    await this.fence(tx, check);
    await tx.query(
      `update app.git_check set status = 'superseded', lease_until = null, finished_at = $3, error = $4 where org_id = $1 and check_id = $2`,
      [tx.scope.orgId, check.checkId, tx.now, why],
    );
  }

  private async report(tx: Tx, { checkId }: TakenCheck, told: boolean): Promise<void> {
    if (told)
      await tx.query(
        `update app.git_check set report_state = 'waiting', report_at = $3, report_progress = '{}', report_failures = 0
         where org_id = $1 and check_id = $2 and commit_sha is not null`,
        [tx.scope.orgId, checkId, tx.now],
      );
    wakeAfter(tx, this.queues);
  }
}

/** @returns ids as people see them */
export function shownCheck(checkId: string): string {
  return publicId('gitCheck', checkId);
}

function leaseFrom(now: Date): Date {
  return new Date(now.getTime() + CHECK_LEASE_MS);
}

const TAKE = `
  with next as materialized (
    select n.check_id from app.git_check n
    where n.org_id = $1 and n.status in ('waiting', 'running') and n.not_before <= $3
      and (n.status = 'running' and n.lease_until < $3
        or n.status = 'waiting' and not exists (select 1 from app.git_check o
          where o.org_id = n.org_id and o.source_id = n.source_id and o.ref = n.ref and o.status = 'running'))
    order by n.status, n.cause <> 'manual', n.requested_at, n.check_id limit 1 for update skip locked)
  update app.git_check c set status = 'running', attempt = c.attempt + 1, lease_until = $2, started_at = coalesce(c.started_at, $3)
  from next where c.org_id = $1 and c.check_id = next.check_id
  returning c.check_id as "checkId", c.attempt, c.failures, c.source_id as "sourceId", c.ref, c.pull_request as "pullRequest",
    c.commit_sha as commit, c.base_sha as base, c.base_ref as "baseRef", c.fetch_ref as "fetchRef", c.fork_url as "forkUrl",
    c.everything, c.cause, c.actor, c.traceparent`;
