/** By how much counts of two kinds moved, as runs note it: what moves at one time in one place is one row. */
export class RecordedMoves<Place extends readonly unknown[]> {
  private readonly moves = new Map<string, { at: number; place: Place; by: number[] }>();

  /**
   * @param at milliseconds since 1970
   * @param place whose counts
   * @param by of each number
   */
  add(at: number, place: Place, by: readonly number[]): void {
    const key = `${at}/${place.join('/')}`;
    const move = this.moves.get(key) ?? { at, place, by: by.map(() => 0) };
    this.moves.set(key, move);
    move.by = move.by.map((sum, index) => sum + (by[index] ?? 0));
  }

  /**
   * @param length of a day, milliseconds
   * @returns by day, rows of time, place and numbers, in the order of time
   */
  rowsByDay(length: number): Map<number, unknown[][]> {
    const days = new Map<number, unknown[][]>();
    const moves = [...this.moves.values()].filter(({ by }) => by.some((number) => number !== 0));
    for (const { at, place, by } of moves.sort((a, b) => a.at - b.at)) {
      const day = Math.floor(at / length);
      const rows = days.get(day) ?? [];
      days.set(day, rows);
      rows.push([new Date(at), ...place, ...by]);
    }
    return days;
  }

  /** @returns what the numbers of each place come to */
  sums(): [Place, number[]][] {
    const sums = new Map<string, [Place, number[]]>();
    for (const { place, by } of this.moves.values()) {
      const sum = sums.get(place.join('/')) ?? [place, by.map(() => 0)];
      sums.set(place.join('/'), [place, sum[1].map((number, index) => number + (by[index] ?? 0))]);
    }
    return [...sums.values()];
  }
}
