import { type CountTable, packTable, unpackTable } from './count-table.rules.js';

/** One move: of what, when, by how much. */
export interface CountMoved extends CountPair {
  /** Milliseconds since 1970. */
  at: number;
  by: readonly number[];
}

/** A key is a check's number, or a namespace. */
export interface CountPair {
  clusterId: string;
  key: string;
}

/** Gives the pairs of clusters and keys numbers, from 0 on. */
class CountPairs {
  private readonly list: CountPair[] = [];
  private readonly clusters = new Places();
  private readonly keys = new Places();
  /** By the places of cluster and key. */
  private readonly numbers: (number | undefined)[][] = [];

  get length(): number {
    return this.list.length;
  }

  /** @returns by number */
  all(): readonly CountPair[] {
    return this.list;
  }

  numberOf(clusterId: string, key: string): number {
    return this.numberAt(this.clusters.of(clusterId), this.keys.of(key), clusterId, key);
  }

  /** @returns the numbers of the pairs that a table's rows are about */
  numbersOf({ clusters, keys, columns: [clustersOfRows, keysOfRows] }: CountTable): Int32Array {
    const clusterPlaces = clusters.map((clusterId) => this.clusters.of(clusterId));
    const keyPlaces = keys.map((key) => this.keys.of(key));
    return clustersOfRows.map((cluster, row) => {
      const key = keysOfRows[row] ?? 0;
      return this.numberAt(clusterPlaces[cluster] ?? 0, keyPlaces[key] ?? 0, clusters[cluster] ?? '', keys[key] ?? '');
    });
  }

  private numberAt(cluster: number, keyPlace: number, clusterId: string, key: string): number {
    const ofCluster = (this.numbers[cluster] ??= []);
    return (ofCluster[keyPlace] ??= this.list.push({ clusterId, key }) - 1);
  }
}

/** Gives names places, from 0 on. */
class Places {
  private readonly places = new Map<string, number>();

  /** In the order of their places. */
  get names(): string[] {
    return [...this.places.keys()];
  }

  of(name: string): number {
    const known = this.places.get(name);
    if (known !== undefined) return known;
    const place = this.places.size;
    this.places.set(name, place);
    return place;
  }
}

/** How an organization's counts stood at a moment, and how they moved from there on, in order. */
export class CountRecord {
  readonly pairs = new CountPairs();
  /** When each move was, milliseconds since 1970. */
  times = new Float64Array(0);
  /** The number of the pair that each move is of. */
  moved = new Int32Array(0);
  /** By how much, `width` numbers a move. */
  by = new Int32Array(0);
  /** How many moves there are; what is behind them in the arrays is room for more. */
  length = 0;
  /** How the pairs stood at the beginning, `width` numbers each. */
  private readonly stood: number[] = [];

  /** @param width how many numbers are counted of each pair */
  constructor(readonly width: number) {}

  /**
   * @param at milliseconds since 1970; everything up to then and in it has happened
   * @returns the counts of all pairs, `width` numbers a pair, and the first move that comes later
   */
  standAt(at: number): { counts: Int32Array; next: number } {
    const counts = new Int32Array(this.pairs.length * this.width);
    counts.set(this.stood);
    let next = 0;
    while (next < this.length && (this.times[next] ?? 0) <= at) this.apply(next++, counts);
    return { counts, next };
  }

  /**
   * @param at milliseconds since 1970
   * @returns what each pair counts then, `width` numbers each
   */
  rowsAt(at: number): (CountPair & { counts: Int32Array })[] {
    const { width } = this;
    const { counts } = this.standAt(at);
    return this.pairs
      .all()
      .map((pair, index) => ({ ...pair, counts: counts.subarray(index * width, (index + 1) * width) }));
  }

  /** @param counts of all pairs, which the move changes */
  apply(move: number, counts: Int32Array): void {
    const { width } = this;
    const [to, from] = [(this.moved[move] ?? 0) * width, move * width];
    for (let column = 0; column < width; column++)
      counts[to + column] = (counts[to + column] ?? 0) + (this.by[from + column] ?? 0);
  }

