import { AsyncLocalStorage } from 'node:async_hooks';
import pLimit from 'p-limit';
import pg from 'pg';
import { DataSource, type QueryRunner } from 'typeorm';
import type { Clock, Scope } from '#kernel';
import { traced } from '#tracing';
import { SnakeNamingStrategy } from './naming-strategy.js';
import type { ReadTx, TransactionSink, Tx } from './transaction.js';
import { SharedReads } from './shared-reads.js';
import { AS_ORGANIZATION, UnitOfWork } from './unit-of-work.js';
import { WholeTransaction } from './whole-transaction.js';

// Counts are bigint in SQL and fit a number; timestamps carry milliseconds, as `tx.now` gives them.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

export interface DatabaseOptions {
  /** The application's login: owns nothing (T3). */
  url: string;
  entities: (new () => object)[];
  poolSize: number;
  sinks: readonly TransactionSink[];
  /** Tests and replay move time; production asks Postgres. */
  clock?: Clock;
  onAfterCommitError: (error: unknown) => void;
}

/** What was read in one way, and the platform's time. */
export interface Glance<Row> {
  rows: readonly Row[];
  now: Date;
}

/** At most this share of the connections is held by requests that are one transaction: the others always find one. */
const HELD_SHARE = 2;
/** And at most this many by one organization, so that its slow ones don't keep those of others waiting. */
const HELD_PER_ORGANIZATION = 2;

const TRANSACTION = { kind: 'client', attributes: { 'db.system.name': 'postgresql' } } as const;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function filledIn(sql: string, ids: readonly string[]): string {
  return sql.replace(/\$(\d+)/g, (_, nr: string) => {
    const id = ids[Number(nr) - 1] ?? '';
    if (!UUID.test(id)) throw new Error(`parameter ${nr} is no UUID`);
    return `'${id}'`;
  });
}

