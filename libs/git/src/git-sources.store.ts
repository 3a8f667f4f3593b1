import type { Tx } from '#platform';
import { GitSource } from './git-source.entity.js';

const MINUTE_MS = 60_000;
/** A source that fails again and again is looked at once a day. */
const LONGEST_MS = 24 * 60 * MINUTE_MS;
const DOUBLINGS_MAX = 10;
/** How exactly it is told when a source was last heard of. */
const HEARD_WITHIN_MS = 10_000;

/** @returns undefined where it was taken away */
export async function loadSource(tx: Tx, sourceId: string): Promise<GitSource | undefined> {
  return (await tx.repository(GitSource).findOneBy({ orgId: tx.scope.orgId, sourceId })) ?? undefined;
}

/**
 * Holds a source alone until the transaction ends: its editors and its poll, one after the other and beside no delivery.
 * @param sourceId UUID
 * @returns undefined where it was taken away
 */
export async function holdSource(tx: Tx, sourceId: string): Promise<GitSource | undefined> {
  const where = { orgId: tx.scope.orgId, sourceId };
  return (await tx.repository(GitSource).findOne({ where, lock: { mode: 'pessimistic_write' } })) ?? undefined;
}

/**
 * Keeps a source as it is until the transaction ends; others may keep it so beside.
 * @param sourceId UUID
 * @returns undefined where it was taken away
 */
export async function shareSource(tx: Tx, sourceId: string): Promise<GitSource | undefined> {
  const where = { orgId: tx.scope.orgId, sourceId };
  return (await tx.repository(GitSource).findOne({ where, lock: { mode: 'for_key_share' } })) ?? undefined;
}

/** Notes when a source was last heard of, about: writing it down each time would have its deliveries wait for each other. */
export async function noteEvent(
  tx: Tx,
  { orgId, sourceId, lastEventAt }: Pick<GitSource, 'orgId' | 'sourceId' | 'lastEventAt'>,
): Promise<void> {
  if (lastEventAt !== null && tx.now.getTime() - lastEventAt.getTime() < HEARD_WITHIN_MS) return;
  await tx.query(
    `with free as materialized (
       select 1 from app.git_source where org_id = $1 and source_id = $2 for no key update skip locked)
     update app.git_source set last_event_at = $3 where org_id = $1 and source_id = $2 and exists (select 1 from free)`,
    [orgId, sourceId, tx.now],
  );
}

/** Notes that a source could be reached: it is looked at again in its own time. */
export async function noteReached(tx: Tx, source: GitSource): Promise<void> {
  await tx.query(
    `update app.git_source set state = 'ok', detail = null, failures = 0, next_poll_at = least(next_poll_at, $3)
     where org_id = $1 and source_id = $2 and (state <> 'ok' or failures > 0)`,
    [source.orgId, source.sourceId, new Date(tx.now.getTime() + source.pollMinutes * MINUTE_MS)],
  );
}

/**
 * Notes that a source was looked at.
 * @param detail what could not be seen of it; null: all of it was
 */
export async function noteLooked(tx: Tx, source: GitSource, detail: string | null): Promise<void> {
  await tx.query(
    `update app.git_source set state = 'ok', detail = $3, failures = 0, last_polled_at = $4
     where org_id = $1 and source_id = $2`,
    [source.orgId, source.sourceId, detail, tx.now],
  );
}

/**
 * Notes why a source could not be reached: the longer it fails, the later it is looked at again.
 * @param notBeforeMs from now, where the other side says so
 */
export async function noteUnreachable(tx: Tx, source: GitSource, detail: string, notBeforeMs = 0): Promise<void> {
  const after = Math.min(source.pollMinutes * MINUTE_MS * 2 ** Math.min(source.failures, DOUBLINGS_MAX), LONGEST_MS);
  await tx.query(
    `update app.git_source set state = 'failing', detail = $3, failures = failures + 1, next_poll_at = $4
     where org_id = $1 and source_id = $2`,
    [source.orgId, source.sourceId, detail, new Date(tx.now.getTime() + Math.max(after, notBeforeMs))],
  );
}

/**
 * Takes the next source that is due; it is due again when its minutes have passed, whatever becomes of this look.
 * @returns undefined where none is
 */
export async function takeDueSource(tx: Tx): Promise<GitSource | undefined> {
  const [row] = await tx.query<{ source_id: string }>(
    `with next as materialized (
       select s.source_id from app.git_source s where s.org_id = $1 and s.next_poll_at <= $2
       order by s.next_poll_at limit 1 for no key update skip locked)
     update app.git_source s set next_poll_at = $2::timestamptz + s.poll_minutes * interval '1 minute' from next
     where s.org_id = $1 and s.source_id = next.source_id returning s.source_id`,
    [tx.scope.orgId, tx.now],
  );
  return row === undefined ? undefined : loadSource(tx, row.source_id);
}
