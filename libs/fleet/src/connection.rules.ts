import type { Connection } from '#contracts';

/** Without a sign of life for this long a cluster is stale: its counts stay, with their age. */
export const STALE_AFTER_MS = 90_000;
/** And for this long, disconnected: what is counted there is unknown (V1). */
export const DISCONNECTED_AFTER_MS = 600_000;

export interface ConnectionStep {
  connection: Connection;
  since: Date;
}

/**
 * What a cluster's connection is, by the clock alone: right though nobody has recorded it yet.
 * @param lastSeenAt its last sign of life; null where there never was one
 * @param now the platform's time
 */
export function connectionAt(lastSeenAt: Date | null, now: Date): Connection {
  if (lastSeenAt === null) return 'pending';
  const silent = now.getTime() - lastSeenAt.getTime();
  if (silent >= DISCONNECTED_AFTER_MS) return 'disconnected';
  return silent >= STALE_AFTER_MS ? 'stale' : 'connected';
}

/**
 * What a cluster's connection was at a moment.
 * @param recorded the state in the database, and the last sign of life
 * @param past the state that was over later, where the moment lies in one
 * @param moment not after now
 * @returns the state, and since when it had not been heard of at most; null where it never had been
 */
export function connectionThen(
  recorded: ConnectionStep & { lastSeenAt: Date | null },
  past: ConnectionStep | undefined,
  moment: Date,
): { connection: Connection; seenAfter: Date | null } {
  const { lastSeenAt } = recorded;
  if (past === undefined && (lastSeenAt === null || lastSeenAt <= moment))
    return { connection: connectionAt(lastSeenAt, moment), seenAfter: lastSeenAt };
  const { connection, since } = past ?? recorded;
  return { connection, seenAfter: seenAfter(connection, since, moment) };
}

/** Between two signs of life of a connected cluster lies less than what makes it stale. */
function seenAfter(connection: Connection, since: Date, moment: Date): Date | null {
  switch (connection) {
    case 'pending':
      return null;
    case 'connected':
      return new Date(Math.max(since.getTime(), moment.getTime() - STALE_AFTER_MS));
    case 'stale':
      return new Date(since.getTime() - STALE_AFTER_MS);
    case 'disconnected':
      return new Date(since.getTime() - DISCONNECTED_AFTER_MS);
  }
}

/**
 * The states a cluster went through since the last one was recorded, each from the moment its clock ran out.
 * @param recorded the state in the database
 * @param lastSeenAt the last sign of life before now
 * @param now the platform's time
 * @returns in order, without the recorded one; empty where nothing changed
 */
export function stepsSince(recorded: ConnectionStep, lastSeenAt: Date | null, now: Date): ConnectionStep[] {
  if (lastSeenAt === null) return [];
  const ladder: ConnectionStep[] = [
    { connection: 'connected', since: lastSeenAt },
    { connection: 'stale', since: new Date(lastSeenAt.getTime() + STALE_AFTER_MS) },
    { connection: 'disconnected', since: new Date(lastSeenAt.getTime() + DISCONNECTED_AFTER_MS) },
  ];
  const reached = ladder.filter((step) => step.since <= now);
  const from = reached.findIndex((step) => step.connection === recorded.connection);
  return reached
    .slice(from + 1)
    .map((step) => ({ ...step, since: step.since < recorded.since ? recorded.since : step.since }));
}