/** Sent together, and answered together. Where one fails, none of those behind it runs. */
async function statementsOf(client: pg.PoolClient, statements: readonly string[]): Promise<pg.QueryResultRow[][]> {
  try {
    const results = (await client.query(statements.join('; '))) as unknown as pg.QueryResult[];
    return results.map(({ rows }) => rows as pg.QueryResultRow[]);
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

/** The one door to tenant data (T4). */
export class Database {
  readonly dataSource: DataSource;
  private readonly sinks: TransactionSink[];
  /** What this flow of control belongs to. One storage for all: Node walks every one there is at every promise. */
  private readonly flow = new AsyncLocalStorage<{ whole: WholeTransaction; inside: boolean }>();
  private readonly glances = new SharedReads();
  private readonly turns: ReturnType<typeof pLimit>;
  private readonly turnsOf = new Map<string, ReturnType<typeof pLimit>>();

  constructor(private readonly options: DatabaseOptions) {
    this.sinks = [...options.sinks];
    this.turns = pLimit(Math.max(1, Math.floor(options.poolSize / HELD_SHARE)));
    this.dataSource = new DataSource({
      type: 'postgres',
      url: options.url,
      entities: options.entities,
      namingStrategy: new SnakeNamingStrategy(),
      synchronize: false,
      migrationsRun: false,
      poolSize: options.poolSize,
      installExtensions: false,
      applicationName: 'bylaw',
      extra: { idle_in_transaction_session_timeout: 60_000, statement_timeout: 120_000 },
    });
  }

  /** How many connections there are, and how many transactions wait for one. */
  get connections(): { used: number; idle: number; waiting: number } {
    const { master } = this.dataSource.driver as unknown as { master?: pg.Pool };
    if (master === undefined) return { used: 0, idle: 0, waiting: 0 };
    return { used: master.totalCount - master.idleCount, idle: master.idleCount, waiting: master.waitingCount };
  }

  /** Adds what is written at the end of every transaction; those added later write later. */
  addSink(sink: TransactionSink): void {
    this.sinks.push(sink);
  }

  /** Opens the pool. */
  async connect(): Promise<void> {
    await this.dataSource.initialize();
  }

  /** Closes the pool after what runs has ended. */
  async close(): Promise<void> {
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }

  /**
   * Runs work as one organization in one transaction: rows of others are not there, and state, audit entries and
   * events commit together or not at all (J1).
   * @param scope who, which organization, why
   * @param work what to do; its result is returned after the commit
   * @throws whatever `work` throws, after a rollback
   */
  async run<Result>(scope: Scope, work: (tx: Tx) => Promise<Result>): Promise<Result> {
    const flow = this.flow.getStore();
    if (flow?.whole.takesIn(scope) === true) {
      const { whole } = flow;
      if (flow.inside) return whole.savepoint(scope, work);
      return whole.join(scope, (tx) => this.flow.run({ whole, inside: true }, () => work(tx)));
    }
    return traced(scope, 'transaction', TRANSACTION, (within) =>
      this.transaction(within, async (unit) => {
        const result = await work(unit);
        for (const sink of this.sinks) await sink.flush(unit, unit.events, unit.entries);
        return result;
      }),
    );
  }

  /**
   * Reads a few rows as one organization in one way to Postgres and back, where `run` takes four: for what every request
   * asks. Those who ask the same together share an answer, which none of them may change.
   * @param scope who, which organization, why
   * @param sql one statement that only reads
   * @param ids its parameters, UUIDs alone: they are written into the text
   * @returns the rows, read after they were asked for, and the platform's time
   */
  async glance<Row>(scope: Scope, sql: string, ids: readonly string[]): Promise<Glance<Row>> {
    if (this.flow.getStore()?.whole.takesIn(scope) === true)
      return this.run(scope, async (tx) => ({ rows: await tx.query<Row>(sql, ids), now: tx.now }));
    const statements = ['begin read only', filledIn(AS_ORGANIZATION, [scope.orgId]), filledIn(sql, ids), 'commit'];
    return traced(scope, 'transaction', TRANSACTION, () =>
      this.glances.of(statements.join('; '), () => this.glanceOnce<Row>(statements)),
    );
  }

  private async glanceOnce<Row>(statements: readonly string[]): Promise<Glance<Row>> {
    const runner = this.dataSource.createQueryRunner();
    const client = (await runner.connect()) as pg.PoolClient;
    try {
      const [, [begun] = [], rows = []] = await statementsOf(client, statements);
      const { clock } = this.options;
      return { rows: rows as Row[], now: clock === undefined ? (begun?.['now'] as Date) : new Date(clock.now()) };
    } finally {
      await runner.release();
    }
  }

  /**
   * Makes one transaction of everything that `work` runs for the organization, `run` within it included: it commits
   * whole, or none of it does. The audit log is written last of all, as in any transaction.
   * @param scope who, which organization, why
   * @param work what to do; what it runs for other organizations commits by itself
   * @throws whatever `work` throws, after a rollback
   */
  async runWhole<Result>(scope: Scope, work: (tx: Tx) => Promise<Result>): Promise<Result> {
    const ofOrganization = this.turnsOf.get(scope.orgId) ?? pLimit(HELD_PER_ORGANIZATION);
    this.turnsOf.set(scope.orgId, ofOrganization);
    const turn = (): Promise<Result> =>
      traced(scope, 'transaction', TRANSACTION, (within) =>
        this.transaction(within, async (unit, runner) => {
          const whole = new WholeTransaction(unit, runner, this.sinks);
          const result = await this.flow.run({ whole, inside: false }, async () => {
            try {
              return await work(unit);
            } finally {
              await whole.close();
            }
          });
          await whole.flush();
          return result;
        }),
      );
    try {
      return await ofOrganization(() => this.turns(turn));
    } finally {
      if (ofOrganization.activeCount + ofOrganization.pendingCount === 0) this.turnsOf.delete(scope.orgId);
    }
  }

  private async transaction<Result>(
    scope: Scope,
    work: (unit: UnitOfWork, runner: QueryRunner) => Promise<Result>,
  ): Promise<Result> {
    const runner = this.dataSource.createQueryRunner();
    await runner.connect();
    const unit = new UnitOfWork(scope, runner);
    try {
      await runner.startTransaction();
      await unit.begin(this.options.clock);
      const result = await work(unit, runner);
      await runner.commitTransaction();
      return result;
    } catch (error) {
      unit.dropFollowUps();
      if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
      throw error;
    } finally {
      await runner.release();
      unit.followUp(this.options.onAfterCommitError);
    }
  }

  /**
   * Reads as one organization what is too much for memory, as it was at one moment: a transaction that only reads, open
   * while the result is taken. It ends, and its connection is free again, with the last item, when whoever takes them
   * stops early, and when they are not taken for a minute (`idle_in_transaction_session_timeout`).
   * @param scope who, which organization, why
   * @param signal ends the statement that runs, wherever it has come to
   * @param read what to read
   * @throws the signal's reason, and whatever `read` throws
   */
  async *stream<Item>(
    scope: Scope,
    signal: AbortSignal,
    read: (tx: ReadTx) => AsyncIterable<Item>,
  ): AsyncGenerator<Item, void, undefined> {
    const runner = this.dataSource.createQueryRunner();
    await runner.connect();
    let cancelled: Promise<unknown> | undefined;
    let cancel = (): void => undefined;
    try {
      const unit = new UnitOfWork(scope, runner);
      await runner.startTransaction('REPEATABLE READ');
      const backend = await unit.beginReading(this.options.clock);
      cancel = () => {
        cancelled ??= this.cancelStatement(backend);
      };
      signal.addEventListener('abort', cancel);
      signal.throwIfAborted();
      yield* read(unit);
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    } finally {
      signal.removeEventListener('abort', cancel);
      // While the connection is still ours: what is cancelled must not be the next one's statement.
      await cancelled;
      if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
      await runner.release();
    }
  }

  private async cancelStatement(backend: number): Promise<void> {
    await this.dataSource.query('select pg_cancel_backend($1)', [backend]).catch(() => undefined);
  }

  /**
   * Asks one of the `SECURITY DEFINER` functions that stand outside every tenant: exact keys only (T3).
   * @param sql a call of a function in `directory` or of a `dangerously_…` function
   * @param parameters its arguments
   */
  async dangerouslyAskDirectory<Row>(sql: string, parameters: readonly unknown[]): Promise<Row[]> {
    return (await this.dataSource.query(sql, [...parameters])) as Row[];
  }
}
