import { LRUCache } from 'lru-cache';
import type { ReadTx } from '#platform';
import { CountRecord } from './count-record.rules.js';
import { type CountTable, unpackTable } from './count-table.rules.js';

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

/** What all organizations' days that are kept unpacked may take, in bytes. */
const UNPACKED_BYTES_MAX = 64 * 1024 * 1024;

/** Days that were looked at lately: they have ended, and never change (P1). */
const unpacked = new LRUCache<string, CountTable>({ maxSize: UNPACKED_BYTES_MAX, sizeCalculation: bytesOfTable });

interface DayRow {
  valid_from: Date;
  valid_to: Date;
  packed_until: Date;
  opening: Buffer | null;
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
     select d.valid_from, d.valid_to, case when d.valid_from = base.begun then d.${kind.opening} end as opening,
       (select max(valid_to) from hist.compliance_day where org_id = $1) as packed_until
     from hist.compliance_day d, base
     where d.org_id = $1 and d.valid_from >= base.begun and d.valid_from <= coalesce($3, 'infinity'::timestamptz)
     order by d.valid_from`,
    [tx.scope.orgId, from, to],
  );
  const record = new CountRecord(kind.counted.length);
  for (const { opening } of days) if (opening !== null) record.addOpening(opening);
  record.addMoves(await loadMoves(tx, kind, days));
  const packedUntil = days[0]?.packed_until.getTime() ?? Number.NEGATIVE_INFINITY;
  for (const { at, cluster_id: clusterId, key, by } of changes)
    if (at.getTime() >= packedUntil) record.add({ at: at.getTime(), clusterId, key, by });
  return record;
}

/** Of the days that this process has not at hand, in one statement. */
async function loadMoves(
  tx: ReadTx,
  kind: CountKind,
  days: readonly DayRow[],
): Promise<{ table: CountTable; since: number }[]> {
  const keyOf = ({ valid_from: from, valid_to: to }: Pick<DayRow, 'valid_from' | 'valid_to'>): string =>
    `${tx.scope.orgId}/${kind.moves}/${from.getTime()}/${to.getTime()}`;
  const tables = new Map(days.map((day) => [keyOf(day), unpacked.get(keyOf(day))]));
  const missing = days.filter((day) => tables.get(keyOf(day)) === undefined);
  if (missing.length > 0) {
    const rows = await tx.query<Pick<DayRow, 'valid_from' | 'valid_to'> & { moves: Buffer }>(
      `select d.valid_from, d.valid_to, d.${kind.moves} as moves
       from unnest($2::timestamptz[], $3::timestamptz[]) as w (valid_from, valid_to)
         join hist.compliance_day d on d.org_id = $1 and d.valid_from = w.valid_from and d.valid_to = w.valid_to`,
      [tx.scope.orgId, missing.map((day) => day.valid_from), missing.map((day) => day.valid_to)],
    );
    for (const row of rows) {
      const table = unpackTable(row.moves);
      tables.set(keyOf(row), table);
      unpacked.set(keyOf(row), table);
    }
  }
  return days.flatMap((day) => {
    const table = tables.get(keyOf(day));
    return table === undefined ? [] : [{ table, since: day.valid_from.getTime() }];
  });
}

function bytesOfTable({ clusters, keys, columns }: CountTable): number {
  const names = [...clusters, ...keys].reduce((sum, name) => sum + name.length, 0);
  return 1 + names + columns.reduce((sum, column) => sum + column.byteLength, 0);
}
