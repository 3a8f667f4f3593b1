import type { Scope } from '#kernel';
import type { LiveEvent, LiveTopic } from '#contracts';
import type { Database } from './database.js';
import { isAfter, markBefore, positionOf, type LivePosition } from './live-position.rules.js';
import type { Tx } from './transaction.js';

/** Wakes those who follow an organization; what there is to see they read themselves (F10). */
export const LIVE_CHANNEL = 'bylaw_live';
/** Who comes back later than this has to load everything anew. */
export const RESUMABLE_MS = 3_600_000;
const BATCH = 200;

/** One event at its place. */
export interface PlacedEvent {
  position: LivePosition;
  topic: LiveTopic;
  payload: LiveEvent['payload'];
}

/** What was found after a place. */
export interface LiveRead {
  events: PlacedEvent[];
  /** Everything before it was read. */
  position: LivePosition;
  /** There is more to be read at once. */
  more: boolean;
  /** Something is committed already, but has to wait for a transaction that is older and still open. */
  held: boolean;
}

/** Tells those who look on what happened; it is committed with the rest of the transaction. */
export function emitLive(tx: Tx, event: LiveEvent): void {
  tx.emit(event);
}

interface Row {
  xmin: string;
  xmax: string;
  xid: string | null;
  event_id: string;
  topic: LiveTopic;
  payload: LiveEvent['payload'];
}

/**
 * An organization's events in an order in which nothing appears behind one who has gone on: only those are read whose
 * transaction is older than every one that is still open (F10).
 */
export class LiveEvents {
  constructor(private readonly database: Database) {}

  /**
   * @param scope the organization
   * @returns the place from which on everything is still to come
   */
  async present(scope: Scope): Promise<LivePosition> {
    return this.database.run(scope, async (tx) => {
      const rows = await tx.query<{ xmin: string }>('select pg_snapshot_xmin(pg_current_snapshot())::text as xmin');
      return markBefore(rows[0]?.xmin ?? '0', tx.now);
    });
  }

  /**
   * Reads on.
   * @param scope the organization
   * @param from a place of this organization
   * @returns undefined where what followed that place may be gone already, or the place is none of this database's
   */
  async after(scope: Scope, from: LivePosition): Promise<LiveRead | undefined> {
    return this.database.run(scope, async (tx) => {
      if (tx.now.getTime() - from.at > RESUMABLE_MS) return undefined;
      const rows = await tx.query<Row>(
        `select s.xmin, s.xmax, e.* from (
           select pg_snapshot_xmin(pg_current_snapshot())::text as xmin, pg_snapshot_xmax(pg_current_snapshot())::text as xmax) s
         left join lateral (
           select o.xid::text as xid, o.event_id, o.topic, o.payload from app.outbox o
           where o.org_id = $1 and o.live and (o.xid, o.event_id) > ($2::xid8, $3::uuid)
           order by o.xid, o.event_id limit ${BATCH}) e on true`,
        [scope.orgId, from.xid, from.eventId],
      );
      const { xmin = '0', xmax = '0' } = rows[0] ?? {};
      if (BigInt(from.xid) > BigInt(xmax)) return undefined;
      return readOf(rows, markBefore(xmin, tx.now), from);
    });
  }
}

function readOf(rows: readonly Row[], mark: LivePosition, from: LivePosition): LiveRead {
  const found = rows.flatMap(({ xid, event_id: eventId, topic, payload }): PlacedEvent[] =>
    xid === null ? [] : [{ position: positionOf(xid, eventId), topic, payload }],
  );
  const events = found.filter(({ position }) => isAfter(mark, position));
  const held = events.length < found.length;
  const more = events.length === BATCH;
  const last = events.at(-1)?.position ?? from;
  return { events, position: more || !isAfter(mark, last) ? last : mark, more, held };
}
