/** The foremost of many, kept while they come: what is behind them is counted and forgotten. */
export class Foremost<Item> {
  private kept: Item[] = [];
  private count = 0;

  /**
   * @param limit how many are kept
   * @param compare below 0 where the first comes before
   */
  constructor(
    private readonly limit: number,
    private readonly compare: (a: Item, b: Item) => number,
  ) {}

  add(item: Item): void {
    this.count++;
    this.kept.push(item);
    if (this.kept.length >= 4 * this.limit) this.cut();
  }

  /** @returns the foremost in order, and how many there are beside them */
  take(): { items: Item[]; omitted: number } {
    this.cut();
    return { items: this.kept, omitted: this.count - this.kept.length };
  }

  private cut(): void {
    this.kept = this.kept.sort(this.compare).slice(0, this.limit);
  }
}
