import { Injectable } from '@nestjs/common';
import type { Scope } from '#kernel';
import { passAllTicks } from '#fleet';
import { Database, type Tx } from '#platform';
import { type ChangeRow, CHECKS, type CountKind, loadChangesUntil, loadRecord, OBJECTS } from './count-record.query.js';
import { type CountMoved, packMoves, packOpening } from './count-record.rules.js';
import { COUNT_TABLE_FORMAT } from './count-table.rules.js';

const DAY_MS = 86_400_000;
/** A transaction may still be under way that began before midnight. */
const GRACE_MS = 600_000;

/** Packs what moved, by the day, once a day has ended (UTC). */
@Injectable()
export class CountDays {
  constructor(private readonly database: Database) {}

  /**
   * Packs every day that has ended and in which something moved.
   * @param scope the platform's own
   * @returns how many days
   */
  async pack(scope: Scope): Promise<number> {
    for (let packed = 0; ; packed++) if (!(await this.database.run(scope, packNext))) return packed;
  }
}

/** @returns whether there was a day to be packed */
async function packNext(tx: Tx): Promise<boolean> {
  const rows = await tx.query<{ first: Date | null; packed_until: Date | null }>(
    `select least((select min(at) from app.compliance_change where org_id = $1),
       (select min(at) from app.object_count_change where org_id = $1)) as first,
       (select max(valid_to) from hist.compliance_day where org_id = $1) as packed_until`,
    [tx.scope.orgId],
  );
  const { first = null, packed_until: packedUntil = null } = rows[0] ?? {};
  if (first === null) return false;
  // What came later than its day was packed, if ever anything does, counts from the next day on.
  const begun = Math.max(Math.floor(first.getTime() / DAY_MS) * DAY_MS, packedUntil?.getTime() ?? 0);
  if (tx.now.getTime() < begun + DAY_MS + GRACE_MS) return false;
  await passAllTicks(tx);
  const day = { from: new Date(begun), to: new Date(begun + DAY_MS) };
  const checks = await packKind(tx, CHECKS, day);
  const objects = await packKind(tx, OBJECTS, day);
  const written = await tx.query(
    `insert into hist.compliance_day (org_id, valid_from, valid_to, format, opening, changes, objects_opening, objects_changes)
     values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing returning 1`,
    [
      tx.scope.orgId,
      day.from,
      day.to,
      COUNT_TABLE_FORMAT,
      checks.opening,
      checks.moves,
      objects.opening,
      objects.moves,
    ],
  );
  return written.length > 0;
}

/** Takes a day's moves out of what is not packed. */
async function packKind(
  tx: Tx,
  kind: CountKind,
  { from, to }: { from: Date; to: Date },
): Promise<{ opening: Buffer; moves: Buffer }> {
  const before = await loadRecord(tx, kind, new Date(from.getTime() - 1), new Date(from.getTime() - 1));
  const last = new Date(to.getTime() - 1);
  const moves = await loadChangesUntil(tx, kind, last);
  await tx.query(`delete from ${kind.changes} where org_id = $1 and at <= $2`, [tx.scope.orgId, last]);
  const moved = moves.map((row) => movedOf(row, from));
  return { opening: packOpening(before), moves: packMoves(moved, from.getTime(), kind.counted.length) };
}

function movedOf({ at, cluster_id: clusterId, key, by }: ChangeRow, from: Date): CountMoved {
  return { at: Math.max(at.getTime(), from.getTime()), clusterId, key, by };
}
