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
    const asked = known.some(({ status }) => status === 'waiting') && (await supersede(tx, wish.sourceId, wish.ref));
    const checkId = uuidV7(tx.now.getTime());
    await insert(tx, checkId, { ...wish, everything: asked || wish.everything });
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

/**
 * What waits for a ref is not done any more: a newer commit took its place, or the ref is gone.
 * @returns whether somebody had asked for all of it
 */
export async function supersede(tx: Tx, sourceId: string, ref: string): Promise<boolean> {
  const rows = await tx.query<{ asked: boolean }>(
    `update app.git_check set status = 'superseded', finished_at = $4
     where org_id = $1 and source_id = $2 and ref = $3 and status = 'waiting' returning everything and cause = 'manual' as asked`,
    [tx.scope.orgId, sourceId, ref, tx.now],
  );
  return rows.some(({ asked }) => asked);
}

/** Wakes a worker once this is committed. */
export function wakeAfter(tx: Tx, queues: Queues): void {
  tx.afterCommit(() => queues.wake(GIT_QUEUE, { org_id: tx.scope.orgId }));
}

async function insert(tx: Tx, checkId: string, wish: CheckWish): Promise<void> {
  try {
    await tx.query(
      `insert into app.git_check (org_id, check_id, source_id, ref, pull_request, commit_sha, base_sha, base_ref, fetch_ref, fork_url,
         everything, cause, actor, status, not_before, requested_at, traceparent)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 'waiting', $14, $14, $15)`,
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
        tx.scope.traceparent ?? null,
      ],
    );
  } catch (error) {
    if (isUniqueViolation(error, 'git_check_waiting'))
      throw new Error('a ref was not held while it was asked', { cause: error });
    throw error;
  }
}
