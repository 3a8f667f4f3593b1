import { parsePublicId, publicId } from '#kernel';

const NIL = '00000000-0000-0000-0000-000000000000';
const MARK = /^\d{1,15}$/;
const XID = /^\d{1,19}$/;

/**
 * A place in an organization's events, which are in the order of their transactions' ids, then of their own (F10). It is
 * an event, after which one goes on, or a mark before everything of a transaction.
 */
export interface LivePosition {
  /** A transaction's, as Postgres counts them; they do not fit a number. */
  xid: string;
  /** UUIDv7 of the event; the smallest one for a mark. */
  eventId: string;
  /** When it was, milliseconds since 1970. */
  at: number;
}

/** @returns the place of an event, by its transaction and its id (UUIDv7) */
export function positionOf(xid: string, eventId: string): LivePosition {
  return { xid, eventId, at: Number.parseInt(eventId.replace('-', '').slice(0, 12), 16) };
}

/** @returns the place before everything of a transaction, as it was looked for at a moment */
export function markBefore(xid: string, at: Date): LivePosition {
  return { xid, eventId: NIL, at: at.getTime() };
}

/** @returns as clients keep it and send it back: `<xid>-<event id>` */
export function positionText({ xid, eventId, at }: LivePosition): string {
  return `${xid}-${eventId === NIL ? String(at) : publicId('event', eventId)}`;
}

/** @returns the place, or null where the text names none */
export function parsePosition(text: string): LivePosition | null {
  const [xid = '', rest = '', ...more] = text.split('-');
  if (!XID.test(xid) || more.length > 0) return null;
  if (MARK.test(rest)) return { xid, eventId: NIL, at: Number(rest) };
  const eventId = parsePublicId('event', rest);
  return eventId === null ? null : positionOf(xid, eventId);
}

/** @returns whether `a` comes after `b` */
export function isAfter(a: Pick<LivePosition, 'xid' | 'eventId'>, b: LivePosition): boolean {
  const [mine, other] = [BigInt(a.xid), BigInt(b.xid)];
  return mine === other ? a.eventId > b.eventId : mine > other;
}
