import pg from 'pg';
import { DataSource, type EntityManager, type ObjectLiteral, type QueryRunner, type Repository } from 'typeorm';
import type { Clock, Scope } from '#kernel';
import { SnakeNamingStrategy } from './naming-strategy.js';

// Counts are bigint in SQL and fit a number; timestamps carry milliseconds, as `tx.now` gives them.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

/** What happened, for those to the right of it: kept in the outbox until they have taken it (J1). */
export interface DomainEvent {
  topic: string;
  payload: Record<string, unknown>;
}

/** One line of the audit log: the rest (who, when, the chain) is added when it is written. */
export interface AuditEntry {
  action: string;
  subject: string;
  before?: unknown;
  after?: unknown;
}

/** One transaction of one organization. */
export interface Tx {
  readonly scope: Scope;
  /** The platform's commit time (P2), in whole milliseconds. */
  readonly now: Date;
  /** Runs SQL as the organization; rows come as plain objects. */
  query<Row = Record<string, unknown>>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
  /** TypeORM's repository of an entity, inside this transaction. */
  repository<Entity extends ObjectLiteral>(entity: new () => Entity): Repository<Entity>;
  /** Leaves an event in the outbox, committed with the rest. */
  emit(event: DomainEvent): void;
  /** Leaves a line in the audit log, committed with the rest. */
  audit(entry: AuditEntry): void;
  /** Runs after the commit, never after a rollback; a failure there is logged and changes nothing. */
  afterCommit(action: () => void): void;
}

/** Writes what a transaction collected, as its last statements before the commit. */
export interface TransactionSink {
  flush(tx: Tx, events: readonly DomainEvent[], entries: readonly AuditEntry[]): Promise<void>;
}

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

/** The one door to tenant data (T4). */
export class Database {
  readonly dataSource: DataSource;
  private readonly sinks: TransactionSink[];

  constructor(private readonly options: DatabaseOptions) {
    this.sinks = [...options.sinks];
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
    const runner = this.dataSource.createQueryRunner();
    await runner.connect();
    const unit = new UnitOfWork(scope, runner);
    try {
      await runner.startTransaction();
      await unit.begin(this.options.clock);
      const result = await work(unit);
      for (const sink of this.sinks) await sink.flush(unit, unit.events, unit.entries);
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
   * Asks one of the `SECURITY DEFINER` functions that stand outside every tenant: exact keys only (T3).
   * @param sql a call of a function in `directory` or of a `dangerously_…` function
   * @param parameters its arguments
   */
  async dangerouslyAskDirectory<Row>(sql: string, parameters: readonly unknown[]): Promise<Row[]> {
    return (await this.dataSource.query(sql, [...parameters])) as Row[];
  }
}

class UnitOfWork implements Tx {
  now = new Date(0);
  readonly events: DomainEvent[] = [];
  readonly entries: AuditEntry[] = [];
  private followUps: (() => void)[] = [];

  constructor(
    readonly scope: Scope,
    private readonly runner: QueryRunner,
  ) {}

  async begin(clock: Clock | undefined): Promise<void> {
    const rows = await this.query<{ now: Date }>(
      `select set_config('bylaw.org_id', $1, true), date_trunc('milliseconds', clock_timestamp()) as now`,
      [this.scope.orgId],
    );
    this.now = clock === undefined ? (rows[0]?.now ?? new Date(0)) : new Date(clock.now());
  }

  async query<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    const result: unknown = await this.runner.query(sql, [...parameters], true).then((answer) => answer.records ?? []);
    return result as Row[];
  }

  repository<Entity extends ObjectLiteral>(entity: new () => Entity): Repository<Entity> {
    return (this.runner.manager as EntityManager).getRepository(entity);
  }

  emit(event: DomainEvent): void {
    this.events.push(event);
  }

  audit(entry: AuditEntry): void {
    this.entries.push(entry);
  }

  afterCommit(action: () => void): void {
    this.followUps.push(action);
  }

  dropFollowUps(): void {
    this.followUps = [];
  }

  followUp(onError: (error: unknown) => void): void {
    for (const action of this.followUps) {
      try {
        action();
      } catch (error) {
        onError(error);
      }
    }
  }
}
