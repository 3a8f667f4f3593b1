import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CountRecord, packMoves, packOpening, type CountMoved } from './count-record.rules.js';
import { unpackTable } from './count-table.rules.js';

const WIDTH = 3;
const DAY = Date.UTC(2026, 10, 24);

const aMove = fc.record({
  at: fc.integer({ min: 0, max: 86_399_999 }).map((offset) => DAY + offset),
  clusterId: fc.constantFrom('a', 'b', 'c'),
  key: fc.string({ maxLength: 3 }),
  by: fc
    .tuple(fc.integer(), fc.constant(0), fc.integer({ min: -5, max: 5 }))
    .map(([large, none, small]) => [large % 1e6, none, small]),
});
const aDay = fc.array(aMove, { maxLength: 30 }).map((moves) => moves.sort((a, b) => a.at - b.at));

/** Added one by one, by whom nothing is packed. */
function standAt(moves: readonly CountMoved[], at: number): Map<string, number[]> {
  const counts = new Map<string, number[]>();
  for (const move of moves.filter((one) => one.at <= at)) {
    const name = `${move.clusterId}/${move.key}`;
    counts.set(
      name,
      (counts.get(name) ?? [0, 0, 0]).map((count, column) => count + (move.by[column] ?? 0)),
    );
  }
  return new Map([...counts].filter(([, own]) => own.some((count) => count !== 0)));
}

function seen(record: CountRecord, at: number): Map<string, readonly number[]> {
  const { counts } = record.standAt(at);
  const rows = record.pairs
    .all()
    .map(
      ({ clusterId, key }, pair) =>
        [`${clusterId}/${key}`, Array.from(counts.subarray(pair * WIDTH, (pair + 1) * WIDTH))] as const,
    );
  return new Map(rows.filter(([, own]) => own.some((count) => count !== 0)));
}

describe('the record of counts', () => {
  it('stands at any moment as all moves up to it add up, packed or not', () => {
    fc.assert(
      fc.property(aDay, aDay, fc.integer({ min: 0, max: 2 * 86_400_000 }), (first, second, offset) => {
        const next = second.map((move) => ({ ...move, at: move.at + 86_400_000 }));
        const before = new CountRecord(WIDTH);
        for (const move of first) before.add(move);
        const record = new CountRecord(WIDTH);
        record.addOpening(packOpening(before));
        const since = DAY + 86_400_000;
        const days = [next.slice(0, 5), next.slice(5, 10)];
        record.addMoves(days.map((moves) => ({ table: unpackTable(packMoves(moves, since, WIDTH)), since })));
        for (const move of next.slice(10)) record.add(move);
        const at = Math.max(DAY + 86_400_000 - 1, DAY + offset);
        expect(seen(record, at)).toEqual(standAt([...first, ...next], at));
      }),
    );
  });

  it('of which nothing moved is empty', () => {
    const record = new CountRecord(WIDTH);
    record.addOpening(packOpening(new CountRecord(WIDTH)));
    record.addMoves([{ table: unpackTable(packMoves([], DAY, WIDTH)), since: DAY }]);
    expect([record.length, record.pairs.length]).toEqual([0, 0]);
  });
});
