import type { ReadTx } from '#platform';
import { CountRecord } from './count-record.rules.js';

/** What is counted of each check in each cluster: pass, fail, waived, error, skipped. */
export const CHECKS = {
  changes: 'app.compliance_change',
  key: 'check_id::text',
  counted: ['pass', 'fail', 'waived', 'error', 'skipped'],
  opening: 'opening',
  moves: 'changes',
} as const;

/** What is counted of the objects of each namespace in each cluster: judged, failing, excluded. */
export const OBJECTS = {
  changes: 'app.object_count_change',
  key: 'namespace',
  counted: ['judged', 'failing', 'excluded'],
  opening: 'objects_opening',
  moves: 'objects_changes',
} as const;

export type CountKind = typeof CHECKS | typeof OBJECTS;

interface DayRow {
  valid_from: Date;
  packed_until: Date;
  opening: Buffer | null;
  moves: Buffer;
}

export interface ChangeRow {
  at: Date;
  cluster_id: string;
  key: string;
  by: number[];
}

/**
 * @param kind of what
 * @param until a moment; null: all of them
 * @returns what moved and is not packed yet, in order
 */
export async function loadChangesUntil(tx: ReadTx, kind: CountKind, until: Date | null): Promise<ChangeRow[]> {
  return tx.query<ChangeRow>(
    `select at, cluster_id, ${kind.key} as key, array[${kind.counted.join(', ')}] as by from ${kind.changes}
     where org_id = $1 and at <= coalesce($2, 'infinity'::timestamptz) order by at`,
    [tx.scope.orgId, until],
  );
}

/**
 * How an organization's counts stood before a moment, and how they moved up to another: the days that have ended, packed, and
 * what moved since.
 * @param kind of what
 * @param from a moment; null: now
 * @param to a moment at or after it; null: now
 */
export async function loadRecord(
  tx: ReadTx,
  kind: CountKind,
  from: Date | null,
  to: Date | null,
): Promise<CountRecord> {
  // Before the days: what is packed in between is seen in both, and never in none.
  const changes = await loadChangesUntil(tx, kind, to);
  const days = await tx.query<DayRow>(
    `with base as (
       select coalesce(max(valid_from), '-infinity') as begun from hist.compliance_day
       where org_id = $1 and valid_from <= coalesce($2, 'infinity'::timestamptz))
     select d.valid_from, case when d.valid_from = base.begun then d.${kind.opening} end as opening, d.${kind.moves} as moves,
       (select max(valid_to) from hist.compliance_day where org_id = $1) as packed_until
     from hist.compliance_day d, base
     where d.org_id = $1 and d.valid_from >= base.begun and d.valid_from <= coalesce($3, 'infinity'::timestamptz)
     order by d.valid_from`,
    [tx.scope.orgId, from, to],
  );
  const record = new CountRecord(kind.counted.length);
  for (const { opening } of days) if (opening !== null) record.addOpening(opening);
  record.addMoves(days.map(({ valid_from: begun, moves }) => ({ packed: moves, since: begun.getTime() })));
  const packedUntil = days[0]?.packed_until.getTime() ?? Number.NEGATIVE_INFINITY;
  for (const { at, cluster_id: clusterId, key, by } of changes)
    if (at.getTime() >= packedUntil) record.add({ at: at.getTime(), clusterId, key, by });
  return record;
}
