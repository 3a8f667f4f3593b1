/** Collects the conditions of a query, with their numbered parameters. */
export class Conditions {
  readonly parameters: unknown[];
  private readonly parts: string[] = [];

  /** @param first the value of `$1`, which the query itself names: the organization */
  constructor(first: unknown) {
    this.parameters = [first];
  }

  /** @param condition SQL in which each `?` stands for the next value */
  add(condition: string, ...values: unknown[]): void {
    let next = 0;
    this.parts.push(condition.replaceAll('?', () => `$${this.parameters.push(values[next++])}`));
  }

  /** @returns the numbered parameter that stands for a value elsewhere in the query */
  parameter(value: unknown): string {
    return `$${this.parameters.push(value)}`;
  }

  /** What follows a query's own `where`. */
  get sql(): string {
    return this.parts.map((part) => ` and ${part}`).join('');
  }
}
