import { AsyncLocalStorage } from 'node:async_hooks';
import pLimit from 'p-limit';
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

/** At most this share of the connections is held by requests that are one transaction: the others always find one. */
const HELD_SHARE = 2;
/** And at most this many by one organization, so that its slow ones don't keep those of others waiting. */
const HELD_PER_ORGANIZATION = 2;

/** The one door to tenant data (T4). */
export class Database {
  readonly dataSource: DataSource;
  private readonly sinks: TransactionSink[];
  /** What this flow of control belongs to. One storage for all: Node walks every one there is at every promise. */
  private readonly flow = new AsyncLocalStorage<{ whole: WholeTransaction; inside: boolean }>();
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
    return this.transaction(scope, async (unit) => {
      const result = await work(unit);
      for (const sink of this.sinks) await sink.flush(unit, unit.events, unit.entries);
      return result;
    });
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
      this.transaction(scope, async (unit, runner) => {
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
      });
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

  /** What follows a savepoint follows the whole transaction. */
  handFollowUps(outer: UnitOfWork): void {
    outer.followUps.push(...this.followUps);
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

/** One transaction that several calls of `run` belong to, each in a savepoint: what one of them throws undoes it alone. */
class WholeTransaction {
  private readonly joined: UnitOfWork[] = [];
  private readonly turns = pLimit(1);
  private closed = false;

  constructor(
    private readonly outer: UnitOfWork,
    private readonly runner: QueryRunner,
    private readonly sinks: readonly TransactionSink[],
  ) {}

  /** Whether it takes this call in: not those of other organizations, nor of what went on after its end. */
  takesIn(scope: Scope): boolean {
    return !this.closed && scope.orgId === this.outer.scope.orgId;
  }

  /** Savepoints nest and can't interleave: calls that come at the same time wait for each other. */
  join<Result>(scope: Scope, work: (tx: Tx) => Promise<Result>): Promise<Result> {
    return this.turns(() => this.savepoint(scope, work));
  }

  /** Takes nothing in any more, and waits for what was taken. */
  async close(): Promise<void> {
    this.closed = true;
    await this.turns(() => undefined);
  }

  /** The audit log's head is locked here, as the last statements, whoever wrote to it before (J1). */
  async flush(): Promise<void> {
    for (const unit of [...this.joined, this.outer])
      for (const sink of this.sinks) await sink.flush(unit, [], unit.entries);
  }

  /** Runs what comes from inside of a call that was taken in. */
  async savepoint<Result>(scope: Scope, work: (tx: Tx) => Promise<Result>): Promise<Result> {
    const unit = new UnitOfWork(scope, this.runner);
    unit.now = this.outer.now;
    await this.runner.startTransaction();
    try {
      const result = await work(unit);
      for (const sink of this.sinks) await sink.flush(unit, unit.events, []);
      await this.runner.commitTransaction();
      this.joined.push(unit);
      unit.handFollowUps(this.outer);
      return result;
    } catch (error) {
      await this.runner.rollbackTransaction();
      throw error;
    }
  }
}
