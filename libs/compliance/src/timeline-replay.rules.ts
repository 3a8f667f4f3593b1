import type { CountPair, CountRecord } from './count-record.rules.js';
import { SeriesMoves, UNKNOWN } from './series-moves.rules.js';

/** pass, fail, waived, error, skipped: what a pair's numbers are. */
const VERDICTS = 5;

/** Which series a pair belongs to; undefined: none that was asked for. */
export type SeriesOf = (pair: CountPair) => { key: string; name: string } | undefined;

/** A cluster was disconnected for so long; null: it is now. */
export interface Gap {
  clusterId: string;
  from: Date;
  to: Date | null;
}

/**
 * How counts move between the moments of a timeline, move by move: while its cluster is disconnected, what a pair counts is
 * unknown (V1, P3).
 * @param record from before the first moment
 * @param steps the moments, in order
 * @param gaps when clusters were disconnected in between; of one cluster they don't overlap
 * @param seriesOf what is asked for, and by what it is grouped
 * @returns as the steps of all cells would tell it
 */
export function replay(
  record: CountRecord,
  steps: readonly Date[],
  gaps: readonly Gap[],
  seriesOf: SeriesOf,
): SeriesMoves[] {
  const times = steps.map((step) => step.getTime());
  const [first = 0, last = 0] = [times[0], times.at(-1)];
  const { counts, next } = record.standAt(first);
  const alike = alikeOf(record, counts, next, last);
  const sums = new MoveSums(record.pairs.all().map(seriesOf), alike, times.length);
  const clusters = new ClusterStates(record, gaps);
  // How it stood at the first moment, where some clusters were disconnected already.
  clusters.turnUntil(first, () => undefined);
  for (const pair of record.pairs.all().keys()) sums.add(pair, 0, counts, pair, 1, clusters.isUnknown(pair));
  let step = 1;
  const stepOf = (at: number): number => {
    while ((times[step] ?? at) < at) step++;
    return step;
  };
  const turn = ({ at, pairs, unknown }: Turn): void => {
    for (const pair of pairs) {
      sums.add(pair, stepOf(at), counts, pair, -1, !unknown);
      sums.add(pair, stepOf(at), counts, pair, 1, unknown);
    }
  };
  for (let move = next; move < record.length && (record.times[move] ?? 0) <= last; move++) {
    const at = record.times[move] ?? 0;
    clusters.turnUntil(at, turn);
    record.apply(move, counts);
    const pair = record.moved[move] ?? 0;
    sums.add(pair, stepOf(at), record.by, move, 1, clusters.isUnknown(pair));
  }
  clusters.turnUntil(last, turn);
  return sums.all;
}

/** @returns by pair, whether it was counted both at the first moment and at the last */
function alikeOf(record: CountRecord, counts: Int32Array, next: number, last: number): boolean[] {
  const atLast = Int32Array.from(counts);
  for (let move = next; move < record.length && (record.times[move] ?? 0) <= last; move++) record.apply(move, atLast);
  return record.pairs.all().map((_, pair) => isCounted(counts, pair) && isCounted(atLast, pair));
}

function isCounted(counts: Int32Array, pair: number): boolean {
  for (let column = 0; column < VERDICTS; column++) if (counts[pair * VERDICTS + column] !== 0) return true;
  return false;
}

interface Edge {
  at: number;
  clusterId: string;
  unknown: boolean;
}

/** A cluster was lost, or came back. */
interface Turn {
  at: number;
  pairs: readonly number[];
  unknown: boolean;
}

/** Which clusters are disconnected at the moment that has been come to. */
class ClusterStates {
  private readonly pairsOf = new Map<string, number[]>();
  private readonly unknown: boolean[];
  private readonly edges: readonly Edge[];
  private next = 0;

  constructor(record: CountRecord, gaps: readonly Gap[]) {
    this.unknown = record.pairs.all().map(() => false);
    for (const [pair, { clusterId }] of record.pairs.all().entries()) {
      const pairs = this.pairsOf.get(clusterId);
      if (pairs === undefined) this.pairsOf.set(clusterId, [pair]);
      else pairs.push(pair);
    }
    this.edges = gaps
      .flatMap(({ clusterId, from, to }): Edge[] => [
        { at: from.getTime(), clusterId, unknown: true },
        ...(to === null ? [] : [{ at: to.getTime(), clusterId, unknown: false }]),
      ])
      .sort((a, b) => a.at - b.at || Number(a.unknown) - Number(b.unknown));
  }

  /** @param told of each turn up to this moment, before it counts */
  turnUntil(at: number, told: (turn: Turn) => void): void {
    for (let edge = this.edges[this.next]; edge !== undefined && edge.at <= at; edge = this.edges[++this.next]) {
      const pairs = this.pairsOf.get(edge.clusterId) ?? [];
      told({ at: edge.at, pairs, unknown: edge.unknown });
      for (const pair of pairs) this.unknown[pair] = edge.unknown;
    }
  }

  isUnknown(pair: number): boolean {
    return this.unknown[pair] === true;
  }
}

/** Sums moves by the series of their pairs. */
class MoveSums {
  private readonly byKey = new Map<string, SeriesMoves>();
  /** By pair; undefined where it was not asked for. */
  private readonly series: readonly (SeriesMoves | undefined)[];

  constructor(
    named: readonly ReturnType<SeriesOf>[],
    private readonly alike: readonly boolean[],
    moments: number,
  ) {
    this.series = named.map((one) => {
      if (one === undefined) return undefined;
      const known = this.byKey.get(one.key) ?? new SeriesMoves(one.key, one.name, moments);
      this.byKey.set(one.key, known);
      return known;
    });
  }

  get all(): SeriesMoves[] {
    return [...this.byKey.values()];
  }

  /**
   * @param numbers five a row
   * @param sign 1 to add them, -1 to take them away
   * @param unknown as what they count
   */
  add(pair: number, moment: number, numbers: Int32Array, row: number, sign: 1 | -1, unknown: boolean): void {
    const series = this.series[pair];
    if (series === undefined) return;
    const alike = this.alike[pair] === true;
    for (let column = 0; column < VERDICTS; column++) {
      const number = numbers[row * VERDICTS + column] ?? 0;
      if (number !== 0) series.add(moment, alike, unknown ? UNKNOWN : column, sign * number);
    }
  }
}
