import { Injectable } from '@nestjs/common';
import { publicId, uuidV7, type Scope } from '#kernel';
import type { GitCheckCause, GitCheckSummary, ValidationViolation } from '#contracts';
import { Database, isUniqueViolation, Queues, type QueueName, type Tx } from '#platform';
import { shareSource } from './git-sources.store.js';

/** Wakes a worker for an organization: what there is to do with its repositories is found in Postgres (J2). */
export const GIT_QUEUE: QueueName<{ org_id: string }> = { name: 'git', once: ({ org_id: orgId }) => orgId };

/** A worker that gives no sign for this long has lost its check to whoever comes next. */
export const CHECK_LEASE_MS = 6_000;
/** The end of the lease of a check that its worker gave back. */
const GIVEN_BACK = new Date(0);

/** Refs of a source share so many locks, however many there are: Postgres has room for so many. A power of two. */
const LOCKS_A_SOURCE = 64;

/** What is to be checked. */
export interface CheckWish {
  /** UUID */
  sourceId: string;
  /** Whole; of a pull request our own name for it. */
  ref: string;
  pullRequest: number | null;
  /** null: whatever `fetchRef` points at when it is begun. */
  commit: string | null;
  /** What to compare with, where it is known. */
  base: string | null;
  /** The branch that a pull request is to go into. */
  baseRef: string | null;
  /** The ref that has the commit. */
  fetchRef: string;
  /** The repository that alone has it; null: the source's own. */
  forkUrl: string | null;
  /** All manifests, not only those that differ from the base. */
  everything: boolean;
  cause: GitCheckCause;
  actor: string | null;
}

/** A check in the hands of this worker; what it writes counts only under its attempt. */
export interface TakenCheck extends CheckWish {
  /** UUID */
  checkId: string;
  attempt: number;
  failures: number;
}

/** What a check found. */
export interface CheckFindings {
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

/** Checks are the queue (J2): a commit of a ref has one, and the newest of a ref takes the place of those that wait. */
@Injectable()
export class GitCheckLedger {
  constructor(private readonly queues: Queues) {}

  /**
   * Holds refs of a source until the transaction ends: wishes for one come one after the other, those for others beside
   * them. All at once and in order, so that nobody waits for who waits for him.
   * @param tx shares the source, or holds it
   * @param refs whole
   */
  async hold(tx: Tx, sourceId: string, refs: readonly string[]): Promise<void> {
    await tx.query(
      `select pg_advisory_xact_lock(held.key) from (
         select distinct hashtextextended('bylaw git ' || $1::text || ' ' || (hashtext(r.ref) & ${LOCKS_A_SOURCE - 1}), 0) as key
         from unnest($2::text[]) as r (ref) order by key) held`,
      [sourceId, refs],
    );
  }

  /**
   * Wants a commit checked. What waits for the same ref is superseded.
   * @param tx holds the ref, or its source
   * @param again though the commit was checked before
   * @returns the check's UUID; undefined where the commit has its check
   */
  async want(tx: Tx, wish: CheckWish, again: boolean): Promise<string | undefined> {
    const { orgId } = tx.scope;
    const known = await tx.query<{ check_id: string; status: string; same: boolean }>(
      `select check_id, status, commit_sha is not distinct from $4 as same from app.git_check
       where org_id = $1 and source_id = $2 and ref = $3 and status = 'waiting'
       union all
       (select check_id, status, true from app.git_check
        where org_id = $1 and source_id = $2 and ref = $3 and commit_sha = $4 and status in ('running', 'done', 'failed')
        order by requested_at desc, check_id desc limit 1)`,
      [orgId, wish.sourceId, wish.ref, wish.commit],
    );
    const present = known.find(({ same }) => same);
    if (present?.status === 'waiting' && again) {
      await tx.query('update app.git_check set everything = everything or $3 where org_id = $1 and check_id = $2', [
        orgId,
        present.check_id,
        wish.everything,
      ]);
      return present.check_id;
    }
    if (present !== undefined && wish.commit !== null && !again) return undefined;
    if (present?.status === 'running' && wish.commit !== null) return present.check_id;
    // Who asked for all of a ref gets all of it, though somebody pushes before it is done.
    const asked =
      known.some(({ status }) => status === 'waiting') && (await this.supersede(tx, wish.sourceId, wish.ref));
    const checkId = uuidV7(tx.now.getTime());
    await insert(tx, checkId, { ...wish, everything: asked || wish.everything });
    this.wake(tx);
    return checkId;
  }

  /**
   * What waits for a ref is not done any more: a newer commit took its place, or the ref is gone.
   * @returns whether somebody had asked for all of it
   */
  async supersede(tx: Tx, sourceId: string, ref: string): Promise<boolean> {
    const rows = await tx.query<{ asked: boolean }>(
      `update app.git_check set status = 'superseded', finished_at = $4
       where org_id = $1 and source_id = $2 and ref = $3 and status = 'waiting' returning everything and cause = 'manual' as asked`,
      [tx.scope.orgId, sourceId, ref, tx.now],
    );
    return rows.some(({ asked }) => asked);
  }

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
    this.wake(tx);
  }

  /**
   * Lets a check wait after an attempt that failed, unless a newer one waits for the same ref.
   * @param afterMs how long
   * @throws CheckLost
   */
  async postpone(tx: Tx, check: TakenCheck, afterMs: number, error: string): Promise<void> {
    // Before the check itself: whoever wants one holds its ref first.
    if ((await shareSource(tx, check.sourceId)) === undefined) throw new CheckLost(check.checkId);
    await this.hold(tx, check.sourceId, [check.ref]);
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
    this.wake(tx);
  }

  private wake(tx: Tx): void {
    tx.afterCommit(() => this.queues.wake(GIT_QUEUE, { org_id: tx.scope.orgId }));
  }
}

/** @returns ids as people see them */
export function shownCheck(checkId: string): string {
  return publicId('gitCheck', checkId);
}

async function insert(tx: Tx, checkId: string, wish: CheckWish): Promise<void> {
  try {
    await tx.query(
      `insert into app.git_check (org_id, check_id, source_id, ref, pull_request, commit_sha, base_sha, base_ref, fetch_ref, fork_url,
         everything, cause, actor, status, not_before, requested_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 'waiting', $14, $14)`,
      [
        tx.scope.orgId,
        checkId,
        wish.sourceId,
        wish.ref,
        wish.pullRequest,
        wish.commit,
        wish.base,
        wish.baseRef,
        wish.fetchRef,
        wish.forkUrl,
        wish.everything,
        wish.cause,
        wish.actor,
        tx.now,
      ],
    );
  } catch (error) {
    if (isUniqueViolation(error, 'git_check_waiting'))
      throw new Error('a ref was not held while it was asked', { cause: error });
    throw error;
  }
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
    c.everything, c.cause, c.actor`;
