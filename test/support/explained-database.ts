import type { Scope } from '#kernel';
import type { Database, Tx } from '#platform';

const EXPLAINABLE = /^\s*(?:select|with|insert|update|delete)\b/i;

/** Runs what is asked of a database, and keeps the plan of each query, as the application's role sees it (P4). */
export class ExplainedDatabase {
  readonly plans: string[] = [];

  /** @param large tables that are too large to be read whole */
  constructor(
    private readonly database: Database,
    private readonly large: readonly string[],
  ) {}

  /**
   * Explains whatever is asked of the database while something is done, whoever asks.
   * @param work what is done
   */
  async during(work: () => Promise<void>): Promise<void> {
    const { database } = this;
    const run = database.run.bind(database);
    database.run = (scope, inside) => run(scope, (tx) => inside(this.explaining(tx)));
    try {
      await work();
    } finally {
      database.run = run;
    }
  }

  run<Result>(scope: Scope, work: (tx: Tx) => Promise<Result>): Promise<Result> {
    return this.database.run(scope, (tx) => work(this.explaining(tx)));
  }

  /** @returns plans that read all rows and put them in order, to show the first few: an index has them in order */
  wholeSorts(): string[] {
    return this.plans.filter((plan) => /(?<!Incremental )Sort {2}\(cost/.test(plan));
  }

  /** @returns the large tables that were read from their beginning to their end */
  sequentialScans(): string[] {
    return this.plans.flatMap((plan) => this.large.filter((table) => new RegExp(`Seq Scan on ${table}\\b`).test(plan)));
  }

  private explaining(tx: Tx): Tx {
    const query = async <Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> => {
      if (EXPLAINABLE.test(sql)) {
        const plan = await tx.query<{ 'QUERY PLAN': string }>(`explain ${sql}`, parameters);
        this.plans.push(plan.map((row) => row['QUERY PLAN']).join('\n'));
      }
      return tx.query<Row>(sql, parameters);
    };
    return new Proxy(tx, {
      // Its methods are called on itself: not all of what it has may be asked through others.
      get: (target, key) => {
        if (key === 'query') return query;
        const value: unknown = Reflect.get(target, key);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  }
}