  /** Adds a move, later than all others or together with the last. */
  add({ at, clusterId, key, by }: CountMoved): void {
    const move = this.room(1);
    this.times[move] = at;
    this.moved[move] = this.pairs.numberOf(clusterId, key);
    this.by.set(by, move * this.width);
  }

  /** Adds how counts stood, from `packOpening`; before anything else is added. */
  addOpening(packed: Buffer): void {
    const table = unpackTable(packed);
    const [, , ...counted] = table.columns;
    for (const [row, pair] of this.pairs.numbersOf(table).entries())
      for (const [column, numbers] of counted.entries()) this.stood[pair * this.width + column] = numbers[row] ?? 0;
  }

  /**
   * Adds moves of several days, in order.
   * @param days what `packMoves` made, unpacked, and the time that it was packed from: milliseconds since 1970
   */
  addMoves(days: readonly { table: CountTable; since: number }[]): void {
    // At once: room that grows is copied each time.
    this.reserve(this.length + days.reduce((sum, { table }) => sum + table.columns[0].length, 0));
    for (const { table, since } of days) this.addTable(table, since);
  }

  private addTable(table: CountTable, since: number): void {
    const [, , offsets = new Int32Array(0), ...by] = table.columns;
    const first = this.room(offsets.length);
    this.moved.set(this.pairs.numbersOf(table), first);
    for (let row = 0; row < offsets.length; row++) this.times[first + row] = since + (offsets[row] ?? 0);
    for (const [column, changes] of by.entries())
      for (let row = 0; row < changes.length; row++) this.by[(first + row) * this.width + column] = changes[row] ?? 0;
  }

  /** @returns the number of the first of so many moves that are to be added */
  private room(moves: number): number {
    const first = this.length;
    this.length += moves;
    if (this.length > this.times.length) this.reserve(Math.max(1_024, 2 * this.length));
    return first;
  }

  /** @param size how many moves there has to be room for */
  private reserve(size: number): void {
    if (size <= this.times.length) return;
    const { times, moved, by } = this;
    this.times = new Float64Array(size);
    this.times.set(times);
    this.moved = new Int32Array(size);
    this.moved.set(moved);
    this.by = new Int32Array(size * this.width);
    this.by.set(by);
  }
}

/**
 * @param record whose end is packed
 * @returns how counts stand after all moves; what counts nothing is left out
 */
export function packOpening(record: CountRecord): Buffer {
  const { width } = record;
  const rows = record
    .rowsAt(Number.POSITIVE_INFINITY)
    .filter((row) => row.counts.some((count) => count !== 0))
    .sort((a, b) => compare(a.clusterId, b.clusterId) || compare(a.key, b.key));
  const columns = Array.from({ length: width }, (_, column) => Int32Array.from(rows, (row) => row.counts[column] ?? 0));
  return packTable(tableOf(rows, columns));
}

/**
 * @param moves in order
 * @param since the beginning of their day, milliseconds since 1970
 * @param width how many numbers are counted
 */
export function packMoves(moves: readonly CountMoved[], since: number, width: number): Buffer {
  const by = Array.from({ length: width }, (_, column) => Int32Array.from(moves, (move) => move.by[column] ?? 0));
  return packTable(tableOf(moves, [Int32Array.from(moves, ({ at }) => at - since), ...by]));
}

function tableOf(rows: readonly CountPair[], columns: readonly Int32Array[]): CountTable {
  const [clusters, keys] = [new Places(), new Places()];
  const places: [Int32Array, Int32Array] = [
    Int32Array.from(rows, ({ clusterId }) => clusters.of(clusterId)),
    Int32Array.from(rows, ({ key }) => keys.of(key)),
  ];
  return { clusters: clusters.names, keys: keys.names, columns: [...places, ...columns] };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
