import { Injectable } from '@nestjs/common';
import { uuidV7 } from '#kernel';
import type { GitCheckCause } from '#contracts';
import { isUniqueViolation, Queues, type QueueName, type Tx } from '#platform';

/** Wakes a worker for an organization: what there is to do with its repositories is found in Postgres (J2). */
export const GIT_QUEUE: QueueName<{ org_id: string }> = { name: 'git', once: ({ org_id: orgId }) => orgId };

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

/** What is to be checked: a commit of a ref has one check, and the newest of a ref takes the place of those that wait. */
@Injectable()
export class GitWishes {
  constructor(private readonly queues: Queues) {}

  /**
   * Wants a commit checked. What waits for the same ref is superseded.
   * @param tx holds the ref, or its source
   * @param again though the commit was checked before
   * @returns the check's UUID; undefined where the commit has its check
   */
  async want(tx: Tx, wish: CheckWish, again: boolean): Promise<string | undefined> {
    const { orgId } = tx.scope;
    const [present] = await tx.query<{ check_id: string; status: string }>(
      `select check_id, status from app.git_check
       where org_id = $1 and source_id = $2 and ref = $3 and status = 'waiting' and commit_sha is not distinct from $4
       union all
       (select check_id, status from app.git_check
        where org_id = $1 and source_id = $2 and ref = $3 and commit_sha = $4 and status in ('running', 'done', 'failed')
        order by requested_at desc, check_id desc limit 1)`,
      [orgId, wish.sourceId, wish.ref, wish.commit],
    );
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
    const checkId = uuidV7(tx.now.getTime());
    await replace(tx, checkId, wish);
    wakeAfter(tx, this.queues);
    return checkId;
  }
}

/**
 * Holds refs of a source until the transaction ends: wishes for one come one after the other, those for others beside
 * them. All at once and in order, so that nobody waits for who waits for him.
 * @param tx shares the source, or holds it
 * @param refs whole
 */
export async function holdRefs(tx: Tx, sourceId: string, refs: readonly string[]): Promise<void> {
  await tx.query(
    `select pg_advisory_xact_lock(held.key) from (
       select distinct hashtextextended('bylaw git ' || $1::text || ' ' || (hashtext(r.ref) & ${LOCKS_A_SOURCE - 1}), 0) as key
       from unnest($2::text[]) as r (ref) order by key) held`,
    [sourceId, refs],
  );
}

/** What waits for a ref is not done any more: it is gone. */
export async function supersede(tx: Tx, sourceId: string, ref: string): Promise<void> {
  await tx.query(
    `update app.git_check set status = 'superseded', finished_at = $4
     where org_id = $1 and source_id = $2 and ref = $3 and status = 'waiting'`,
    [tx.scope.orgId, sourceId, ref, tx.now],
  );
}

/** Wakes a worker once this is committed. */
export function wakeAfter(tx: Tx, queues: Queues): void {
  tx.afterCommit(() => queues.wake(GIT_QUEUE, { org_id: tx.scope.orgId }));
}

/** Who asked for all of a ref gets all of it, though somebody pushes before it is done. */
async function replace(tx: Tx, checkId: string, wish: CheckWish): Promise<void> {
  try {
    await tx.query(REPLACE, [
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
      tx.scope.traceparent ?? null,
    ]);
  } catch (error) {
    if (isUniqueViolation(error, 'git_check_waiting'))
      throw new Error('a ref was not held while it was asked', { cause: error });
    throw error;
  }
}

/** What waits makes room before the new one comes: that one is made from the count of them. */
const REPLACE = `
  with gone as (
    update app.git_check set status = 'superseded', finished_at = $14
    where org_id = $1 and source_id = $3 and ref = $4 and status = 'waiting' returning everything and cause = 'manual' as asked),
  before as (select coalesce(bool_or(asked), false) as asked from gone)
  insert into app.git_check (org_id, check_id, source_id, ref, pull_request, commit_sha, base_sha, base_ref, fetch_ref, fork_url,
    everything, cause, actor, status, not_before, requested_at, traceparent)
  select $1, $2, $3, $4, $5::int, $6, $7, $8, $9, $10, $11::boolean or before.asked, $12, $13, 'waiting', $14, $14, $15 from before`;
